"""All that exists on the sandbox's Discord, in memory, and how to build it. What tells of changes: see `places`."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import NoReturn

from bot.sandbox.errors import unknown
from bot.sandbox.model import (
    Application,
    Attachment,
    Channel,
    ChannelKind,
    Guild,
    Member,
    Overwrite,
    Role,
    User,
)
from bot.sandbox.oauth.grants import Grants
from bot.sandbox.permissions import EVERYONE, MODERATION_BOT, PRIVILEGED_INTENTS
from bot.sandbox.snowflake import Snowflakes


def _utc_now() -> datetime:
    return datetime.now(UTC)


class World:
    """Users, applications, guilds, channels and files by id.

    `clock` gives the time everywhere in the sandbox, so that a test may move it. Lookups by id raise ApiError
    with Discord's code for the unknown thing.
    """

    def __init__(self, clock: Callable[[], datetime] = _utc_now) -> None:
        """An empty world."""
        self.clock = clock
        self.users: dict[int, User] = {}
        self.applications: dict[int, Application] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.files: dict[str, Attachment] = {}
        self.grants = Grants(self.now)
        self._snowflakes = Snowflakes()
        self._tokens: dict[str, User] = {}
        self._dms: dict[frozenset[int], Channel] = {}

    def now(self) -> datetime:
        """The time, in UTC."""
        return self.clock()

    def new_id(self, at: datetime | None = None) -> int:
        """A new snowflake, for now unless told otherwise."""
        return self._snowflakes.at(at or self.now())

    # Building

    def add_user(
        self,
        name: str,
        *,
        bot: bool = False,
        global_name: str | None = None,
        discriminator: str = "0",
        dms_closed: bool = False,
    ) -> User:
        """A new account; a bot that should log in is made with `add_application` instead."""
        user = User(self.new_id(), name, secrets.token_urlsafe(32), global_name, discriminator, bot, None, dms_closed)
        self.users[user.id] = user
        self._tokens[user.token] = user
        return user

    def add_application(
        self,
        name: str,
        *,
        owner: User | None = None,
        intents: int = PRIVILEGED_INTENTS,
        redirect_uris: Iterable[str] = (),
    ) -> Application:
        """A new application with its bot user; `intents` are the privileged intents switched on for it.

        `redirect_uris` are the addresses to which OAuth2 may send users back.
        """
        bot = self.add_user(name, bot=True, discriminator="0001")
        application = Application(
            bot.id,
            name,
            bot,
            owner or self.add_user(f"{name}-owner"),
            intents,
            secrets.token_urlsafe(24),
            frozenset(redirect_uris),
        )
        bot.application_id = application.id
        self.applications[application.id] = application
        return application

    def add_guild(self, name: str, owner: User, *, everyone: int = EVERYONE) -> Guild:
        """A new guild without channels; `everyone` are the permission bits of @everyone. The owner joins."""
        guild = Guild(self.new_id(), name, owner)
        guild.roles[guild.id] = Role(guild.id, "@everyone", everyone, 0)
        self.guilds[guild.id] = guild
        self.join(guild, owner)
        return guild

    def add_role(
        self, guild: Guild, name: str, permissions: int = 0, *, color: int = 0, managed_by: User | None = None
    ) -> Role:
        """A new role above all others of the guild."""
        position = max(role.position for role in guild.roles.values()) + 1
        role = Role(self.new_id(), name, permissions, position, color)
        role.managed_by = managed_by.id if managed_by else None
        guild.roles[role.id] = role
        return role

    def add_channel(
        self,
        guild: Guild,
        name: str,
        kind: ChannelKind = ChannelKind.TEXT,
        *,
        overwrites: Iterable[Overwrite] = (),
        parent: Channel | None = None,
        topic: str | None = None,
    ) -> Channel:
        """A new channel at the guild's end."""
        channel = Channel(self.new_id(), kind, name, guild, position=len(guild.channels), topic=topic)
        channel.parent_id = parent.id if parent else None
        channel.overwrites = {overwrite.id: overwrite for overwrite in overwrites}
        guild.channels[channel.id] = channel
        self.channels[channel.id] = channel
        return channel

    def join(self, guild: Guild, user: User, roles: Iterable[Role] = ()) -> Member:
        """Make a user a member, with roles, without an event; a member already is returned with them added."""
        member = guild.members.setdefault(user.id, Member(user, self.now()))
        member.roles.update(role.id for role in roles)
        return member

    def invite(self, guild: Guild, application: Application, permissions: int = MODERATION_BOT) -> Member:
        """Add an application's bot with a role of its own, as the invite link does."""
        role = self.add_role(guild, application.name, permissions, managed_by=application.bot)
        return self.join(guild, application.bot, [role])

    def dm(self, one: User, other: User) -> Channel:
        """The direct-message channel of two users, made on first use."""
        pair = frozenset((one.id, other.id))
        if pair not in self._dms:
            channel = Channel(self.new_id(), ChannelKind.DM, "", recipients=[one, other])
            self._dms[pair] = channel
            self.channels[channel.id] = channel
        return self._dms[pair]

    def dms_of(self, user: User) -> list[Channel]:
        """A user's direct-message channels, those made last at the end."""
        return [channel for channel in self._dms.values() if user in channel.recipients]

    # Looking up

    def token(self, user: User) -> str:
        """The user's token, without the word `Bot`."""
        return user.token

    def by_token(self, token: str) -> User | None:
        """Whose token this is."""
        return self._tokens.get(token)

    def user(self, user_id: int) -> User:
        """The user, or Unknown User."""
        return self.users.get(user_id) or _refuse("user")

    def guild(self, guild_id: int) -> Guild:
        """The guild, or Unknown Guild."""
        return self.guilds.get(guild_id) or _refuse("guild")

    def channel(self, channel_id: int) -> Channel:
        """The channel, thread or direct-message channel, or Unknown Channel."""
        return self.channels.get(channel_id) or _refuse("channel")

    def member(self, guild: Guild, user_id: int) -> Member:
        """The member; Unknown User if nobody has the id, Unknown Member if they are not in the guild."""
        return guild.members.get(self.user(user_id).id) or _refuse("member")

    def share_a_guild(self, one: User, other: User) -> bool:
        """Whether both are in some guild, which a direct message needs."""
        return any(one.id in guild.members and other.id in guild.members for guild in self.guilds.values())


def _refuse(what: str) -> NoReturn:
    raise unknown(what)
