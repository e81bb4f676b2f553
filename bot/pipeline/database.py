"""Watching over the database: trouble is told once, and when it is over all that waited for that goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from bot.pipeline.tasks import end_all
from bot.store import Store
from bot.store.trouble import Trouble

log = structlog.get_logger(__name__)

LOOK_SECONDS = 5.0


class DatabaseWatch:
    """While the database is in trouble it is looked at every LOOK_SECONDS; the bot stays where it is meanwhile."""

    def __init__(self, store: Store, on_back: Callable[[], None]) -> None:
        """Watch over `store`; `on_back` is called each time its trouble is over."""
        self._store = store
        self._on_back = on_back
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to watch."""
        self._task = asyncio.create_task(self._run(), name="database-watch")

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            await end_all([self._task])

    async def _run(self) -> None:
        while True:
            trouble: Trouble | None = await self._store.condition.wait_for_trouble()
            told: Trouble | None = None
            while trouble is not None:
                if trouble is not told:
                    log.error("database_in_trouble", advice=trouble.sentence())
                    told = trouble
                await asyncio.sleep(LOOK_SECONDS)
                trouble = await self._store.condition.look_again()
            log.info("database_is_back")
            self._on_back()
