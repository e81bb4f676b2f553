"""The gateway: who is connected to it, and what a test may do to connections. What a socket says: see `link`."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import structlog
from aiohttp import web

from bot.sandbox.faults import GatewayFaults
from bot.sandbox.hub import Hub, Intent, Json
from bot.sandbox.link import INVALID_SESSION, RECONNECT, UNKNOWN_ERROR, Link, guild_create
from bot.sandbox.model import Guild, User
from bot.sandbox.world import World

_MOST_READ = 64 * 1024
_BEATS_KEPT = 1_000

log = structlog.get_logger(__name__)


class Beat(NamedTuple):
    """A heartbeat: whose, None before they said, and how many seconds after the one before it, or after HELLO."""

    user: User | None
    after: float


class Gateway:
    """Serves connections, and lets a test cut them as Discord does."""

    def __init__(self, world: World, hub: Hub, heartbeat_seconds: float = 41.25) -> None:
        """`url` is set by the server once it knows its address."""
        self._world = world
        self._hub = hub
        self.heartbeat_seconds = heartbeat_seconds
        self.url = ""
        self.faults = GatewayFaults()
        self.identifies = 0
        self.resumes = 0
        self.beats: deque[Beat] = deque(maxlen=_BEATS_KEPT)
        """The newest heartbeats of all connections, in the order in which they came."""
        self._sockets: set[web.WebSocketResponse] = set()

    # What a test or an operator may do to connections

    def reconnect(self, user: User) -> None:
        """Ask a user's clients to connect anew and resume (op 7)."""
        self._to(user, {"op": RECONNECT, "d": None})

    def invalidate(self, user: User, *, resumable: bool = False) -> None:
        """Tell a user's clients that their session is no good (op 9); one not resumable is forgotten."""
        self._to(user, {"op": INVALID_SESSION, "d": resumable})
        if not resumable:
            for session in self._hub.of(user):
                self._hub.close(session)

    def lose(self, user: User) -> None:
        """Close a user's connections and forget their sessions: a RESUME is refused, and nothing is told again."""
        self.cut(user, UNKNOWN_ERROR)
        for session in self._hub.of(user):
            self._hub.close(session)

    def cut(self, user: User, code: int = 1001) -> None:
        """Close a user's connections with a code."""
        for session in self._hub.of(user):
            if session.queue is not None:
                session.queue.put_nowait(code)

    def take_away(self, guild: Guild) -> None:
        """An outage of a guild: its members are told, and of nothing that happens in it until it is given back."""
        self._hub.tell_guild(guild, "GUILD_DELETE", {"id": str(guild.id), "unavailable": True})
        self._hub.unavailable.add(guild.id)

    def give_back(self, guild: Guild) -> None:
        """The outage is over: its members see the guild as it is now."""
        self._hub.unavailable.discard(guild.id)
        for member in list(guild.members.values()):
            self._hub.tell_user(
                member.user, "GUILD_CREATE", guild_create(guild, member.user, self._world), Intent.GUILDS
            )

    async def close(self) -> None:
        """End every connection, as a server does that goes down."""
        for socket in list(self._sockets):
            await socket.close(code=1001)

    def _to(self, user: User, frame: Json) -> None:
        for session in self._hub.of(user):
            if session.queue is not None:
                session.queue.put_nowait(frame)

    # Serving

    def heard(self, user: User | None, after: float) -> None:
        """A heartbeat came, see `Beat`."""
        self.beats.append(Beat(user, after))

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """One connection, from HELLO to its close."""
        socket = web.WebSocketResponse(max_msg_size=_MOST_READ, compress=False)
        await socket.prepare(request)
        self._sockets.add(socket)
        link = Link(self, self._world, self._hub, socket, request.transport)
        try:
            await link.run()
        except Exception as error:  # noqa: BLE001 - a fault of ours ends one connection, not the server
            log.error("sandbox_gateway_failed", error=type(error).__name__)  # noqa: TRY400 - its words may be members'
            await socket.close(code=UNKNOWN_ERROR)
        finally:
            await link.end()
            self._sockets.discard(socket)
        return socket
