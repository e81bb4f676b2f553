"""What a moderator's answer to a case sets going: it is recorded first, then done or undone, then shown in the log."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

import discord
import structlog

from bot.domain.policy import Action
from bot.domain.records import CaseRecord, ReviewKind
from bot.pipeline.appeals import Appeals
from bot.pipeline.executor import RETRIED, Executor
from bot.pipeline.rules import rule_text_of
from bot.pipeline.showing import Showing
from bot.pipeline.undo import Undoer
from bot.store import Store

log = structlog.get_logger(__name__)


class Reviews:
    """Answers to cases. Who may give them is looked at by whoever calls.

    Every method returns the case as it is afterwards, and raises AnsweredError where somebody answered first,
    ClaimedError where another moderator holds the case.
    """

    def __init__(self, store: Store, executor: Executor, undoer: Undoer, showing: Showing, appeals: Appeals) -> None:
        """Record in `store`, act and tell through the rest."""
        self._store = store
        self._executor = executor
        self._undoer = undoer
        self.showing = showing
        self.appeals = appeals

    async def confirm(self, case: CaseRecord, reviewer_id: int, *, known: int = 0) -> CaseRecord:
        """The bot was right. `known` is how many answers the moderator knows of."""
        await self._store.reviews.answer(case.guild_id, case.number, ReviewKind.CONFIRM, reviewer_id, known=known)
        await self.appeals.tell(case)
        return await self.showing.show(case)

    async def overturn(self, case: CaseRecord, reviewer_id: int, *, known: int = 0, note: str = "") -> CaseRecord:
        """The bot was wrong: what can be undone is. `known` is how many answers the moderator knows of."""
        await self._store.reviews.answer(
            case.guild_id, case.number, ReviewKind.OVERTURN, reviewer_id, known=known, note=note
        )
        await self._undoer.undo(case.journal_id)
        await self.appeals.tell(case)
        return await self.showing.show(case)

    async def act(self, case: CaseRecord, guild: discord.Guild, action: Action, reviewer_id: int) -> CaseRecord:
        """Another action is what the case needs: it is done at once, in any mode."""
        await self._store.reviews.answer(
            case.guild_id, case.number, ReviewKind.OTHER, reviewer_id, note=str(action), asked=[action]
        )
        try:
            await self._executor.perform_asked(case, await rule_text_of(self._store, case), guild)
        except RETRIED as error:
            log.warning("asked_action_unreachable", case=case.number, error=type(error).__name__)
        return await self.showing.show(case)

    async def claim(self, case: CaseRecord, moderator_id: int) -> CaseRecord:
        """A moderator takes the case on; others are refused for a while."""
        await self._store.reviews.claim(case.guild_id, case.number, moderator_id, datetime.now(UTC))
        return await self.showing.show(case)

    async def claim_next(self, guild_id: int, hidden: Collection[int], moderator_id: int) -> CaseRecord | None:
        """A moderator takes on the oldest case of a server that waits and nobody holds; None where there is none.

        Cases in `hidden` channels are left to those who can see them.
        """
        case = await self._store.waiting.claim_next(guild_id, hidden, moderator_id, datetime.now(UTC))
        return await self.showing.show(case) if case is not None else None

    async def release(self, case: CaseRecord, moderator_id: int) -> CaseRecord:
        """The moderator leaves the case to others."""
        await self._store.reviews.release(case.guild_id, case.number, moderator_id, datetime.now(UTC))
        return await self.showing.show(case)

    async def note(self, case: CaseRecord, author_id: int, text: str) -> CaseRecord:
        """Write something down about the case."""
        await self._store.reviews.add_note(case.guild_id, case.number, author_id, text)
        return await self.showing.show(case)
