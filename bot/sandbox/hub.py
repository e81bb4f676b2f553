"""Who is connected, and what they are told: events, in order, to those who may see them."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntFlag
from typing import Any

from bot.sandbox import serialise
from bot.sandbox.model import Channel, Guild, Message, User
from bot.sandbox.permissions import may_see
from bot.sandbox.world import World

Json = dict[str, Any]
KEPT_FOR_RESUME = 2_000
"""Events a session keeps, so that a client that comes back can be told what it missed."""


MOST_WAITING = 50
"""Sessions without a socket that may still be resumed; the oldest are forgotten."""


class Intent(IntFlag):
    """Gateway intents, those the sandbox has events for (Discord's documentation, "Gateway Intents")."""

    GUILDS = 1 << 0
    MEMBERS = 1 << 1
    MODERATION = 1 << 2
    GUILD_MESSAGES = 1 << 9
    DIRECT_MESSAGES = 1 << 12
    MESSAGE_CONTENT = 1 << 15


@dataclass(eq=False, slots=True)
class Session:
    """One login at the gateway. `intents` is None for a user's app, which is told everything.

    `queue` takes frames to the socket, and is None while there is none.
    """

    user: User
    intents: int | None
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    sequence: int = 0
    sent: deque[Json] = field(default_factory=lambda: deque(maxlen=KEPT_FOR_RESUME))
    queue: asyncio.Queue[Json | int] | None = None

    def wants(self, intent: Intent | None) -> bool:
        """Whether the client asked for events of this kind; None stands for those everyone gets."""
        return intent is None or self.intents is None or bool(self.intents & intent)

    def tell(self, name: str, data: Any) -> None:
        """Send an event, now or at the next RESUME."""
        self.sequence += 1
        frame = {"op": 0, "t": name, "s": self.sequence, "d": data}
        self.sent.append(frame)
        if self.queue is not None:
            self.queue.put_nowait(frame)

    def missed(self, sequence: int) -> list[Json] | None:
        """The events after a number; None where they are not all kept any more."""
        if sequence > self.sequence or (self.sent and self.sent[0]["s"] > sequence + 1):
            return None
        return [frame for frame in self.sent if frame["s"] > sequence]


class Hub:
    """All sessions, by id. Everything is told at once, in the order in which it happens."""

    def __init__(self, world: World) -> None:
        """Nobody is connected yet."""
        self._world = world
        self.sessions: dict[str, Session] = {}
        self.unavailable: set[int] = set()
        """Guilds with an outage."""

    def open(self, user: User, intents: int | None) -> Session:
        """A new session, not yet with a socket."""
        waiting = [one for one in self.sessions.values() if one.queue is None]
        for oldest in waiting[: max(len(waiting) - MOST_WAITING, 0)]:
            self.close(oldest)
        session = Session(user, intents)
        self.sessions[session.id] = session
        return session

    def close(self, session: Session) -> None:
        """Forget a session; it cannot be resumed any more."""
        self.sessions.pop(session.id, None)

    def of(self, user: User) -> list[Session]:
        """A user's sessions."""
        return [session for session in self.sessions.values() if session.user is user]

    def tell_user(self, user: User, name: str, data: Any, intent: Intent | None = None) -> None:
        """Tell every session of one user."""
        self._tell(self.of(user), name, data, intent)

    def tell_guild(self, guild: Guild, name: str, data: Any, intent: Intent | None = Intent.GUILDS) -> None:
        """Tell everyone in a guild."""
        if guild.id in self.unavailable:
            return
        inside = (session for session in list(self.sessions.values()) if session.user.id in guild.members)
        self._tell(inside, name, data, intent)

    def tell_channel(self, channel: Channel, name: str, data: Any, intent: Intent | None) -> None:
        """Tell everyone who sees a channel."""
        self._tell(self._viewers(channel), name, data, intent)

    def tell_message(self, message: Message, name: str) -> None:
        """Tell of a message those who see it; without its content those who may not read that."""
        intent = Intent.GUILD_MESSAGES if message.channel.guild else Intent.DIRECT_MESSAGES
        body = serialise.gateway_message(message)
        if message.ephemeral_to is not None:
            # The application hears of its own ephemeral messages through its requests alone.
            self.tell_user(message.ephemeral_to, name, body)
            return
        for session in self._viewers(message.channel):
            if session.wants(intent):
                reads = session.wants(Intent.MESSAGE_CONTENT) or may_read(session.user, message)
                session.tell(name, body if reads else serialise.without_content(body))

    def tell_people(self, message: Message, name: str, data: Any) -> None:
        """Tell the users, and no bot, who see a message or saw it before it was deleted."""
        to = message.ephemeral_to
        sessions = self._viewers(message.channel) if to is None else self.of(to)
        self._tell((one for one in sessions if not one.user.bot), name, data, None)

    def tell_members(self, guild: Guild, name: str, data: Any) -> None:
        """Tell the users in a guild, and no bot, of what is no part of Discord."""
        inside = (one for one in self.sessions.values() if one.user.id in guild.members and not one.user.bot)
        self._tell(list(inside), name, data, None)

    def _viewers(self, channel: Channel) -> list[Session]:
        if channel.guild is not None and channel.guild.id in self.unavailable:
            return []
        now = self._world.now()
        return [session for session in self.sessions.values() if may_see(channel, session.user, now)]

    @staticmethod
    def _tell(sessions: Iterable[Session], name: str, data: Any, intent: Intent | None) -> None:
        for session in sessions:
            if session.wants(intent):
                session.tell(name, data)


def may_read(user: User, message: Message) -> bool:
    """Whether a bot reads a message without the intent: direct messages, its own, and those that mention it."""
    return message.channel.guild is None or message.author is user or user in message.mentions
