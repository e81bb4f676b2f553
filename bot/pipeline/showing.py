"""Showing: the post of a case follows what becomes of the case."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot.domain.records import CaseRecord
from bot.pipeline.modlog import ModLog
from bot.pipeline.rules import rule_text_of
from bot.pipeline.turns import Turns
from bot.store import Store


class Showing:
    """Reads a case anew and lets its post show it. `on_shown` hears of each that was read for that."""

    def __init__(self, store: Store, modlog: ModLog) -> None:
        """Read from `store`, show through `modlog`."""
        self._store = store
        self._modlog = modlog
        self._turns = Turns()
        self.on_shown: Callable[[CaseRecord], None] = lambda case: None

    def turn(self, journal_id: int) -> asyncio.Lock:
        """What is held while the post of a submission's case is edited: nobody shows it as it was before."""
        return self._turns.of(journal_id)

    async def show(self, case: CaseRecord) -> CaseRecord:
        """The case as it is now, and as the mod log shows it from now on."""
        # In turns, or of two who answer at once the one who read the case first might be the last to show it.
        async with self.turn(case.journal_id):
            now = await self._store.cases.get(case.guild_id, case.number)
            assert now is not None
            await self._modlog.refresh(now, await rule_text_of(self._store, now))
        self.on_shown(now)
        return now

    async def free(self, case: CaseRecord, at: datetime) -> None:
        """Let a case be free whose claim has lapsed at a time; nothing where it is claimed anew or answered by then.

        The post comes first: where Discord is away, or the process ends, the claim is found once more.
        """
        async with self.turn(case.journal_id):
            now = await self._store.cases.get(case.guild_id, case.number)
            if now is None or now.answer is not None or now.claimed_at is None or now.claim_at(at) is not None:
                return
            free = replace(now, claimed_by=None, claimed_at=None)
            if await self._modlog.refresh(free, await rule_text_of(self._store, now)):
                await self._store.reviews.lapse(now.guild_id, now.number, now.claimed_at)
