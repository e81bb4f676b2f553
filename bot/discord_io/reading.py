"""Reading from the gateway only what there is room for: the rest waits at Discord, where it takes no memory of ours.

The library makes a task of each event that it reads. It sends heartbeats whether or not anything is read.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import aiohttp
from discord.http import HTTPClient


def read_patiently(http: HTTPClient, room: Callable[[], Awaitable[None]]) -> None:
    """Let nothing be read from any connection to the gateway before `room` returns."""
    connect = http.ws_connect

    async def connected(url: str, *, compress: int = 0) -> aiohttp.ClientWebSocketResponse:
        socket = await connect(url, compress=compress)
        receive = socket.receive

        async def received(timeout: float | None = None) -> aiohttp.WSMessage:  # noqa: ASYNC109 - the library's
            await room()
            return await receive(timeout)

        socket.receive = received  # type: ignore[method-assign]
        return socket

    http.ws_connect = connected  # type: ignore[method-assign]
