"""The health endpoints: /healthz, /readyz and /metrics."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable
from typing import Protocol

from aiohttp import web

from bot.web.metrics import CONTENT_TYPE


class HealthError(ValueError):
    """The endpoints cannot be served; the message is one sentence that says what to do."""


class Figures(Protocol):
    """What /metrics shows."""

    async def render(self) -> bytes:
        """All figures in Prometheus' text format."""


class HealthServer:
    """Serves the endpoints from `start` to `stop`."""

    def __init__(self, host: str, port: int, metrics: Figures, missing: Callable[[], list[str]]) -> None:
        """Listen on `host` and `port` (0: any free one); `missing` names what is not ready, if anything."""
        self._host = host
        self._port = port
        self._metrics = metrics
        self._missing = missing
        self._runner: web.AppRunner | None = None

    @property
    def port(self) -> int:
        """The port that is bound; the one asked for before `start`."""
        addresses = self._runner.addresses if self._runner else []
        return int(addresses[0][1]) if addresses else self._port

    async def start(self) -> None:
        """Begin to serve; HealthError where the port or host cannot be used."""
        app = web.Application()
        app.add_routes(
            [
                web.get("/healthz", self._healthz),
                web.get("/readyz", self._readyz),
                web.get("/metrics", self._show_metrics),
            ]
        )
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
        except (OSError, OverflowError) as error:
            await runner.cleanup()
            raise HealthError(self._advice(error)) from error
        self._runner = runner

    async def stop(self) -> None:
        """Serve no longer; nothing happens where it was not started."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def _healthz(self, _: web.Request) -> web.Response:
        return web.Response(text="ok")

    async def _readyz(self, _: web.Request) -> web.Response:
        missing = self._missing()
        return web.json_response({"ready": not missing, "missing": missing}, status=503 if missing else 200)

    async def _show_metrics(self, _: web.Request) -> web.Response:
        return web.Response(body=await self._metrics.render(), headers={"Content-Type": CONTENT_TYPE})

    def _advice(self, error: Exception) -> str:
        if isinstance(error, socket.gaierror) or getattr(error, "errno", None) == errno.EADDRNOTAVAIL:
            return f"{self._host} is no address of this machine: set LAWSPEAKER_WEB_HOST to one, as 127.0.0.1."
        if getattr(error, "errno", None) == errno.EADDRINUSE:
            return f"Port {self._port} is taken: set LAWSPEAKER_WEB_PORT to a free one, or to 0 for any."
        return f"Port {self._port} cannot be used: set LAWSPEAKER_WEB_PORT to another, or to 0 for any free one."
