"""The web server of a running bot: health, figures and the console on one port."""

from __future__ import annotations

import asyncio
import errno
import socket
from typing import Protocol

from aiohttp import web

from bot.web.connections import Connections

LARGEST_REQUEST = 512 * 1024
"""Bytes. What is posted at most is a policy."""
IDLE = 60.0
"""Seconds for which a connection is kept on which nothing is asked."""


class WebError(ValueError):
    """Nothing can be served; the message is one sentence that says what to do."""


class Part(Protocol):
    """Something that is served."""

    def add_to(self, app: web.Application) -> None:
        """Add its routes."""


class WebServer:
    """Serves its parts from `start` to `stop`."""

    def __init__(self, host: str, port: int, *parts: Part) -> None:
        """Listen on `host` and `port` (0: any free one)."""
        self._host = host
        self._port = port
        self.parts = parts
        self.app = web.Application()
        self._runner: web.AppRunner | None = None
        self._listener: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port that is bound; the one asked for before `start`."""
        sockets = self._listener.sockets if self._listener else ()
        return int(sockets[0].getsockname()[1]) if sockets else self._port

    async def start(self) -> None:
        """Begin to serve; WebError where the port or host cannot be used."""
        self.app = web.Application(client_max_size=LARGEST_REQUEST)
        for part in self.parts:
            part.add_to(self.app)
        # No page is posted to in a packed form: unpacking a small one may take seconds.
        runner = web.AppRunner(
            self.app, access_log=None, shutdown_timeout=1.0, keepalive_timeout=IDLE, auto_decompress=False
        )
        await runner.setup()
        assert runner.server is not None
        try:
            self._listener = await asyncio.get_running_loop().create_server(
                Connections(runner.server), self._host, self._port
            )
        except (OSError, OverflowError) as error:
            await runner.cleanup()
            raise WebError(self._advice(error)) from error
        self._runner = runner

    async def stop(self) -> None:
        """Serve no longer; nothing happens where it was not started."""
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.close()
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    def _advice(self, error: Exception) -> str:
        if isinstance(error, socket.gaierror) or getattr(error, "errno", None) == errno.EADDRNOTAVAIL:
            return f"{self._host} is no address of this machine: set LAWSPEAKER_WEB_HOST to one, as 127.0.0.1."
        if getattr(error, "errno", None) == errno.EADDRINUSE:
            return f"Port {self._port} is taken: set LAWSPEAKER_WEB_PORT to a free one, or to 0 for any."
        return f"Port {self._port} cannot be used: set LAWSPEAKER_WEB_PORT to another, or to 0 for any free one."
