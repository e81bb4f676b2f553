"""The health endpoints: /healthz, /readyz and /metrics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from aiohttp import web

from bot.web.metrics import CONTENT_TYPE


class Figures(Protocol):
    """What /metrics shows."""

    async def render(self) -> bytes:
        """All figures in Prometheus' text format."""


class Health:
    """Whether the bot lives, whether it is ready, and its figures."""

    def __init__(self, metrics: Figures, missing: Callable[[], list[str]]) -> None:
        """`missing` names what is not ready, if anything."""
        self._metrics = metrics
        self._missing = missing

    def add_to(self, app: web.Application) -> None:
        """Add the endpoints."""
        app.add_routes(
            [
                web.get("/healthz", self._healthz),
                web.get("/readyz", self._readyz),
                web.get("/metrics", self._show_metrics),
            ]
        )

    async def _healthz(self, _: web.Request) -> web.Response:
        return web.Response(text="ok")

    async def _readyz(self, _: web.Request) -> web.Response:
        missing = self._missing()
        return web.json_response({"ready": not missing, "missing": missing}, status=503 if missing else 200)

    async def _show_metrics(self, _: web.Request) -> web.Response:
        return web.Response(body=await self._metrics.render(), headers={"Content-Type": CONTENT_TYPE})
