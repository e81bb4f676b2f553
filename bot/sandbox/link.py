"""One connection to the gateway: HELLO, IDENTIFY, heartbeats, events, RESUME, members on request.

Opcodes, close codes and limits are those of Discord's documentation, "Gateway" and "Opcodes and Status Codes".
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp import web

from bot.sandbox import serialise
from bot.sandbox.checks.form import is_integer
from bot.sandbox.faults import Effect, GatewayFault
from bot.sandbox.hub import Hub, Intent, Session
from bot.sandbox.model import Guild, Member, User
from bot.sandbox.permissions import PRIVILEGED_INTENTS, may_see
from bot.sandbox.snowflake import parse
from bot.sandbox.world import World

if TYPE_CHECKING:
    from bot.sandbox.gateway import Gateway

Json = dict[str, Any]
HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME, RECONNECT = 1, 2, 3, 4, 6, 7
REQUEST_MEMBERS, INVALID_SESSION, HELLO, ACK = 8, 9, 10, 11
ACK_SECONDS = 0.05
UNKNOWN_ERROR, UNKNOWN_OPCODE, DECODE_ERROR, NOT_AUTHENTICATED, AUTHENTICATION_FAILED = 4000, 4001, 4002, 4003, 4004
ALREADY_AUTHENTICATED, INVALID_SEQUENCE, RATE_LIMITED, SESSION_TIMED_OUT = 4005, 4007, 4008, 4009
INVALID_SHARD, INVALID_INTENTS, DISALLOWED_INTENTS = 4010, 4013, 4014
PATIENCE = 1.5
"""So many times the interval may pass between heartbeats before a connection is closed."""
LARGEST_FRAME = 4_096
MOST_FRAMES = 120
"""Frames that a client may send in a minute."""
CHUNK = 1_000
_ALL_INTENTS = (1 << 26) - 1
_GOODBYES = frozenset({1000, 1001})
"""With these codes a client ends its session."""
_PASSED_OVER = frozenset({PRESENCE, VOICE})
_FROM_CLIENTS = frozenset({HEARTBEAT, IDENTIFY, RESUME})
_REFUSAL: Json = {"op": INVALID_SESSION, "d": False}


class Link:
    """What one socket says and is told."""

    def __init__(
        self,
        gateway: Gateway,
        world: World,
        hub: Hub,
        socket: web.WebSocketResponse,
        transport: asyncio.Transport | None,
    ) -> None:
        self._gateway = gateway
        self._world = world
        self._hub = hub
        self._socket = socket
        self._transport = transport
        self._queue: asyncio.Queue[Json | int] = asyncio.Queue()
        self._session: Session | None = None
        self._heard_at: deque[float] = deque(maxlen=MOST_FRAMES)
        self._beat_at = 0.0
        self._deadline: asyncio.TimerHandle | None = None
        self._closed_here = False
        self._writer = asyncio.create_task(self._write())

    async def run(self) -> None:
        """Say HELLO and listen until the socket is closed."""
        interval = int(self._gateway.heartbeat_seconds * 1000)
        self._queue.put_nowait({"op": HELLO, "d": {"heartbeat_interval": interval}})
        self._expect_heartbeat()
        async for frame in self._socket:
            text = frame.data if frame.type is aiohttp.WSMsgType.TEXT else None
            code = self._hear(text) if self._counts() else RATE_LIMITED
            if code is not None:
                self._queue.put_nowait(code)
                await self._writer
                return
        if self._socket.close_code in _GOODBYES and not self._closed_here and self._session is not None:
            self._hub.close(self._session)

    async def end(self) -> None:
        """The socket is gone; its session waits to be resumed."""
        if self._session is not None and self._session.queue is self._queue:
            self._session.queue = None
        if self._deadline is not None:
            self._deadline.cancel()
        self._writer.cancel()
        with suppress(asyncio.CancelledError):
            await self._writer

    async def _write(self) -> None:
        while True:
            for item in self._as_sent(await self._queue.get()):
                with suppress(ConnectionError):
                    if isinstance(item, int):
                        self._closed_here = True
                        await self._socket.close(code=item)
                        return
                    if isinstance(item, bytes):
                        self._tear(item)
                        return
                    await self._socket.send_json(item)

    def _as_sent(self, item: Json | int) -> list[Json | int | bytes]:
        """What becomes of a frame where something goes wrong with it; bytes are the half of one."""
        fault = None if isinstance(item, int) else self._fault(item["op"], item.get("t") or "")
        if fault is None or isinstance(item, int):
            return [item]
        match fault.effect:
            case Effect.WITHHELD:
                return []
            case Effect.REPEATED:
                return [item, item]
            case Effect.TORN:
                whole = json.dumps(item).encode()
                return [whole[: len(whole) // 2]]
            case Effect.CLOSED:
                return [fault.code]
            case Effect.REFUSED:
                return [_REFUSAL]

    def _fault(self, op: int, event: str = "") -> GatewayFault | None:
        """What goes wrong with a frame of this connection, if anything."""
        is_member = self._session is not None and not self._session.user.bot
        return None if is_member else self._gateway.faults.next(op, event)

    def _tear(self, half: bytes) -> None:
        """Begin a frame twice as long as what comes of it, and reset the connection."""
        assert self._transport is not None
        # A text frame in one piece, its length in two bytes (RFC 6455, 5.2).
        self._transport.write(b"\x81\x7e" + (len(half) * 2).to_bytes(2, "big") + half)
        one = self._transport.get_extra_info("socket")
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    def _counts(self) -> bool:
        """Count a frame; False for one more in a minute than Discord takes."""
        now = asyncio.get_running_loop().time()
        full = len(self._heard_at) == MOST_FRAMES and now - self._heard_at[0] < 60
        self._heard_at.append(now)
        return not full

    def _expect_heartbeat(self) -> None:
        """Close the connection unless a heartbeat comes within PATIENCE times the interval."""
        if self._deadline is not None:
            self._deadline.cancel()
        loop = asyncio.get_running_loop()
        self._beat_at = loop.time()
        self._deadline = loop.call_later(self._gateway.heartbeat_seconds * PATIENCE, self._time_out)

    def _time_out(self) -> None:
        if self._session is not None:
            self._hub.close(self._session)
        self._queue.put_nowait(SESSION_TIMED_OUT)

    def _hear(self, text: str | None) -> int | None:
        """Take one frame; the code to close with, if that is called for."""
        try:
            frame = json.loads(text) if text is not None and len(text.encode()) <= LARGEST_FRAME else None
        except (ValueError, RecursionError):
            return DECODE_ERROR
        if not isinstance(frame, dict) or not is_integer(frame.get("op")):
            return DECODE_ERROR
        op, data = frame["op"], frame.get("d")
        if op in _FROM_CLIENTS and (fault := self._fault(op)):
            if fault.effect is Effect.REFUSED:
                self._hub.sessions.pop(str(data.get("session_id")) if isinstance(data, dict) else "", None)
                self._queue.put_nowait(_REFUSAL)
            return fault.code if fault.effect is Effect.CLOSED else None
        if op == HEARTBEAT:
            user = self._session.user if self._session is not None else None
            self._gateway.heard(user, asyncio.get_running_loop().time() - self._beat_at)
            self._expect_heartbeat()
            # Not at once: the client notes the time of its beat only when it has sent it, in another thread, and
            # takes an answer that is quicker than that for one to the beat before.
            asyncio.get_running_loop().call_later(ACK_SECONDS, self._queue.put_nowait, {"op": ACK, "d": None})
            return None
        alive = self._session is not None and self._session.id in self._hub.sessions
        if op not in (IDENTIFY, RESUME):
            if self._session is None or not alive:
                return NOT_AUTHENTICATED
            if op in _PASSED_OVER:
                return None
            if op != REQUEST_MEMBERS:
                return UNKNOWN_OPCODE
        if not isinstance(data, dict):
            return DECODE_ERROR
        if op == REQUEST_MEMBERS and self._session is not None:
            return self._members(self._session, data)
        if alive:
            return ALREADY_AUTHENTICATED
        return self._identify(data) if op == IDENTIFY else self._resume(data)

    def _identify(self, data: Json) -> int | None:
        self._gateway.identifies += 1
        user = self._world.by_token(str(data.get("token", "")).removeprefix("Bot "))
        if user is None:
            return AUTHENTICATION_FAILED
        shard = data.get("shard")
        if shard is not None and not _is_shard(shard):
            return INVALID_SHARD
        intents: int | None = None
        if user.bot:
            intents = data.get("intents")
            if not is_integer(intents) or intents & ~_ALL_INTENTS:
                return INVALID_INTENTS
            if intents & PRIVILEGED_INTENTS & ~self._world.applications[user.id].intents:
                return DISALLOWED_INTENTS
        session = self._attach(self._hub.open(user, intents))
        session.tell("READY", self._ready(session) | ({"shard": shard} if shard is not None else {}))
        if session.wants(Intent.GUILDS):
            for guild in [one for one in self._world.guilds.values() if user.id in one.members]:
                if guild.id in self._hub.unavailable:
                    continue
                session.tell("GUILD_CREATE", guild_create(guild, user, self._world))
        return None

    def _resume(self, data: Json) -> int | None:
        session = self._hub.sessions.get(str(data.get("session_id")))
        user = self._world.by_token(str(data.get("token", "")).removeprefix("Bot "))
        sequence = data.get("seq")
        if not is_integer(sequence):
            return DECODE_ERROR
        if session is None or session.user is not user:
            self._queue.put_nowait(_REFUSAL)
            return None
        if not 0 <= sequence <= session.sequence:
            return INVALID_SEQUENCE
        missed = session.missed(sequence)
        if missed is None:
            self._hub.close(session)
            self._queue.put_nowait(_REFUSAL)
            return None
        self._gateway.resumes += 1
        if session.queue is not None:
            # The same login cannot be at two sockets: the older one goes.
            session.queue.put_nowait(UNKNOWN_ERROR)
        for frame in missed:
            self._queue.put_nowait(frame)
        self._attach(session).tell("RESUMED", {})
        return None

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
        else:
            # A user's app shows these from the start; bots are given none, as on Discord.
            body["private_channels"] = [serialise.dm(one, user) for one in self._world.dms_of(user)]
        return body

    def _members(self, session: Session, data: Json) -> int | None:
        """Answer a request for members, in chunks of up to 1,000."""
        given = data.get("guild_id")
        guild = self._world.guilds.get(parse(given[0] if isinstance(given, list) and given else given) or 0)
        ids, limit, query = data.get("user_ids"), data.get("limit") or 0, data.get("query") or ""
        if not is_integer(limit) or not isinstance(query, str):
            return DECODE_ERROR
        if guild is None or session.user.id not in guild.members:
            return None
        wanted = [parse(one) for one in (ids if isinstance(ids, list) else [ids])] if ids else None
        if wanted is not None:
            found = [guild.members[one] for one in wanted if one is not None and one in guild.members]
        else:
            if not query and not limit and not session.wants(Intent.MEMBERS):
                return None
            found = [one for one in guild.members.values() if _is_called(one, query.lower())]
            found = found[: limit or None]
        chunks = [found[start : start + CHUNK] for start in range(0, len(found), CHUNK)] or [[]]
        for index, chunk in enumerate(chunks):
            body: Json = {
                "guild_id": str(guild.id),
                "members": [serialise.member(one) for one in chunk],
                "chunk_index": index,
                "chunk_count": len(chunks),
                "not_found": [str(one) for one in wanted or () if one not in guild.members],
            }
            if isinstance(data.get("nonce"), str) and len(data["nonce"]) <= 32:
                body["nonce"] = data["nonce"]
            session.tell("GUILD_MEMBERS_CHUNK", body)
        return None


def _is_called(member: Member, start: str) -> bool:
    return any(name.lower().startswith(start) for name in (member.user.name, member.nick) if name is not None)


def _is_shard(shard: Any) -> bool:
    return (
        isinstance(shard, list)
        and len(shard) == 2
        and all(is_integer(one) for one in shard)
        and 0 <= shard[0] < shard[1]
    )


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
