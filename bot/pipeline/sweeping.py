"""Sweeping: what was given up for the moment, or lost by an error of ours, is taken up again without a restart."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from bot.pipeline.tasks import end_all

log = structlog.get_logger(__name__)

SWEEP_SECONDS = 60.0

Sweep = Callable[[], Awaitable[None]]
"""Takes up what nobody is at; it may take long, and may be ended at any point."""


class Sweeping:
    """Does each sweep at once and then every SWEEP_SECONDS, none waiting for another."""

    def __init__(self, **sweeps: Sweep) -> None:
        """Sweeps by their names, which the log shows."""
        self._sweeps = sweeps
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin, in the background."""
        self._tasks = [
            asyncio.create_task(self._run(name, sweep), name=f"sweep-{name}") for name, sweep in self._sweeps.items()
        ]

    async def stop(self) -> None:
        """End."""
        await end_all(self._tasks)

    async def _run(self, name: str, sweep: Sweep) -> None:
        while True:
            try:
                await sweep()
            except Exception:
                log.exception("sweep_failed", of=name)
            await asyncio.sleep(SWEEP_SECONDS)
