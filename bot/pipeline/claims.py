"""Claims that have lapsed: the case is free again, and its post says so without waiting for its next change."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import discord
import structlog

from bot.discord_io.speaking import language_in
from bot.language import speaking
from bot.pipeline.showing import Showing
from bot.pipeline.tasks import end_all
from bot.store import Store

log = structlog.get_logger(__name__)

LOOK_SECONDS = 20.0


class Claims:
    """Looks for lapsed claims every LOOK_SECONDS; those of a process that ended are found as well."""

    def __init__(self, client: discord.Client, store: Store, showing: Showing) -> None:
        """Look in `store`, free cases through `showing`; `client` knows the servers' languages."""
        self._client = client
        self._store = store
        self._showing = showing
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look."""
        self._task = asyncio.create_task(self._run(), name="claims")

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            await end_all([self._task])

    async def free_lapsed(self, now: datetime) -> None:
        """Free every case whose claim has lapsed by now."""
        for case in await self._store.reviews.lapsed(now):
            with speaking(await language_in(self._client, self._store, case.guild_id)):
                await self._showing.free(case, now)

    async def _run(self) -> None:
        while True:
            try:
                await self.free_lapsed(datetime.now(UTC))
            except Exception:
                log.exception("claims_not_freed")
            await asyncio.sleep(LOOK_SECONDS)
