"""The web server of a running bot: health, figures and the console on one port."""

from __future__ import annotations

import errno
import socket
from typing import Protocol

from aiohttp import web

LARGEST_REQUEST = 512 * 1024
"""Bytes. What is posted at most is a policy."""


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

    @property
    def port(self) -> int:
        """The port that is bound; the one asked for before `start`."""
        addresses = self._runner.addresses if self._runner else []
        return int(addresses[0][1]) if addresses else self._port

    async def start(self) -> None:
        """Begin to serve; WebError where the port or host cannot be used."""
        self.app = web.Application(client_max_size=LARGEST_REQUEST)
        for part in self.parts:
            part.add_to(self.app)
        runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
        except (OSError, OverflowError) as error:
            await runner.cleanup()
            raise WebError(self._advice(error)) from error
        self._runner = runner

    async def stop(self) -> None:
        """Serve no longer; nothing happens where it was not started."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    def _advice(self, error: Exception) -> str:
        if isinstance(error, socket.gaierror) or getattr(error, "errno", None) == errno.EADDRNOTAVAIL:
            return f"{self._host} is no address of this machine: set LAWSPEAKER_WEB_HOST to one, as 127.0.0.1."
        if getattr(error, "errno", None) == errno.EADDRINUSE:
            return f"Port {self._port} is taken: set LAWSPEAKER_WEB_PORT to a free one, or to 0 for any."
        return f"Port {self._port} cannot be used: set LAWSPEAKER_WEB_PORT to another, or to 0 for any free one."
