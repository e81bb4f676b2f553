"""Connections to the web server: who says nothing, says it slowly, or packs it, takes nothing from others."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from bot.web import server as web_server
from bot.web.connections import Connections
from bot.web.server import WebServer

HEAD = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n"
SECONDS = 60.0


class Echo:
    """Answers how many bytes it was sent, and notes them."""

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/", self._length)
        app.router.add_post("/", self._length)

    async def _length(self, request: web.Request) -> web.Response:
        return web.Response(text=str(len(await request.read())))


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two connections there is room, and for a while."""
    monkeypatch.setattr(web_server, "Connections", lambda make: Connections(make, 2, 0.05))


@pytest.fixture
async def served() -> AsyncIterator[WebServer]:
    made = WebServer("127.0.0.1", 0, Echo())
    await made.start()
    yield made
    await made.stop()


async def ended(reader: asyncio.StreamReader) -> bytes:
    """What is said before the other side ends the connection."""
    try:
        async with asyncio.timeout(SECONDS):
            return await reader.read()
    except ConnectionError:
        return b""


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("said", [b"", b"G", HEAD])
async def test_who_does_not_say_what_they_want_is_not_waited_for(served: WebServer, said: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(said)
    assert await ended(reader) == b""
    writer.close()


async def test_a_head_that_comes_in_parts_is_heard(served: WebServer) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    for part in (HEAD + b"Connection: close\r", b"\n\r", b"\n"):
        writer.write(part)
        await writer.drain()
        await asyncio.sleep(0)
    assert (await ended(reader)).endswith(b"\r\n\r\n0")
    writer.close()


async def test_there_are_not_more_connections_than_the_process_has_room_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(web_server, "Connections", lambda make: Connections(make, 2))
    served = WebServer("127.0.0.1", 0, Echo())
    await served.start()
    try:
        held = [await asyncio.open_connection("127.0.0.1", served.port) for _ in range(2)]
        for reader, writer in held:
            writer.write(HEAD + b"\r\n")
            await reader.readuntil(b"\r\n\r\n0")
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
        writer.write(HEAD + b"Connection: close\r\n\r\n")
        assert await ended(reader) == b"", "one too many"
        reader, writer = held.pop()
        writer.close()
        await writer.wait_closed()
        async with asyncio.timeout(SECONDS):
            while True:  # until the server has heard of it
                reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
                writer.write(HEAD + b"Connection: close\r\n\r\n")
                if await ended(reader):
                    break
    finally:
        await served.stop()


async def test_what_is_packed_is_not_unpacked(served: WebServer) -> None:
    """A form of some hundred kilobytes would be hundreds of megabytes, during which nothing else goes on."""
    packed = gzip.compress(b"\0" * 1_000_000)
    address = f"http://127.0.0.1:{served.port}/"
    headers = {"Content-Encoding": "gzip"}
    async with aiohttp.ClientSession() as session, session.post(address, data=packed, headers=headers) as answer:
        assert await answer.text() == str(len(packed))
