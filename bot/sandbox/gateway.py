"""The gateway: HELLO, IDENTIFY, heartbeats, events, RESUME, members on request, over aiohttp's websockets.

Opcodes and close codes are those of Discord's documentation, "Opcodes and Status Codes".
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Any

import aiohttp
from aiohttp import web

from bot.sandbox import serialise
from bot.sandbox.hub import Hub, Intent, Session
from bot.sandbox.model import Guild, User
from bot.sandbox.permissions import PRIVILEGED_INTENTS, may_see
from bot.sandbox.world import World

Json = dict[str, Any]
DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, RESUME, RECONNECT = 0, 1, 2, 3, 6, 7
REQUEST_MEMBERS, INVALID_SESSION, HELLO, ACK = 8, 9, 10, 11
UNKNOWN_OPCODE, DECODE_ERROR, NOT_AUTHENTICATED, AUTHENTICATION_FAILED = 4001, 4002, 4003, 4004
ALREADY_AUTHENTICATED, INVALID_SEQUENCE, SESSION_TIMED_OUT = 4005, 4007, 4009
INVALID_INTENTS, DISALLOWED_INTENTS = 4013, 4014
_ALL_INTENTS = (1 << 26) - 1


class Gateway:
    """Serves connections, and lets a test cut them as Discord does."""

    def __init__(self, world: World, hub: Hub, heartbeat_seconds: float = 41.25) -> None:
        """`url` is set by the server once it knows its address."""
        self._world = world
        self._hub = hub
        self.heartbeat_seconds = heartbeat_seconds
        self.url = ""
        self.deaf = False
        """While true heartbeats are not acknowledged."""
        self.identifies = 0
        self.resumes = 0
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

    def cut(self, user: User, code: int = 1001) -> None:
        """Close a user's connections with a code."""
        for session in self._hub.of(user):
            if session.queue is not None:
                session.queue.put_nowait(code)

    async def close(self) -> None:
        """End every connection, as a server does that goes down."""
        for socket in list(self._sockets):
            await socket.close(code=1001)

    def _to(self, user: User, frame: Json) -> None:
        for session in self._hub.of(user):
            if session.queue is not None:
                session.queue.put_nowait(frame)

    # Serving

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """One connection, from HELLO to its close."""
        socket = web.WebSocketResponse(max_msg_size=0, compress=False)
        await socket.prepare(request)
        self._sockets.add(socket)
        await socket.send_json({"op": HELLO, "d": {"heartbeat_interval": int(self.heartbeat_seconds * 1000)}})
        connection = _Connection(self, self._world, self._hub, socket)
        try:
            async for frame in socket:
                if frame.type is aiohttp.WSMsgType.TEXT and not await connection.hear(frame.data):
                    break
        finally:
            await connection.end()
            self._sockets.discard(socket)
        return socket


class _Connection:
    """What one socket says and is told."""

    def __init__(self, gateway: Gateway, world: World, hub: Hub, socket: web.WebSocketResponse) -> None:
        self._gateway = gateway
        self._world = world
        self._hub = hub
        self._socket = socket
        self._queue: asyncio.Queue[Json | int] = asyncio.Queue()
        self._session: Session | None = None
        self._writer = asyncio.create_task(self._write())

    async def hear(self, text: str) -> bool:
        """Take one frame; False once the socket is closed."""
        try:
            frame = json.loads(text)
            op, data = frame["op"], frame.get("d")
        except (ValueError, TypeError, KeyError):
            return await self._refuse(DECODE_ERROR)
        if op == HEARTBEAT:
            if not self._gateway.deaf:
                self._queue.put_nowait({"op": ACK, "d": None})
            return True
        if op == IDENTIFY:
            return await self._identify(data)
        if op == RESUME:
            return await self._resume(data)
        if self._session is None:
            return await self._refuse(NOT_AUTHENTICATED)
        if op == REQUEST_MEMBERS:
            self._members(self._session, data)
        elif op != PRESENCE:
            return await self._refuse(UNKNOWN_OPCODE)
        return True

    async def end(self) -> None:
        """The socket is gone; its session waits to be resumed."""
        if self._session is not None and self._session.queue is self._queue:
            self._session.queue = None
        self._writer.cancel()
        with suppress(asyncio.CancelledError):
            await self._writer

    async def _write(self) -> None:
        while True:
            item = await self._queue.get()
            with suppress(ConnectionError):
                if isinstance(item, int):
                    await self._socket.close(code=item)
                    return
                await self._socket.send_json(item)

    async def _refuse(self, code: int) -> bool:
        await self._socket.close(code=code)
        return False

    async def _identify(self, data: Json) -> bool:
        if self._session is not None:
            return await self._refuse(ALREADY_AUTHENTICATED)
        self._gateway.identifies += 1
        user = self._world.by_token(str(data.get("token", "")).removeprefix("Bot "))
        if user is None:
            return await self._refuse(AUTHENTICATION_FAILED)
        intents: int | None = None
        if user.bot:
            wanted = data.get("intents")
            if not isinstance(wanted, int) or wanted & ~_ALL_INTENTS:
                return await self._refuse(INVALID_INTENTS)
            allowed = self._world.applications[user.id].intents
            if wanted & PRIVILEGED_INTENTS & ~allowed:
                return await self._refuse(DISALLOWED_INTENTS)
            intents = wanted
        session = self._attach(self._hub.open(user, intents))
        session.tell("READY", self._ready(session))
        if session.wants(Intent.GUILDS):
            for guild in [one for one in self._world.guilds.values() if user.id in one.members]:
                session.tell("GUILD_CREATE", guild_create(guild, user, self._world))
        return True

    async def _resume(self, data: Json) -> bool:
        session = self._hub.sessions.get(str(data.get("session_id")))
        user = self._world.by_token(str(data.get("token", "")).removeprefix("Bot "))
        missed = session.missed(int(data.get("seq") or 0)) if session is not None else None
        if session is None or session.user is not user or missed is None:
            self._queue.put_nowait({"op": INVALID_SESSION, "d": False})
            return True
        self._gateway.resumes += 1
        for frame in missed:
            self._queue.put_nowait(frame)
        self._attach(session).tell("RESUMED", {})
        return True

    def _attach(self, session: Session) -> Session:
        session.queue, self._session = self._queue, session
        return session

    def _ready(self, session: Session) -> Json:
        user = session.user
        body: Json = {
            "v": 10,
            "user": serialise.own_user(user),
            "guilds": [
                {"id": str(one.id), "unavailable": True}
                for one in self._world.guilds.values()
                if user.id in one.members
            ],
            "session_id": session.id,
            "resume_gateway_url": self._gateway.url,
        }
        if user.bot:
            application = serialise.application(self._world.applications[user.id])
            body["application"] = {key: application[key] for key in ("id", "flags")}
        return body

    def _members(self, session: Session, data: Json) -> None:
        """Answer a request for members in one chunk (Discord's are of up to 1,000)."""
        guild = self._world.guilds.get(int(data["guild_id"]))
        if guild is None or session.user.id not in guild.members:
            return
        ids = data.get("user_ids")
        wanted = [int(one) for one in (ids if isinstance(ids, list) else [ids])] if ids else None
        if wanted is not None:
            found = [guild.members[one] for one in wanted if one in guild.members]
        else:
            query, limit = str(data.get("query") or "").lower(), int(data.get("limit") or 0)
            found = [one for one in guild.members.values() if one.user.name.lower().startswith(query)]
            found = found[: limit or None]
        body: Json = {
            "guild_id": str(guild.id),
            "members": [serialise.member(one) for one in found],
            "chunk_index": 0,
            "chunk_count": 1,
            "not_found": [str(one) for one in wanted or () if one not in guild.members],
        }
        if data.get("nonce"):
            body["nonce"] = data["nonce"]
        session.tell("GUILD_MEMBERS_CHUNK", body)


def guild_create(guild: Guild, viewer: User, world: World) -> Json:
    """A guild as a client that has just come sees it: its channels (hidden ones too, as Discord does), the open
    threads that show, and the viewer's own membership."""
    threads = [one for one in guild.threads() if one.thread is not None and not one.thread.archived]
    return serialise.guild(guild) | {
        "joined_at": serialise.stamp(guild.members[viewer.id].joined_at),
        "large": False,
        "unavailable": False,
        "member_count": len(guild.members),
        "members": [serialise.member(guild.members[viewer.id])],
        "channels": [serialise.channel(one) for one in guild.channels.values() if one.thread is None],
        "threads": [serialise.channel(one) for one in threads if may_see(one, viewer, world.now())],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }
