"""What a socket may say to the sandbox's gateway, and the code with which it is closed for anything else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from bot.sandbox.link import CHUNK, LARGEST_FRAME, MOST_FRAMES
from bot.sandbox.model import User
from tests.sandbox.conftest import Place

ALL = (1 << 26) - 1


class Socket:
    """One raw connection, past its HELLO."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def say(self, op: int, data: Any = None) -> None:
        await self.socket.send_json({"op": op, "d": data})

    async def hear(self, op: int) -> dict[str, Any]:
        """The next frame with an opcode."""
        while True:
            frame: dict[str, Any] = await self.socket.receive_json(timeout=5)
            if frame["op"] == op:
                return frame

    async def event(self, name: str) -> dict[str, Any]:
        """The next event of a name."""
        while True:
            frame = await self.hear(0)
            if frame["t"] == name:
                return frame

    async def identify(self, token: str, intents: Any = ALL, **more: Any) -> dict[str, Any]:
        await self.say(2, {"token": token, "intents": intents, "properties": {}, **more})
        ready: dict[str, Any] = (await self.event("READY"))["d"]
        return ready

    async def closed(self) -> int | None:
        """The code with which the server closes."""
        while True:
            frame = await self.socket.receive(timeout=5)
            if frame.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSING):
                return self.socket.close_code


@asynccontextmanager
async def connected(place: Place) -> AsyncIterator[Socket]:
    async with aiohttp.ClientSession() as session, session.ws_connect(place.server.gateway_url) as socket:
        one = Socket(socket)
        assert (await one.hear(10))["d"]["heartbeat_interval"] == place.server.gateway.heartbeat_seconds * 1000
        yield one


NO_OBJECTS: list[Any] = [None, [], "x", 7]
NO_SEQUENCES: list[Any] = [None, "x", [], True]
UNUSABLE = [
    *["no json", "[]", '"text"', "7", "null", "{}", '{"op": []}', '{"op": true}', "[" * 4_000],
    "x" * (LARGEST_FRAME + 1),
    *(json.dumps({"op": op, "d": data}) for op in (2, 6) for data in NO_OBJECTS),
    *(json.dumps({"op": 6, "d": {"token": "x", "session_id": "x", "seq": seq}}) for seq in NO_SEQUENCES),
]


@pytest.mark.parametrize("text", UNUSABLE)
async def test_an_unusable_frame_closes_the_connection(place: Place, text: str) -> None:
    async with connected(place) as one:
        await one.socket.send_str(text)
        assert await one.closed() == 4002


async def test_binary_frames_and_unknown_opcodes_close_the_connection(place: Place) -> None:
    async with connected(place) as one:
        await one.socket.send_bytes(b"\x83")
        assert await one.closed() == 4002
    async with connected(place) as one:
        await one.identify(place.application.token)
        await one.say(99, {})
        assert await one.closed() == 4001


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"token": "nonsense"}, 4004),
        ({"token": None}, 4004),
        ({"intents": "all"}, 4013),
        ({"intents": -1}, 4013),
        ({"intents": None}, 4013),
        ({"intents": 1 << 40}, 4013),
        ({"shard": [1, 1]}, 4010),
        ({"shard": "0"}, 4010),
    ],
)
async def test_a_login_that_discord_refuses_is_refused(place: Place, changes: dict[str, Any], code: int) -> None:
    async with connected(place) as one:
        await one.say(2, {"token": place.application.token, "intents": ALL, **changes})
        assert await one.closed() == code


async def test_logging_in_twice_is_refused(place: Place) -> None:
    async with connected(place) as one:
        await one.identify(place.application.token)
        await one.say(2, {"token": place.application.token, "intents": ALL})
        assert await one.closed() == 4005


async def test_heartbeats_are_acknowledged_and_who_sends_none_is_closed_and_cannot_resume(place: Place) -> None:
    place.server.gateway.heartbeat_seconds = 0.2
    async with connected(place) as one:
        ready = await one.identify(place.application.token)
        await one.say(1, None)
        await one.hear(11)
        assert await one.closed() == 4009
    async with connected(place) as one:
        await one.say(6, {"token": place.application.token, "session_id": ready["session_id"], "seq": 1})
        assert (await one.hear(9))["d"] is False
        await one.identify(place.application.token)


async def test_it_is_noted_whose_heartbeats_came_and_how_long_after_the_one_before(place: Place) -> None:
    async with connected(place) as one:
        await one.say(1, None)
        await one.hear(11)
        await one.identify(place.application.token)
        await asyncio.sleep(0.1)
        await one.say(1, None)
        await one.hear(11)
    first, second = place.server.gateway.beats
    assert (first.user, second.user) == (None, place.application.bot)
    assert second.after >= 0.1


async def test_a_session_is_resumed_with_what_was_missed_and_by_its_own_user_alone(place: Place) -> None:
    async with connected(place) as one:
        ready = await one.identify(place.application.token)
        seen = (await one.event("GUILD_CREATE"))["s"]
        await one.socket.close(code=4000)
    first = place.server.post(place.member, place.general, "missed")
    resume = {"token": place.application.token, "session_id": ready["session_id"], "seq": seen}
    other = place.server.world.add_application("other")
    async with connected(place) as one:
        await one.say(6, {**resume, "token": other.token})
        assert (await one.hear(9))["d"] is False
    async with connected(place) as one:
        await one.say(6, {**resume, "seq": 1_000})
        assert await one.closed() == 4007
    async with connected(place) as one, connected(place) as newer:
        for socket in (one, newer):
            await socket.say(6, resume)
            event = await socket.event("MESSAGE_CREATE")
            assert (event["d"]["id"], event["s"]) == (str(first.id), seen + 1)
            await socket.event("RESUMED")
        assert await one.closed() == 4000, "one login is at one socket"
        place.server.post(place.member, place.general, "new")
        assert (await newer.event("MESSAGE_CREATE"))["d"]["content"] == "new"


@pytest.mark.parametrize("code", [1000, 1001])
async def test_a_client_that_says_goodbye_ends_its_session(place: Place, code: int) -> None:
    async with connected(place) as one:
        await one.identify(place.application.token)
        await one.socket.close(code=code)
    async with asyncio.timeout(5):
        while place.server.hub.sessions:  # noqa: ASYNC110 - nothing tells of a session's end
            await asyncio.sleep(0)


async def test_a_session_too_old_to_be_told_all_it_missed_begins_anew(place: Place) -> None:
    async with connected(place) as one:
        ready = await one.identify(place.application.token)
        session = place.server.hub.sessions[ready["session_id"]]
        await one.event("GUILD_CREATE")
        await one.socket.close(code=4000)
    for _ in range(session.sent.maxlen or 0):
        session.tell("TYPING_START", {})
    async with connected(place) as one:
        await one.say(6, {"token": place.application.token, "session_id": session.id, "seq": 1})
        assert (await one.hear(9))["d"] is False


async def test_a_client_that_floods_the_gateway_is_closed(place: Place) -> None:
    async with connected(place) as one:
        for _ in range(MOST_FRAMES):
            await one.say(1)
        await one.say(1)
        assert await one.closed() == 4008


async def test_members_come_in_chunks_and_unusable_requests_for_them_close(place: Place) -> None:
    for number in range(CHUNK):
        place.server.world.join(place.guild, User(number, f"u{number}", ""))
    async with connected(place) as one:
        await one.identify(place.application.token)
        await one.say(8, {"guild_id": str(place.guild.id), "query": "", "limit": 0, "nonce": "n"})
        chunks = [(await one.event("GUILD_MEMBERS_CHUNK"))["d"] for _ in range(2)]
        assert [len(chunk["members"]) for chunk in chunks] == [CHUNK, 3]
        assert [(chunk["chunk_index"], chunk["chunk_count"], chunk["nonce"]) for chunk in chunks] == [
            (0, 2, "n"),
            (1, 2, "n"),
        ]
        await one.say(8, {"guild_id": str(place.guild.id), "user_ids": ["x", str(place.member.id)]})
        chunk = (await one.event("GUILD_MEMBERS_CHUNK"))["d"]
        assert [member["user"]["id"] for member in chunk["members"]] == [str(place.member.id)]
        await one.say(8, {"guild_id": str(place.guild.id), "query": [], "limit": "x"})
        assert await one.closed() == 4002


async def test_an_event_comes_only_to_who_asked_for_its_kind(place: Place) -> None:
    async with connected(place) as one:
        await one.identify(place.application.token, intents=1)
        await one.event("GUILD_CREATE")
        place.server.post(place.member, place.general, "hi")
        place.server.places.change(place.general, {"topic": "t"})
        assert (await one.hear(0))["t"] == "CHANNEL_UPDATE"
