"""Channels and threads are made, changed and removed; everyone who sees them is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.sandbox import serialise
from bot.sandbox.hub import Hub, Intent, Session
from bot.sandbox.model import Channel, ChannelKind, Guild, Message, Overwrite, ThreadState, User
from bot.sandbox.permissions import may_see
from bot.sandbox.world import World

Json = dict[str, Any]


class Places:
    """Changes to the channels and threads of a guild."""

    def __init__(self, world: World, hub: Hub) -> None:
        """Over one world."""
        self._world = world
        self._hub = hub

    def create(self, guild: Guild, body: Json) -> Channel:
        """Make a channel from a body that was checked."""
        kind = ChannelKind(body.get("type") or 0)
        overwrites = [overwrite(one) for one in body.get("permission_overwrites") or []]
        name = _named(body["name"], kind)
        channel = self._world.add_channel(guild, name, kind, overwrites=overwrites, topic=body.get("topic"))
        _set_common(channel, {key: value for key, value in body.items() if key in ("parent_id", "nsfw", "position")})
        channel.slowmode_seconds = body.get("rate_limit_per_user") or 0
        self._hub.tell_guild(guild, "CHANNEL_CREATE", serialise.channel(channel))
        return channel

    def change(self, channel: Channel, body: Json) -> None:
        """Change what the body, which was checked, names of a channel or thread."""
        before = self._seeing(channel)
        if body.get("name"):
            channel.name = _named(body["name"], channel.kind)
        if "topic" in body:
            channel.topic = body["topic"]
        if "rate_limit_per_user" in body:
            channel.slowmode_seconds = body["rate_limit_per_user"] or 0
        if channel.thread is not None:
            self._change_thread(channel.thread, body)
        else:
            _set_common(channel, body)
        self._tell_change(channel, before)

    def set_overwrite(self, channel: Channel, one: Overwrite) -> None:
        """Put an overwrite on a channel in place of the one for the same role or member."""
        before = self._seeing(channel)
        channel.overwrites[one.id] = one
        self._tell_change(channel, before)

    def remove_overwrite(self, channel: Channel, overwrite_id: int) -> None:
        """Take an overwrite away, if there is one."""
        before = self._seeing(channel)
        channel.overwrites.pop(overwrite_id, None)
        self._tell_change(channel, before)

    def remove(self, channel: Channel) -> None:
        """Delete a channel or thread with what is in it; that a channel's threads go with it is not told."""
        guild = channel.guild
        assert guild is not None
        if channel.thread is not None:
            self._hub.tell_channel(channel, "THREAD_DELETE", serialise.channel(channel), Intent.GUILDS)
        else:
            self._hub.tell_guild(guild, "CHANNEL_DELETE", serialise.channel(channel))
        for other in list(guild.channels.values()):
            if other.parent_id == channel.id and other.thread is not None:
                self._forget(other)
            elif other.parent_id == channel.id:
                other.parent_id = None
                self._hub.tell_guild(guild, "CHANNEL_UPDATE", serialise.channel(other))
        self._forget(channel)

    def open_thread(self, parent: Channel, owner: User, body: Json, starter: Message | None = None) -> Channel:
        """Start a thread, from a message or on its own; one from a message bears the message's id."""
        assert parent.guild is not None
        now = self._world.now()
        kind = ChannelKind.PUBLIC_THREAD if starter is not None else ChannelKind(body.get("type") or 12)
        if parent.kind is ChannelKind.ANNOUNCEMENT and kind is ChannelKind.PUBLIC_THREAD:
            kind = ChannelKind.ANNOUNCEMENT_THREAD
        thread = Channel(starter.id if starter else self._world.new_id(), kind, body["name"], parent.guild)
        thread.parent_id = parent.id
        thread.slowmode_seconds = body.get("rate_limit_per_user") or 0
        thread.thread = ThreadState(owner.id, now, now, auto_archive_minutes=body.get("auto_archive_duration") or 4320)
        thread.thread.invitable = body.get("invitable") is not False
        thread.thread.members[owner.id] = now
        parent.guild.channels[thread.id] = thread
        self._world.channels[thread.id] = thread
        if starter is not None:
            starter.thread = thread
            starter.flags |= 1 << 5
        shown = serialise.channel(thread) | {"newly_created": True}
        self._hub.tell_channel(thread, "THREAD_CREATE", shown, Intent.GUILDS)
        return thread

    def join_thread(self, thread: Channel, user: User) -> None:
        """A user becomes a member of a thread; who did not see it before is told of the thread itself."""
        state = thread.thread
        assert state is not None
        if user.id in state.members:
            return
        hidden = not may_see(thread, user, self._world.now())
        state.members[user.id] = self._world.now()
        shown = serialise.channel(thread) | {"member": serialise.thread_member(thread, user.id)}
        if hidden:
            self._hub.tell_user(user, "THREAD_CREATE", shown, Intent.GUILDS)
        self._tell_members(thread, added=[user.id])

    def leave_thread(self, thread: Channel, user_id: int) -> None:
        """A user is in a thread no more."""
        state = thread.thread
        assert state is not None
        if state.members.pop(user_id, None) is not None:
            self._tell_members(thread, removed=[user_id])

    def wake(self, thread: Channel) -> None:
        """A message opens an archived thread again."""
        if thread.thread is not None and thread.thread.archived:
            self.change(thread, {"archived": False})

    def _change_thread(self, state: ThreadState, body: Json) -> None:
        if "archived" in body and bool(body["archived"]) is not state.archived:
            state.archived, state.archive_changed_at = bool(body["archived"]), self._world.now()
        if "locked" in body:
            state.locked = bool(body["locked"])
        if "invitable" in body:
            state.invitable = bool(body["invitable"])
        if body.get("auto_archive_duration"):
            state.auto_archive_minutes = body["auto_archive_duration"]

    def _tell_members(self, thread: Channel, added: Sequence[int] = (), removed: Sequence[int] = ()) -> None:
        assert thread.thread is not None
        assert thread.guild is not None
        members = thread.guild.members
        body = {
            "id": str(thread.id),
            "guild_id": str(thread.guild.id),
            "member_count": len(thread.thread.members),
            "added_members": [
                serialise.thread_member(thread, one)
                | {"member": serialise.member(members[one]) if one in members else None, "presence": None}
                for one in added
            ],
            "removed_member_ids": [str(one) for one in removed],
        }
        self._hub.tell_channel(thread, "THREAD_MEMBERS_UPDATE", body, Intent.GUILDS)

    def _forget(self, channel: Channel) -> None:
        assert channel.guild is not None
        del channel.guild.channels[channel.id]
        del self._world.channels[channel.id]
        parent = self._world.channels.get(channel.parent_id or 0)
        starter = parent.messages.get(channel.id) if parent is not None else None
        if starter is not None:
            starter.thread = None

    def _seeing(self, channel: Channel) -> set[Session]:
        now = self._world.now()
        return {one for one in self._hub.sessions.values() if may_see(channel, one.user, now)}

    def _tell_change(self, channel: Channel, before: set[Session]) -> None:
        """Tell of a change: a thread's to those who see it, a channel's to all, with its threads where it shows now."""
        if channel.thread is not None:
            self._hub.tell_channel(channel, "THREAD_UPDATE", serialise.channel(channel), Intent.GUILDS)
            return
        guild = channel.guild
        assert guild is not None
        self._hub.tell_guild(guild, "CHANNEL_UPDATE", serialise.channel(channel))
        threads = [one for one in guild.threads() if one.parent_id == channel.id]
        for session in self._seeing(channel) - before if threads else ():
            seen = [one for one in threads if may_see(one, session.user, self._world.now())]
            body = {
                "guild_id": str(guild.id),
                "channel_ids": [str(channel.id)],
                "threads": [serialise.channel(one) for one in seen if one.thread and not one.thread.archived],
                "members": [
                    serialise.thread_member(one, session.user.id)
                    for one in seen
                    if one.thread and session.user.id in one.thread.members
                ],
            }
            if session.wants(Intent.GUILDS):
                session.tell("THREAD_LIST_SYNC", body)


def _set_common(channel: Channel, body: Json) -> None:
    """What only a channel has that is no thread."""
    if "parent_id" in body:
        channel.parent_id = int(body["parent_id"]) if body["parent_id"] is not None else None
    if "permission_overwrites" in body:
        overwrites = [overwrite(one) for one in body["permission_overwrites"] or []]
        channel.overwrites = {one.id: one for one in overwrites}
    if body.get("type") is not None:
        channel.kind = ChannelKind(body["type"])
    if body.get("position") is not None:
        channel.position = body["position"]
    if body.get("nsfw") is not None:
        channel.nsfw = body["nsfw"]


def _named(name: str, kind: ChannelKind) -> str:
    """A name as Discord keeps it: in channels of text lower case, with dashes for spaces."""
    if kind in (ChannelKind.TEXT, ChannelKind.ANNOUNCEMENT, ChannelKind.FORUM):
        return "-".join(name.lower().split()) or name
    return name


def overwrite(body: Json) -> Overwrite:
    """An overwrite from its JSON, which was checked."""
    return Overwrite(int(body["id"]), int(body["type"]), int(body.get("allow") or 0), int(body.get("deny") or 0))
