"""Channels, threads and direct-message channels."""

from __future__ import annotations

from typing import Any

from bot.sandbox import serialise
from bot.sandbox.checks.form import Form
from bot.sandbox.errors import ApiError, missing_access, missing_permissions, unknown
from bot.sandbox.model import THREADS, Channel, ChannelKind
from bot.sandbox.moderation import (
    CHANNEL_CREATE,
    CHANNEL_DELETE,
    CHANNEL_UPDATE,
    THREAD_CREATE,
    THREAD_DELETE,
    THREAD_UPDATE,
    Moderation,
)
from bot.sandbox.permissions import (
    CREATE_PRIVATE_THREADS,
    CREATE_PUBLIC_THREADS,
    MANAGE_CHANNELS,
    MANAGE_ROLES,
    MANAGE_THREADS,
    VIEW_CHANNEL,
    may_see,
    require_in_channel,
    require_in_guild,
)
from bot.sandbox.places import Places, overwrite
from bot.sandbox.rest.call import Call, Reply, Route
from bot.sandbox.world import World

Json = dict[str, Any]
_ONE = "/channels/{channel_id}"
_KINDS = frozenset(int(one) for one in ChannelKind) - {int(one) for one in THREADS} - {int(ChannelKind.DM)}


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
            Route("POST", f"{_ONE}/threads", self.thread),
            Route("POST", f"{_ONE}/messages/{{message_id}}/threads", self.thread_from_message),
            Route("PUT", f"{_ONE}/thread-members/@me", self.join_thread),
            Route("GET", "/guilds/{guild_id}/channels", self.of_guild),
            Route("POST", "/guilds/{guild_id}/channels", self.create),
            Route("GET", "/guilds/{guild_id}/threads/active", self.active_threads),
            Route("POST", "/users/@me/channels", self.dm),
        ]

    async def get(self, call: Call) -> Reply:
        """One channel that the caller sees."""
        channel = self._seen(call)
        return Reply(200, serialise.dm(channel, call.user) if channel.guild is None else serialise.channel(channel))

    async def of_guild(self, call: Call) -> Reply:
        """A guild's channels, without threads."""
        guild = self._world.guild(call.id("guild_id"))
        require_in_guild(guild, call.user, 0, self._world.now())
        return Reply(200, [serialise.channel(one) for one in guild.channels.values() if one.thread is None])

    async def active_threads(self, call: Call) -> Reply:
        """A guild's open threads that the caller sees."""
        guild = self._world.guild(call.id("guild_id"))
        require_in_guild(guild, call.user, 0, self._world.now())
        threads = [one for one in guild.threads() if one.thread is not None and not one.thread.archived]
        seen = [one for one in threads if may_see(one, call.user, self._world.now())]
        members = [
            serialise.thread_member(one, call.user.id)
            for one in seen
            if one.thread is not None and call.user.id in one.thread.members
        ]
        body = {"threads": [serialise.channel(one) for one in seen], "members": members, "has_more": False}
        return Reply(200, body)

    async def create(self, call: Call) -> Reply:
        """Make a channel."""
        guild = self._world.guild(call.id("guild_id"))
        require_in_guild(guild, call.user, MANAGE_CHANNELS, self._world.now())
        self._check(call.json, named=True)
        channel = self._places.create(guild, call.json)
        self._moderation.record(guild, call.user, CHANNEL_CREATE, channel.id, call.reason)
        return Reply(201, serialise.channel(channel))

    async def change(self, call: Call) -> Reply:
        """Change a channel or thread."""
        channel = self._seen(call)
        self._require_manager(call, channel)
        self._check(call.json)
        self._places.change(channel, call.json)
        self._note(call, channel, CHANNEL_UPDATE, THREAD_UPDATE)
        return Reply(200, serialise.channel(channel))

    async def remove(self, call: Call) -> Reply:
        """Delete a channel or thread."""
        channel = self._seen(call)
        self._require_manager(call, channel)
        self._places.remove(channel)
        self._note(call, channel, CHANNEL_DELETE, THREAD_DELETE)
        return Reply(200, serialise.channel(channel))

    async def put_overwrite(self, call: Call) -> Reply:
        """Set a role's or a member's permissions in a channel."""
        channel = self._seen(call)
        require_in_channel(channel, call.user, MANAGE_ROLES, self._world.now())
        self._places.set_overwrite(channel, overwrite({**call.json, "id": call.id("overwrite_id")}))
        return Reply()

    async def remove_overwrite(self, call: Call) -> Reply:
        """Take a role's or a member's permissions in a channel away."""
        channel = self._seen(call)
        require_in_channel(channel, call.user, MANAGE_ROLES, self._world.now())
        self._places.remove_overwrite(channel, call.id("overwrite_id"))
        return Reply()

    async def thread(self, call: Call) -> Reply:
        """Start a thread on its own."""
        channel = self._seen(call)
        private = call.json.get("type", int(ChannelKind.PRIVATE_THREAD)) == ChannelKind.PRIVATE_THREAD
        return self._open(call, channel, CREATE_PRIVATE_THREADS if private else CREATE_PUBLIC_THREADS)

    async def thread_from_message(self, call: Call) -> Reply:
        """Start a thread from a message, which may have one only."""
        channel = self._seen(call)
        message = channel.messages.get(call.id("message_id"))
        if message is None:
            raise unknown("message")
        if message.thread is not None:
            raise ApiError(400, 160004, "A thread has already been created for this message")
        self._check(call.json, named=True)
        require_in_channel(channel, call.user, CREATE_PUBLIC_THREADS, self._world.now())
        thread = self._places.open_thread(channel, call.user, call.json, message)
        self._note(call, thread, CHANNEL_CREATE, THREAD_CREATE)
        return Reply(201, serialise.channel(thread))

    async def join_thread(self, call: Call) -> Reply:
        """Become a member of a thread."""
        thread = self._seen(call)
        if thread.thread is None:
            raise ApiError(400, 50024, "Cannot execute action on this channel type")
        self._places.join_thread(thread, call.user)
        return Reply()

    async def dm(self, call: Call) -> Reply:
        """The direct-message channel with a user."""
        other = self._world.user(int(call.json.get("recipient_id") or 0))
        if other is call.user:
            raise ApiError(400, 50007, "Cannot send messages to this user")
        return Reply(200, serialise.dm(self._world.dm(call.user, other), call.user))

    def _seen(self, call: Call) -> Channel:
        channel = self._world.channel(call.id("channel_id"))
        if not may_see(channel, call.user, self._world.now()):
            raise missing_access()
        return channel

    def _open(self, call: Call, parent: Channel, bit: int) -> Reply:
        if parent.kind not in (ChannelKind.TEXT, ChannelKind.ANNOUNCEMENT):
            raise ApiError(400, 50024, "Cannot execute action on this channel type")
        self._check(call.json, named=True)
        require_in_channel(parent, call.user, bit, self._world.now())
        thread = self._places.open_thread(parent, call.user, call.json)
        self._note(call, thread, CHANNEL_CREATE, THREAD_CREATE)
        return Reply(201, serialise.channel(thread))

    def _require_manager(self, call: Call, channel: Channel) -> None:
        if channel.guild is None:
            raise missing_permissions()
        if channel.thread is not None and channel.thread.owner_id == call.user.id:
            require_in_channel(channel, call.user, VIEW_CHANNEL, self._world.now())
            return
        bit = MANAGE_THREADS if channel.thread is not None else MANAGE_CHANNELS
        require_in_channel(channel, call.user, bit, self._world.now())

    def _note(self, call: Call, channel: Channel, of_channel: int, of_thread: int) -> None:
        assert channel.guild is not None
        action = of_thread if channel.thread is not None else of_channel
        self._moderation.record(channel.guild, call.user, action, channel.id, call.reason)

    @staticmethod
    def _check(body: Json, *, named: bool = False) -> None:
        form = Form()
        form.text(body.get("name"), "name", 100, 1 if named or "name" in body else 0)
        form.text(body.get("topic"), "topic", 1024)
        form.integer(body.get("rate_limit_per_user"), "rate_limit_per_user", 0, 21_600)
        if body.get("type") is not None and body["type"] not in (10, 11, 12):
            form.choice(body["type"], "type", _KINDS)
        form.items(body.get("permission_overwrites"), "permission_overwrites", 1_000)
        form.refuse()
