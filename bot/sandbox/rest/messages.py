"""Reading, posting, editing and deleting messages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from bot.sandbox import serialise
from bot.sandbox.checks.form import Form
from bot.sandbox.errors import ApiError, invalid_form, missing_access, missing_permissions, unknown
from bot.sandbox.hub import may_read
from bot.sandbox.model import Channel, ChannelKind, Message, User
from bot.sandbox.moderation import MESSAGE_BULK_DELETE, MESSAGE_DELETE, Moderation
from bot.sandbox.permissions import (
    ATTACH_FILES,
    BYPASS_SLOWMODE,
    CONTENT_INTENT,
    EMBED_LINKS,
    MANAGE_CHANNELS,
    MANAGE_MESSAGES,
    MANAGE_THREADS,
    READ_MESSAGE_HISTORY,
    SEND_POLLS,
    VIEW_CHANNEL,
    in_channel,
    may_send,
    require_in_channel,
)
from bot.sandbox.places import Places
from bot.sandbox.posting import Posting, check_edit, checked
from bot.sandbox.rest.call import Call, Reply, Route
from bot.sandbox.snowflake import time_of
from bot.sandbox.world import World

Json = dict[str, Any]
BULK_AGE = timedelta(days=14)
_ANY = "/channels/{channel_id}/messages"
_ONE = "/channels/{channel_id}/messages/{message_id}"


class MessagesApi:
    """The routes below a channel's messages."""

    def __init__(self, world: World, posting: Posting, places: Places, moderation: Moderation) -> None:
        """Over one world."""
        self._world = world
        self._posting = posting
        self._places = places
        self._moderation = moderation

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            Route("GET", _ANY, self.page),
            Route("POST", _ANY, self.create),
            Route("GET", _ONE, self.get),
            Route("PATCH", _ONE, self.edit),
            Route("DELETE", _ONE, self.delete),
            Route("POST", f"{_ANY}/bulk-delete", self.bulk_delete),
            Route("POST", "/channels/{channel_id}/typing", self.typing),
        ]

    async def page(self, call: Call) -> Reply:
        """A page of messages, newest first."""
        channel = self._world.channel(call.id("channel_id"))
        bits = require_in_channel(channel, call.user, VIEW_CHANNEL, self._world.now())
        limit = call.number("limit", 1, 100, 50)
        if not bits & READ_MESSAGE_HISTORY:
            return Reply(200, [])
        return Reply(200, [self._shown(one, call.user) for one in _page(channel, call, limit)])

    async def get(self, call: Call) -> Reply:
        """One message."""
        channel = self._world.channel(call.id("channel_id"))
        require_in_channel(channel, call.user, VIEW_CHANNEL | READ_MESSAGE_HISTORY, self._world.now())
        return Reply(200, self._shown(self._message(channel, call), call.user))

    async def create(self, call: Call) -> Reply:
        """Post a message, or get the one that was posted with the same nonce."""
        channel = self._world.channel(call.id("channel_id"))
        body = checked(call.json, call.files)
        self._require_may_post(channel, call.user, body)
        message = self._posting.repeated(call.user, channel, body)
        if message is None:
            self._places.wake(channel)
            message = self._posting.post(call.user, channel, body, call.files)
        return Reply(200, serialise.message(message))

    async def edit(self, call: Call) -> Reply:
        """Change an own message; others may only hide its link previews."""
        channel = self._world.channel(call.id("channel_id"))
        bits = require_in_channel(channel, call.user, VIEW_CHANNEL, self._world.now())
        message = self._message(channel, call)
        body = call.json
        if message.author is not call.user and not (bits & MANAGE_MESSAGES and set(body) <= {"flags"}):
            raise ApiError(403, 50005, "Cannot edit a message authored by another user")
        check_edit(message, body, call.files)
        self._posting.edit(message, body, call.files)
        return Reply(200, serialise.message(message))

    async def delete(self, call: Call) -> Reply:
        """Delete an own message, or another's with Manage Messages, which the audit log keeps."""
        channel = self._world.channel(call.id("channel_id"))
        bits = require_in_channel(channel, call.user, VIEW_CHANNEL, self._world.now())
        message = self._message(channel, call)
        others = message.author is not call.user
        if others and channel.guild is None:
            raise ApiError(403, 50003, "Cannot execute action on a DM channel")
        if others and not bits & MANAGE_MESSAGES:
            raise missing_permissions()
        self._posting.delete(message)
        if others and channel.guild is not None:
            where = {"channel_id": str(channel.id), "count": "1"}
            self._moderation.record(
                channel.guild, call.user, MESSAGE_DELETE, message.author.id, call.reason, options=where
            )
        return Reply()

    async def bulk_delete(self, call: Call) -> Reply:
        """Delete 2 to 100 messages, none older than two weeks."""
        channel = self._world.channel(call.id("channel_id"))
        if channel.guild is None:
            raise ApiError(403, 50003, "Cannot execute action on a DM channel")
        require_in_channel(channel, call.user, MANAGE_MESSAGES, self._world.now())
        form = Form()
        given = form.items(call.json.get("messages"), "messages", 100, 2)
        found = [form.snowflake(one, f"messages.{index}") for index, one in enumerate(given)]
        form.refuse()
        ids = [one for one in found if one is not None]
        if len(set(ids)) != len(ids):
            raise invalid_form("messages", "The set already contains this value", "SET_TYPE_ALREADY_CONTAINS_VALUE")
        if any(self._world.now() - time_of(one) > BULK_AGE for one in ids):
            raise ApiError(400, 50034, "You can only bulk delete messages that are under 14 days old.")
        count = self._posting.delete_many(channel, ids)
        if count:
            self._moderation.record(
                channel.guild, call.user, MESSAGE_BULK_DELETE, channel.id, call.reason, options={"count": str(count)}
            )
        return Reply()

    async def typing(self, call: Call) -> Reply:
        """Say that the caller is typing; nobody is told."""
        channel = self._world.channel(call.id("channel_id"))
        if not may_send(channel, require_in_channel(channel, call.user, VIEW_CHANNEL, self._world.now())):
            raise missing_permissions()
        return Reply()

    def _shown(self, message: Message, viewer: User) -> Json:
        """A message as the viewer may read it: a bot whose application lacks the intent does not see all content."""
        application = self._world.applications.get(viewer.id)
        blind = application is not None and not application.intents & CONTENT_INTENT
        body = serialise.message(message)
        return serialise.without_content(body) if blind and not may_read(viewer, message) else body

    def _message(self, channel: Channel, call: Call) -> Message:
        return channel.messages.get(call.id("message_id")) or _gone()

    def _require_may_post(self, channel: Channel, user: User, body: Json) -> None:
        now = self._world.now()
        if channel.guild is None:
            self._require_dm(channel, user)
            return
        if channel.kind in (ChannelKind.CATEGORY, ChannelKind.FORUM):
            raise ApiError(400, 50008, "Cannot send messages in a non-text channel")
        bits = in_channel(channel, user, now)
        if not bits & VIEW_CHANNEL:
            raise missing_access()
        needed = (ATTACH_FILES if body.get("attachments") else 0) | (SEND_POLLS if body.get("poll") else 0)
        # A user's embeds come from links, which do without the permission; only an application sends its own.
        needed |= EMBED_LINKS if body.get("embeds") and user.bot else 0
        if not may_send(channel, bits) or bits & needed != needed:
            raise missing_permissions()
        if body.get("message_reference") and not bits & READ_MESSAGE_HISTORY:
            raise ApiError(400, 160002, "Cannot reply without permission to read message history")
        thread = channel.thread
        if thread is not None and thread.locked and not bits & MANAGE_THREADS:
            raise (
                ApiError(400, 50083, "Thread is archived")
                if thread.archived
                else ApiError(400, 160005, "Thread is locked")
            )
        self._require_waited(channel, user, bits, now)

    def _require_waited(self, channel: Channel, user: User, bits: int, now: datetime) -> None:
        """Slowmode, which bots and managers of messages or channels are free from."""
        spoke = channel.spoke_at.get(user.id)
        free = user.bot or bits & (BYPASS_SLOWMODE | MANAGE_MESSAGES | MANAGE_CHANNELS)
        if channel.slowmode_seconds and spoke is not None and not free:
            wait = channel.slowmode_seconds - (now - spoke).total_seconds()
            if wait > 0:
                raise ApiError(
                    429, 20016, "This action cannot be performed due to slowmode rate limit.", retry_after=wait
                )

    def _require_dm(self, channel: Channel, user: User) -> None:
        if user not in channel.recipients:
            raise missing_access()
        others = [one for one in channel.recipients if one is not user]
        if any(one.dms_closed or not self._world.share_a_guild(user, one) for one in others):
            raise ApiError(403, 50007, "Cannot send messages to this user")


def _page(channel: Channel, call: Call, limit: int) -> list[Message]:
    around, before, after = (call.snowflake(name) for name in ("around", "before", "after"))
    if around is not None:
        older = list(islice(channel.messages.before(around + 1), limit // 2 + 1))
        newer = list(islice(channel.messages.after(around), limit - len(older)))
        return [*reversed(newer), *older]
    if after is not None:
        found: Iterator[Message] = islice(channel.messages.after(after), limit)
        return list(reversed(list(found)))
    return list(islice(channel.messages.before(before), limit))


def _gone() -> Message:
    raise unknown("message")
