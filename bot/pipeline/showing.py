"""Showing: the post of a case follows what becomes of the case."""

from __future__ import annotations

from bot.domain.records import CaseRecord
from bot.pipeline.modlog import ModLog
from bot.pipeline.rules import rule_text_of
from bot.pipeline.turns import Turns
from bot.store import Store


class Showing:
    """Reads a case anew and lets its post show it."""

    def __init__(self, store: Store, modlog: ModLog) -> None:
        """Read from `store`, show through `modlog`."""
        self._store = store
        self._modlog = modlog
        self._turns = Turns()

    async def show(self, case: CaseRecord) -> CaseRecord:
        """The case as it is now, and as the mod log shows it from now on."""
        # In turns, or of two who answer at once the one who read the case first might be the last to show it.
        async with self._turns.of(case.journal_id):
            now = await self._store.cases.get(case.guild_id, case.number)
            assert now is not None
            await self._modlog.refresh(now, await rule_text_of(self._store, now))
            return now
