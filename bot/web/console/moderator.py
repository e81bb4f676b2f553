"""Somebody who signed in: sees the servers that they moderate, and there what they may see as a member."""

from __future__ import annotations

from dataclasses import dataclass

import discord

from bot.discord_io.refusal import NotAllowedError
from bot.discord_io.sight import Sight
from bot.discord_io.standing import require_active, standing_beyond_timeout, standing_of
from bot.domain.access import CONTENTS, Standing, Use, may_use
from bot.domain.guild import GuildSettings
from bot.language import tr
from bot.store import Store
from bot.web.console.discord_oauth import Identity
from bot.web.console.memberships import Memberships
from bot.web.console.times import written
from bot.web.console.visitor import Entry, UnknownServerError


class Moderator:
    """One user of Discord. What they may is looked at anew with every request."""

    def __init__(self, who: Identity, guilds: Guilds) -> None:
        """Of the servers that the bot is on."""
        self._who = who
        self._guilds = guilds

    @property
    def name(self) -> str:
        """The name that they had when they signed in."""
        return self._who.name

    async def servers(self) -> list[discord.Guild]:
        """The servers on which they may use something of the console, by name."""
        members = await self._guilds.members.among(self._guilds.client.guilds, self._who.user_id)
        found = [member.guild for member in members if await self._guilds.admits(member)]
        return sorted(found, key=lambda one: (one.name.casefold(), one.id))

    async def enter(self, guild_id: int) -> Entry:
        """Come to a server to look at something. UnknownServerError, NotAllowedError, RefusedError."""
        guild = self._guilds.get(guild_id)
        return await self._entry(await self._guilds.members.look(guild, self._who.user_id))

    async def act(self, guild_id: int) -> Entry:
        """Come to a server to change something: Discord is asked what they may at this moment."""
        guild, members = self._guilds.get(guild_id), self._guilds.members
        if members.knows_of(guild, self._who.user_id):
            # Who may do nothing here, as Discord said some seconds ago, does not have it asked with each further try.
            await self.enter(guild_id)
        return await self._entry(await members.ask(guild, self._who.user_id))

    async def _entry(self, member: discord.Member | None) -> Entry:
        """Members who may use nothing here are told no more than those who are none.

        So are those who would not be let in either without their timeout; who would be is told of it.
        """
        if member is None or not await self._guilds.admits(member):
            raise UnknownServerError
        require_untimed(member)
        require_active(member)
        settings = await self._guilds.store.guilds.get(member.guild.id)
        standing = standing_of(member, settings)
        return Entry(member.guild, settings, member.id, member, standing, Sight(member))


@dataclass(frozen=True, slots=True)
class Guilds:
    """The servers that the bot is on, and who is a member of them."""

    client: discord.Client
    store: Store
    members: Memberships

    def get(self, guild_id: int) -> discord.Guild:
        """The server; UnknownServerError where the bot is not on it, or Discord does not tell of it now."""
        guild = self.client.get_guild(guild_id)
        if guild is None or guild.unavailable:
            raise UnknownServerError(guild_id)
        return guild

    async def admits(self, member: discord.Member) -> bool:
        """Whether a member may use anything of the console on their server, now or when their timeout is over."""
        settings = await self.store.guilds.get(member.guild.id)
        return may_use_something(standing_beyond_timeout(member, settings), settings)


def require_untimed(member: discord.Member) -> None:
    """NotAllowedError for a moderator who is timed out: they know that they are, and on which server."""
    until = member.timed_out_until
    if until is not None and member.is_timed_out() and not member.guild_permissions.administrator:
        raise NotAllowedError(
            tr(
                "You are timed out on this server until {time}: the console is yours again then, or as soon as "
                "another moderator takes the timeout off you.",
                time=written(until),
            )
        )


def may_use_something(standing: Standing, settings: GuildSettings) -> bool:
    """Whether any group of commands is open to somebody."""
    return any(may_use(Use(group, held.who), standing, settings.access) for group, held in CONTENTS.items())
