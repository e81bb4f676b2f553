"""Channels, their overwrites, and direct-message channels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.sandbox import serialise
from bot.sandbox.checks.channel import check_channel, check_overwrite, check_thread
from bot.sandbox.errors import ApiError, invalid_form, missing_permissions, unknown
from bot.sandbox.model import Channel, ChannelKind, Guild, Overwrite, ThreadState, User
from bot.sandbox.moderation import (
    CHANNEL_CREATE,
    CHANNEL_DELETE,
    CHANNEL_UPDATE,
    OVERWRITE_CREATE,
    OVERWRITE_DELETE,
    OVERWRITE_UPDATE,
    THREAD_DELETE,
    THREAD_UPDATE,
    Moderation,
)
from bot.sandbox.permissions import (
    MANAGE_CHANNELS,
    MANAGE_ROLES,
    MANAGE_THREADS,
    VIEW_CHANNEL,
    in_channel,
    in_guild,
    may_send,
    require_grantable,
    require_in_channel,
    require_in_guild,
)
from bot.sandbox.places import Places, overwrite
from bot.sandbox.rest.call import Call, Reply, Route, seen_channel
from bot.sandbox.world import World

Json = dict[str, Any]
_ONE = "/channels/{channel_id}"
_CONVERT = frozenset({ChannelKind.TEXT, ChannelKind.ANNOUNCEMENT})
"""Channels of these types may become each other."""


class ChannelsApi:
    """The routes for channels."""

    def __init__(self, world: World, places: Places, moderation: Moderation) -> None:
        """Over one world."""
        self._world = world
        self._places = places
        self._moderation = moderation

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            Route("GET", _ONE, self.get),
            Route("PATCH", _ONE, self.change),
            Route("DELETE", _ONE, self.remove),
            Route("PUT", f"{_ONE}/permissions/{{overwrite_id}}", self.put_overwrite),
            Route("DELETE", f"{_ONE}/permissions/{{overwrite_id}}", self.remove_overwrite),
            Route("GET", "/guilds/{guild_id}/channels", self.of_guild),
            Route("POST", "/guilds/{guild_id}/channels", self.create),
            Route("POST", "/users/@me/channels", self.dm),
        ]

    async def get(self, call: Call) -> Reply:
        """One channel that the caller sees."""
        channel = seen_channel(call, self._world)
        return Reply(200, serialise.dm(channel, call.user) if channel.guild is None else serialise.channel(channel))

    async def of_guild(self, call: Call) -> Reply:
        """A guild's channels, without threads."""
        guild = self._world.guild(call.id("guild_id"))
        require_in_guild(guild, call.user, 0, self._world.now())
        return Reply(200, [serialise.channel(one) for one in guild.channels.values() if one.thread is None])

    async def create(self, call: Call) -> Reply:
        """Make a channel."""
        guild, body = self._world.guild(call.id("guild_id")), call.json
        member = require_in_guild(guild, call.user, MANAGE_CHANNELS, self._world.now())
        check_channel(body, named=True)
        self._require_category(guild, body)
        wanted = [overwrite(one) for one in body.get("permission_overwrites") or []]
        require_grantable({}, wanted, in_guild(guild, member, self._world.now()))
        channel = self._places.create(guild, body)
        self._moderation.record(guild, call.user, CHANNEL_CREATE, channel.id, call.reason)
        return Reply(201, serialise.channel(channel))

    async def change(self, call: Call) -> Reply:
        """Change a channel or thread."""
        channel, body = self._in_guild(call), call.json
        if channel.thread is not None:
            check_thread(body)
            self._require_may_change(channel, channel.thread, call.user, body)
        else:
            self._check_change(channel, call.user, body)
        self._places.change(channel, body)
        self._note(call, channel, CHANNEL_UPDATE, THREAD_UPDATE)
        return Reply(200, serialise.channel(channel))

    async def remove(self, call: Call) -> Reply:
        """Delete a channel or thread. Direct messages are only closed, which changes nothing for the other."""
        channel = seen_channel(call, self._world)
        if channel.guild is None:
            return Reply(200, serialise.dm(channel, call.user))
        bit = MANAGE_THREADS if channel.thread is not None else MANAGE_CHANNELS
        require_in_channel(channel, call.user, bit, self._world.now())
        self._places.remove(channel)
        self._note(call, channel, CHANNEL_DELETE, THREAD_DELETE)
        return Reply(200, serialise.channel(channel))

    async def put_overwrite(self, call: Call) -> Reply:
        """Set a role's or a member's permissions in a channel."""
        channel, body = self._in_guild(call), call.json
        guild = channel.guild
        assert guild is not None
        check_overwrite(body)
        one = overwrite({**body, "id": call.id("overwrite_id")})
        known: Mapping[int, object] = guild.roles if one.type == 0 else self._world.users
        if channel.thread is not None or one.id not in known:
            raise unknown("overwrite")
        require_in_channel(channel, call.user, MANAGE_ROLES, self._world.now())
        require_grantable(channel.overwrites, [*_others(channel, one.id), one], self._held(channel, call.user))
        action = OVERWRITE_UPDATE if one.id in channel.overwrites else OVERWRITE_CREATE
        self._places.set_overwrite(channel, one)
        self._note_overwrite(call, channel, one, action)
        return Reply()

    async def remove_overwrite(self, call: Call) -> Reply:
        """Take a role's or a member's permissions in a channel away."""
        channel, overwrite_id = self._in_guild(call), call.id("overwrite_id")
        require_in_channel(channel, call.user, MANAGE_ROLES, self._world.now())
        one = channel.overwrites.get(overwrite_id)
        if one is None:
            raise unknown("overwrite")
        require_grantable(channel.overwrites, _others(channel, overwrite_id), self._held(channel, call.user))
        self._places.remove_overwrite(channel, overwrite_id)
        self._note_overwrite(call, channel, one, OVERWRITE_DELETE)
        return Reply()

    async def dm(self, call: Call) -> Reply:
        """The direct-message channel with a user."""
        other = self._world.user(call.named("recipient_id"))
        # Bots cannot write to each other.
        if other is call.user or (other.bot and call.user.bot):
            raise ApiError(400, 50007, "Cannot send messages to this user")
        return Reply(200, serialise.dm(self._world.dm(call.user, other), call.user))

    # Within

    def _in_guild(self, call: Call) -> Channel:
        channel = seen_channel(call, self._world)
        if channel.guild is None:
            raise ApiError(403, 50003, "Cannot execute action on a DM channel")
        return channel

    def _held(self, channel: Channel, user: User) -> int:
        """What a user may grant in a channel: what they hold there or in the whole guild."""
        assert channel.guild is not None
        now = self._world.now()
        return in_channel(channel, user, now) | in_guild(channel.guild, channel.guild.members[user.id], now)

    def _check_change(self, channel: Channel, user: User, body: Json) -> None:
        assert channel.guild is not None
        bits = require_in_channel(channel, user, MANAGE_CHANNELS, self._world.now())
        check_channel(body)
        self._require_category(channel.guild, body)
        if body.get("type") is not None and body["type"] != channel.kind and {body["type"], channel.kind} - _CONVERT:
            raise invalid_form("type", "The channel cannot become one of this type", "BASE_TYPE_CHOICES")
        if "permission_overwrites" in body:
            wanted = [overwrite(one) for one in body["permission_overwrites"] or []]
            if not bits & MANAGE_ROLES:
                raise missing_permissions()
            require_grantable(channel.overwrites, wanted, self._held(channel, user))

    def _require_may_change(self, channel: Channel, thread: ThreadState, user: User, body: Json) -> None:
        """Managers may change everything, who opened a thread its name and archiving; who may speak may wake it."""
        bits = require_in_channel(channel, user, VIEW_CHANNEL, self._world.now())
        wakes = body.get("archived") is False
        if not bits & MANAGE_THREADS:
            own = thread.owner_id == user.id and not body.keys() & {"locked", "rate_limit_per_user"}
            speaks = wakes and body.keys() == {"archived"} and may_send(channel, bits)
            if not (own or speaks) or (wakes and thread.locked):
                raise missing_permissions()
        if thread.archived and not wakes:
            raise ApiError(400, 50083, "Thread is archived")

    def _require_category(self, guild: Guild, body: Json) -> None:
        if body.get("parent_id") is not None:
            parent = guild.channels.get(int(body["parent_id"]))
            if parent is None or parent.kind is not ChannelKind.CATEGORY:
                raise invalid_form("parent_id", "Category does not exist", "CHANNEL_PARENT_INVALID")

    def _note(self, call: Call, channel: Channel, of_channel: int, of_thread: int) -> None:
        assert channel.guild is not None
        action = of_thread if channel.thread is not None else of_channel
        self._moderation.record(channel.guild, call.user, action, channel.id, call.reason)

    def _note_overwrite(self, call: Call, channel: Channel, one: Overwrite, action: int) -> None:
        assert channel.guild is not None
        options = {"id": str(one.id), "type": str(one.type)}
        if one.type == 0 and one.id in channel.guild.roles:
            options["role_name"] = channel.guild.roles[one.id].name
        self._moderation.record(channel.guild, call.user, action, channel.id, call.reason, options=options)


def _others(channel: Channel, overwrite_id: int) -> list[Overwrite]:
    return [one for one in channel.overwrites.values() if one.id != overwrite_id]
