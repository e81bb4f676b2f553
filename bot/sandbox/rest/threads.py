"""Threads: opening them, who is in them, and those there are."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.sandbox import serialise
from bot.sandbox.checks.channel import check_thread
from bot.sandbox.checks.embeds import check_time
from bot.sandbox.checks.form import Form
from bot.sandbox.errors import ApiError, missing_permissions, unknown
from bot.sandbox.model import Channel, ChannelKind, ThreadState, User
from bot.sandbox.moderation import THREAD_CREATE, Moderation
from bot.sandbox.permissions import (
    CREATE_PRIVATE_THREADS,
    CREATE_PUBLIC_THREADS,
    MANAGE_THREADS,
    READ_MESSAGE_HISTORY,
    SEND_MESSAGES,
    VIEW_CHANNEL,
    may_see,
    may_send,
    require_in_channel,
    require_in_guild,
)
from bot.sandbox.places import Places
from bot.sandbox.posting import Posting, checked
from bot.sandbox.rest.call import Call, Reply, Route, seen_channel
from bot.sandbox.world import World

Json = dict[str, Any]
_PARENT = "/channels/{channel_id}"
_MEMBERS = f"{_PARENT}/thread-members"
_WITH_THREADS = (ChannelKind.TEXT, ChannelKind.ANNOUNCEMENT, ChannelKind.FORUM)


class ThreadsApi:
    """The routes for threads. That a thread is changed and deleted as a channel is stands with those."""

    def __init__(self, world: World, places: Places, posting: Posting, moderation: Moderation) -> None:
        """Over one world."""
        self._world = world
        self._places = places
        self._posting = posting
        self._moderation = moderation

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            Route("POST", f"{_PARENT}/threads", self.open),
            Route("POST", f"{_PARENT}/messages/{{message_id}}/threads", self.open_from_message),
            Route("GET", f"{_PARENT}/threads/archived/public", self.archived_public),
            Route("GET", f"{_PARENT}/threads/archived/private", self.archived_private),
            Route("GET", "/guilds/{guild_id}/threads/active", self.active),
            Route("GET", _MEMBERS, self.members),
            Route("GET", f"{_MEMBERS}/{{user_id}}", self.member),
            Route("PUT", f"{_MEMBERS}/{{user_id}}", self.add),
            Route("DELETE", f"{_MEMBERS}/{{user_id}}", self.take_out),
        ]

    async def open(self, call: Call) -> Reply:
        """Start a thread on its own; in a forum with its first message."""
        parent, body = self._parent(call), call.json
        check_thread(body, named=True)
        private = body.get("type", int(ChannelKind.PRIVATE_THREAD)) == ChannelKind.PRIVATE_THREAD
        if parent.kind is ChannelKind.FORUM:
            return self._post(call, parent)
        needed = CREATE_PRIVATE_THREADS if private else CREATE_PUBLIC_THREADS
        require_in_channel(parent, call.user, needed, self._world.now())
        return self._opened(call, self._places.open_thread(parent, call.user, body))

    async def open_from_message(self, call: Call) -> Reply:
        """Start a thread from a message, which may have one only."""
        parent = self._parent(call)
        needed = CREATE_PUBLIC_THREADS | READ_MESSAGE_HISTORY
        require_in_channel(parent, call.user, needed, self._world.now())
        check_thread(call.json, named=True)
        message = parent.messages.get(call.id("message_id"))
        if message is None:
            raise unknown("message")
        if message.thread is not None:
            raise ApiError(400, 160004, "A thread has already been created for this message")
        return self._opened(call, self._places.open_thread(parent, call.user, call.json, message))

    async def active(self, call: Call) -> Reply:
        """A guild's open threads that the caller sees."""
        guild = self._world.guild(call.id("guild_id"))
        require_in_guild(guild, call.user, 0, self._world.now())
        seen = [one for one in guild.threads() if may_see(one, call.user, self._world.now())]
        return _listed([one for one in seen if not _state(one).archived], call.user)

    async def archived_public(self, call: Call) -> Reply:
        """A channel's archived threads that are open to all, those archived last first."""
        return self._archived(call, private=False)

    async def archived_private(self, call: Call) -> Reply:
        """A channel's archived private threads, for who manages threads."""
        return self._archived(call, private=True)

    async def members(self, call: Call) -> Reply:
        """Who is in a thread."""
        thread = self._thread(call)
        return Reply(200, [serialise.thread_member(thread, one) for one in sorted(_state(thread).members)])

    async def member(self, call: Call) -> Reply:
        """Somebody's membership in a thread, if they are in it."""
        thread, user_id = self._thread(call), call.id("user_id")
        if user_id not in _state(thread).members:
            raise unknown("member")
        return Reply(200, serialise.thread_member(thread, user_id))

    async def add(self, call: Call) -> Reply:
        """Join a thread, or add somebody who may see its channel."""
        thread, user = self._thread(call), self._world.user(call.id("user_id"))
        self._require_awake(thread)
        if user is not call.user:
            bits = require_in_channel(thread, call.user, VIEW_CHANNEL, self._world.now())
            parent = self._world.channels.get(thread.parent_id or 0)
            if not may_send(thread, bits) or parent is None or not may_see(parent, user, self._world.now()):
                raise missing_permissions()
        self._places.join_thread(thread, user)
        return Reply()

    async def take_out(self, call: Call) -> Reply:
        """Leave a thread, or take somebody out, which a manager may, and in a private thread its owner."""
        thread, user_id = self._thread(call), call.id("user_id")
        self._require_awake(thread)
        owns = thread.kind is ChannelKind.PRIVATE_THREAD and _state(thread).owner_id == call.user.id
        if user_id != call.user.id and not owns:
            require_in_channel(thread, call.user, MANAGE_THREADS, self._world.now())
        if user_id not in _state(thread).members:
            raise unknown("member")
        self._places.leave_thread(thread, user_id)
        return Reply()

    def _post(self, call: Call, forum: Channel) -> Reply:
        body = call.json.get("message")
        form = Form()
        form.record(body, "message")
        form.refuse()
        message = checked(call.json["message"], call.files)
        require_in_channel(forum, call.user, SEND_MESSAGES, self._world.now())
        opened = {**call.json, "type": int(ChannelKind.PUBLIC_THREAD)}
        thread = self._places.open_thread(forum, call.user, opened)
        first = self._posting.post(call.user, thread, message, call.files, id=thread.id)
        reply = self._opened(call, thread)
        return Reply(201, reply.body | {"message": serialise.message(first)})

    def _opened(self, call: Call, thread: Channel) -> Reply:
        assert thread.guild is not None
        self._moderation.record(thread.guild, call.user, THREAD_CREATE, thread.id, call.reason)
        return Reply(201, serialise.channel(thread))

    def _archived(self, call: Call, *, private: bool) -> Reply:
        channel = seen_channel(call, self._world)
        needed = READ_MESSAGE_HISTORY | (MANAGE_THREADS if private else 0)
        require_in_channel(channel, call.user, needed, self._world.now())
        form = Form()
        before = check_time(form, "before", call.query.get("before"))
        form.refuse()
        limit = call.number("limit", 2, 100, 50)

        def closed(one: Channel) -> datetime:
            return _state(one).archive_changed_at

        threads = channel.guild.threads() if channel.guild is not None else ()
        found = [
            one
            for one in threads
            if one.parent_id == channel.id
            and _state(one).archived
            and (one.kind is ChannelKind.PRIVATE_THREAD) is private
            and (before is None or closed(one) < before)
        ]
        found.sort(key=closed, reverse=True)
        return _listed(found[:limit], call.user, more=len(found) > limit)

    def _parent(self, call: Call) -> Channel:
        channel = seen_channel(call, self._world)
        if channel.kind not in _WITH_THREADS:
            raise ApiError(400, 50024, "Cannot execute action on this channel type")
        return channel

    def _thread(self, call: Call) -> Channel:
        channel = seen_channel(call, self._world)
        if channel.thread is None:
            raise ApiError(400, 50024, "Cannot execute action on this channel type")
        return channel

    def _require_awake(self, thread: Channel) -> None:
        if _state(thread).archived:
            raise ApiError(400, 50083, "Thread is archived")


def _state(thread: Channel) -> ThreadState:
    assert thread.thread is not None
    return thread.thread


def _listed(threads: list[Channel], viewer: User, *, more: bool = False) -> Reply:
    members = [serialise.thread_member(one, viewer.id) for one in threads if viewer.id in _state(one).members]
    return Reply(200, {"threads": [serialise.channel(one) for one in threads], "members": members, "has_more": more})
