"""Reporting: a message that a member reports becomes a case for moderators; the bot alone never acts on one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import discord
import structlog

from bot.discord_io.speaking import language_in
from bot.domain.decision import Decision, Mode, Outcome, decide, review_for
from bot.domain.records import CaseRecord
from bot.domain.submission import Submission
from bot.judge.interface import Judge, JudgeError
from bot.language import mark, speaking, tr
from bot.pipeline.law import Law, law_for, verdict_under
from bot.pipeline.showing import Showing
from bot.pipeline.tasks import end_all
from bot.store import Store
from bot.store.reports import REPORTED

log = structlog.get_logger(__name__)

JUDGE_SECONDS = 60.0
_SLOW = mark("the judge took too long")


class Reporting:
    """The case comes first and its verdict after: where judging fails, or the process ends, the case is there."""

    def __init__(
        self,
        client: discord.Client,
        store: Store,
        judge: Judge,
        showing: Showing,
        take: Callable[[CaseRecord], Awaitable[None]],
    ) -> None:
        """`client` knows servers' languages; `take` takes a new case over: explains it and posts it in the mod log."""
        self._client = client
        self._store = store
        self._judge = judge
        self._showing = showing
        self._take = take
        self._resuming: asyncio.Task[None] | None = None
        self._in_hand: set[int] = set()

    @property
    def in_hand(self) -> frozenset[int]:
        """The submissions that are being followed up, or wait for it."""
        return frozenset(self._in_hand)

    async def report(self, submission: Submission, reporter_id: int, mode: Mode) -> tuple[CaseRecord, bool]:
        """The case of a reported message, and whether it is new: `follow_up` must then be called. StoreError."""
        case, is_new = await self._store.reports.add(submission, reporter_id, mode)
        return (case if is_new else await self._showing.show(case)), is_new

    async def follow_up(self, case: CaseRecord) -> None:
        """Judge a newly reported message by the policy in force there, then put its case before moderators."""
        self._in_hand.add(case.journal_id)
        try:
            await self._judged(case)
        except Exception:
            log.exception("report_not_judged", guild_id=case.guild_id, case=case.number)
        finally:
            self._in_hand.discard(case.journal_id)
        await self._take(case)

    def resume(self, journal_ids: Sequence[int]) -> None:
        """Follow up, one after another and in the background, what was reported to a process that ended."""
        self._in_hand.update(journal_ids)
        self._resuming = asyncio.create_task(self._follow_up_all(journal_ids), name="reports")

    async def stop(self) -> None:
        """End; what is not judged is resumed at the next start."""
        if self._resuming is not None:
            await end_all([self._resuming])

    async def _follow_up_all(self, journal_ids: Sequence[int]) -> None:
        for journal_id in journal_ids:
            try:
                if case := await self._store.cases.by_journal(journal_id):
                    with speaking(await language_in(self._client, self._store, case.guild_id)):
                        await self.follow_up(case)
            except Exception:
                log.exception("report_not_resumed", journal_id=journal_id)
            finally:
                self._in_hand.discard(journal_id)

    async def _judged(self, case: CaseRecord) -> None:
        submission, verdict = case.submission, None
        law: Law | None = None
        thresholds = (await self._store.guilds.get(case.guild_id)).thresholds
        try:
            law = await law_for(self._store, submission)
            if law is None:
                decision = review_for(tr("a member reported it; the server has no policy to judge it by"))
            else:
                async with asyncio.timeout(JUDGE_SECONDS):
                    verdict = await verdict_under(law, self._judge, submission)
                decision = Decision(Outcome.REVIEW, decide(verdict, law.policy, thresholds).rule, (), REPORTED)
        except (JudgeError, TimeoutError) as error:
            reason = tr(str(error) or _SLOW)
            decision = review_for(tr("a member reported it; it could not be judged: {reason}", reason=reason))
        number, extends = (law.number, law.extends) if law is not None else (None, ())
        await self._store.reports.judged(case.journal_id, verdict, decision, number, extends)
