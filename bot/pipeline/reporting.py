"""Reporting: a message that a member reports becomes a case for moderators; the bot alone never acts on one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from bot.domain.decision import Decision, Mode, Outcome, decide, review_for
from bot.domain.records import CaseRecord
from bot.domain.submission import Submission
from bot.judge.interface import Judge, JudgeError
from bot.pipeline.law import live_law
from bot.pipeline.showing import Showing
from bot.store import Store
from bot.store.reports import REPORTED

log = structlog.get_logger(__name__)

JUDGE_SECONDS = 60.0


class Reporting:
    """The case comes first and its verdict after: where judging fails, or the process ends, the case is there."""

    def __init__(
        self, store: Store, judge: Judge, showing: Showing, take: Callable[[CaseRecord], Awaitable[None]]
    ) -> None:
        """`take` takes a new case over: explains it and posts it in the mod log."""
        self._store = store
        self._judge = judge
        self._showing = showing
        self._take = take

    async def report(self, submission: Submission, reporter_id: int, mode: Mode) -> tuple[CaseRecord, bool]:
        """The case of a reported message, and whether it is new: `follow_up` must then be called. StoreError."""
        case, is_new = await self._store.reports.add(submission, reporter_id, mode)
        return (case if is_new else await self._showing.show(case)), is_new

    async def follow_up(self, case: CaseRecord) -> None:
        """Judge a newly reported message by the live policy, then put its case before moderators."""
        try:
            await self._judged(case)
        except Exception:
            log.exception("report_not_judged", guild_id=case.guild_id, case=case.number)
        await self._take(case)

    async def _judged(self, case: CaseRecord) -> None:
        submission, verdict = case.submission, None
        law = await live_law(self._store, case.guild_id)
        if law is None:
            decision = review_for(f"{REPORTED}; the server has no policy to judge it by")
        else:
            thresholds = (await self._store.guilds.get(case.guild_id)).thresholds
            try:
                async with asyncio.timeout(JUDGE_SECONDS):
                    verdict = await self._judge.classify(
                        law.policy, submission.text, submission.normalised, submission.context
                    )
                decision = Decision(Outcome.REVIEW, decide(verdict, law.policy, thresholds).rule, (), REPORTED)
            except (JudgeError, TimeoutError) as error:
                decision = review_for(f"{REPORTED}; it could not be judged: {str(error) or 'the judge took too long'}")
        number = law.version.number if law is not None else None
        await self._store.reports.judged(case.journal_id, verdict, decision, number)
