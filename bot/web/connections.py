"""The web server's connections: no more of them than the process has room for, and none that never says what it wants.

Each one is an open file of the process that also holds the database and the gateway. aiohttp waits for the head of a
first request as long as it takes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

MOST = 400
PATIENCE = 10.0
"""Seconds from a connection's beginning to the end of its first request's head."""
_END = b"\r\n\r\n"


class Connections:
    """Makes a connection's protocol, as `create_server` asks for it."""

    def __init__(self, make: Callable[[], asyncio.Protocol], most: int = MOST, patience: float = PATIENCE) -> None:
        """Each connection is `make`'s, as long as there are not too many."""
        self._make = make
        self._most = most
        self.patience = patience
        self.open = 0

    def __call__(self) -> Connection:
        """The next one."""
        return Connection(self, self._make() if self.open < self._most else None)


class Connection(asyncio.Protocol):
    """Hands on what is said on one connection."""

    def __init__(self, among: Connections, inner: asyncio.Protocol | None) -> None:
        """`inner` hears it; None where there are too many, and this one is closed."""
        self._among = among
        self._inner = inner
        self._timer: asyncio.TimerHandle | None = None
        self._tail = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It begins."""
        assert isinstance(transport, asyncio.Transport)
        self._among.open += 1
        if self._inner is None:
            transport.abort()
            return
        self._timer = asyncio.get_running_loop().call_later(self._among.patience, transport.abort)
        self._inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """The client said something."""
        if self._timer is not None:
            said = self._tail + data
            if _END in said:
                self._heard()
            self._tail = said[-len(_END) + 1 :]
        if self._inner is not None:
            self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        """The client says no more."""
        return self._inner.eof_received() if self._inner is not None else None

    def pause_writing(self) -> None:
        """The client is slow to read."""
        if self._inner is not None:
            self._inner.pause_writing()

    def resume_writing(self) -> None:
        """It read on."""
        if self._inner is not None:
            self._inner.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        self._among.open -= 1
        self._heard()
        if self._inner is not None:
            self._inner.connection_lost(exc)

    def _heard(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
