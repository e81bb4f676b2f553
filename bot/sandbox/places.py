"""Channels and threads are made, changed and removed; everyone who sees them is told."""

from __future__ import annotations

from typing import Any

from bot.sandbox import serialise
from bot.sandbox.hub import Hub, Intent, Session
from bot.sandbox.model import THREADS, Channel, ChannelKind, Guild, Message, Overwrite, ThreadState, User
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
        channel = self._world.add_channel(
            guild,
            body["name"],
            ChannelKind(body.get("type") or 0),
            overwrites=[overwrite(one) for one in body.get("permission_overwrites") or []],
            topic=body.get("topic"),
        )
        channel.parent_id = int(body["parent_id"]) if body.get("parent_id") else None
        self._hub.tell_channel(channel, "CHANNEL_CREATE", serialise.channel(channel), Intent.GUILDS)
        return channel

    def change(self, channel: Channel, body: Json) -> None:
        """Change what the body names of a channel or thread. Who no longer sees it is told that it is gone."""
        before = self._seeing(channel)
        if body.get("name"):
            channel.name = body["name"]
        if "topic" in body:
            channel.topic = body["topic"]
        if "rate_limit_per_user" in body:
            channel.slowmode_seconds = int(body["rate_limit_per_user"] or 0)
        if "permission_overwrites" in body:
            overwrites = [overwrite(one) for one in body["permission_overwrites"] or []]
            channel.overwrites = {one.id: one for one in overwrites}
        if channel.thread is not None:
            self._change_thread(channel.thread, body)
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
        """Delete a channel or thread with what is in it."""
        name = "THREAD_DELETE" if channel.kind in THREADS else "CHANNEL_DELETE"
        self._hub.tell_channel(channel, name, serialise.channel(channel), Intent.GUILDS)
        assert channel.guild is not None
        for thread in [one for one in channel.guild.threads() if one.parent_id == channel.id]:
            self.remove(thread)
        del channel.guild.channels[channel.id]
        del self._world.channels[channel.id]

    def open_thread(self, parent: Channel, owner: User, body: Json, starter: Message | None = None) -> Channel:
        """Start a thread, from a message or on its own; one from a message bears the message's id."""
        assert parent.guild is not None
        now = self._world.now()
        kind = ChannelKind.PUBLIC_THREAD if starter is not None else ChannelKind(body.get("type") or 12)
        thread = Channel(starter.id if starter else self._world.new_id(), kind, body["name"], parent.guild)
        thread.parent_id = parent.id
        thread.slowmode_seconds = int(body.get("rate_limit_per_user") or 0)
        thread.thread = ThreadState(owner.id, now, now, auto_archive_minutes=body.get("auto_archive_duration") or 4320)
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
        """A user becomes a member of a thread."""
        assert thread.thread is not None
        assert thread.guild is not None
        if user.id not in thread.thread.members:
            thread.thread.members[user.id] = self._world.now()
            body = serialise.thread_member(thread, user.id) | {"guild_id": str(thread.guild.id)}
            self._hub.tell_user(user, "THREAD_MEMBER_UPDATE", body, Intent.GUILDS)

    def wake(self, thread: Channel) -> None:
        """A message opens an archived thread again."""
        if thread.thread is not None and thread.thread.archived:
            self.change(thread, {"archived": False})

    def _change_thread(self, state: ThreadState, body: Json) -> None:
        if "archived" in body and bool(body["archived"]) is not state.archived:
            state.archived, state.archive_changed_at = bool(body["archived"]), self._world.now()
        if "locked" in body:
            state.locked = bool(body["locked"])
        if body.get("auto_archive_duration"):
            state.auto_archive_minutes = int(body["auto_archive_duration"])

    def _seeing(self, channel: Channel) -> set[Session]:
        now = self._world.now()
        return {one for one in self._hub.sessions.values() if may_see(channel, one.user, now)}

    def _tell_change(self, channel: Channel, before: set[Session]) -> None:
        kind = "THREAD" if channel.kind in THREADS else "CHANNEL"
        after = self._seeing(channel)
        for session in before | after:
            if session.wants(Intent.GUILDS):
                event = "DELETE" if session not in after else "UPDATE" if session in before else "CREATE"
                session.tell(f"{kind}_{event}", serialise.channel(channel))


def overwrite(body: Json) -> Overwrite:
    """An overwrite from its JSON."""
    return Overwrite(int(body["id"]), int(body["type"]), int(body.get("allow") or 0), int(body.get("deny") or 0))
