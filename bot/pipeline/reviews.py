"""What a moderator's answer to a case sets going: it is recorded first, then done or undone, then shown in the log."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

import discord
import structlog

from bot.discord_io.speaking import language_in
from bot.domain.policy import Action
from bot.domain.records import CaseRecord, ReviewKind
from bot.language import speaking
from bot.pipeline.appeals import Appeals
from bot.pipeline.executor import Executor
from bot.pipeline.passing import may_pass
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

    def __init__(
        self,
        client: discord.Client,
        store: Store,
        executor: Executor,
        undoer: Undoer,
        showing: Showing,
        appeals: Appeals,
    ) -> None:
        """Record in `store`, act and tell through the rest; `client` knows the servers' languages."""
        self._client = client
        self._store = store
        self._executor = executor
        self._undoer = undoer
        self.showing = showing
        self.appeals = appeals
        # Submissions in whose cases something that was asked for may still be to be done.
        self._asked: set[int] = set()
        self._knows_all = False

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

    async def act(self, case: CaseRecord, action: Action, reviewer_id: int, *, known: int = 0) -> CaseRecord:
        """Another action is what the case needs: it is done at once, in any mode; `resume` goes on where it could not.

        Until then it is planned or attempted. `known` is how many answers the moderator knows of.
        """
        await self._store.reviews.answer(
            case.guild_id, case.number, ReviewKind.OTHER, reviewer_id, known=known, note=str(action), asked=[action]
        )
        self._asked.add(case.journal_id)
        await self._do_asked(case)
        return await self.showing.show(case)

    async def resume(self) -> None:
        """Try what was asked for and could not be done again; at first also what a process that ended left behind."""
        if not self._knows_all:
            self._asked.update(await self._store.reviews.asked_open())
            self._knows_all = True
        for journal_id in sorted(self._asked):
            case = await self._store.cases.by_journal(journal_id)
            if case is None:  # its server was removed
                self._asked.discard(journal_id)
                continue
            with speaking(await language_in(self._client, self._store, case.guild_id)):
                await self._do_asked(case)
                if await self._store.cases.by_journal(journal_id) != case:
                    await self.showing.show(case)

    async def _do_asked(self, case: CaseRecord) -> None:
        try:
            await self._executor.perform_asked(case, await rule_text_of(self._store, case))
        except Exception as error:
            if may_pass(error):
                log.warning("asked_action_unreachable", case=case.number, error=type(error).__name__)
            else:
                log.exception("asked_action_failed", case=case.number)
        else:
            self._asked.discard(case.journal_id)

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
