"""Casework: brings an opened case to its end: actions, explanation, mod log. Safe to begin again at any point."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime, timedelta

import discord
import structlog

from bot.discord_io.speaking import language_in
from bot.domain.policy import ActionKind
from bot.domain.records import CaseRecord, Judgement
from bot.judge.interface import Judge, JudgeError
from bot.language import speaking
from bot.pipeline.executor import Executor
from bot.pipeline.fair import FairRoom
from bot.pipeline.law import law_then
from bot.pipeline.modlog import ModLog
from bot.pipeline.passing import may_pass
from bot.pipeline.redaction import Redactor, without_words
from bot.pipeline.rules import rule_text_of
from bot.pipeline.showing import Showing
from bot.pipeline.tasks import end_all
from bot.store import Store

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 16
# The judge writes so many explanations side by side.
MOST_EXPLAINED = 16
EXPLAIN_SECONDS = 180.0
JUDGE_LOOK_SECONDS = 1.0
JUST_OPENED = timedelta(minutes=1)
"""Whoever opens a case gives it over at once: one that is older and in nobody's hand is to be taken up."""
_RETRY_SECONDS = (2.0, 10.0, 60.0, 300.0)

OnSettled = Callable[[Judgement], Awaitable[None]]


class Casework:
    """Acts on a bounded number of cases at once, servers in turn; the rest waits in the database as judged.

    What acts does not wait for explanations. Where a human is called the explanation waits only for others of those,
    and no case waits for a judge that is away: it is explained in its post once the judge is back.
    """

    def __init__(
        self,
        client: discord.Client,
        store: Store,
        judge: Judge,
        executor: Executor,
        modlog: ModLog,
        showing: Showing,
        redactor: Redactor,
        on_settled: OnSettled,
    ) -> None:
        """`client` knows the servers' languages; `on_settled` hears of each case when all is done."""
        self._client = client
        self._store = store
        self._judge = judge
        self._executor = executor
        self._modlog = modlog
        self._showing = showing
        self._redactor = redactor
        self._on_settled = on_settled
        self._acting = FairRoom(MOST_AT_ONCE)
        self._explaining = FairRoom(MOST_EXPLAINED)
        self._explaining_urgent = FairRoom(MOST_EXPLAINED)
        self._tasks: dict[int, asyncio.Task[None]] = {}

    async def take(self, case: CaseRecord) -> None:
        """Take a case over, unless it is in hand; returns at once.

        The language spoken here is spoken in what comes of it.
        """
        if case.journal_id not in self._tasks:
            task = asyncio.create_task(self._finish(case.journal_id))
            self._tasks[case.journal_id] = task
            task.add_done_callback(lambda _: self._tasks.pop(case.journal_id, None))

    async def resume(self, besides: Collection[int] = ()) -> None:
        """Take over what a process that ended left behind, but for the submissions that others go on with."""
        await self._take_up(besides, opened_before=datetime.now(UTC))

    async def sweep(self, besides: Collection[int] = ()) -> None:
        """Take up again what was given up for the moment, or was lost, but for what others go on with."""
        # Who is in hand is asked first: what is settled after that is not to be taken up, and what is settled before
        # it is not found.
        await self._take_up({*besides, *self._tasks}, opened_before=datetime.now(UTC) - JUST_OPENED)

    async def stop(self) -> None:
        """End; what is not settled is resumed at the next start."""
        await end_all(self._tasks.values())

    async def _take_up(self, besides: Collection[int], opened_before: datetime) -> None:
        for journal_id in await self._store.journal.judged():
            if journal_id in besides or journal_id in self._tasks:
                continue
            case = await self._store.cases.by_journal(journal_id)
            if case is not None and case.created_at <= opened_before:
                with speaking(await language_in(self._client, self._store, case.guild_id)):
                    await self.take(case)

    async def _finish(self, journal_id: int) -> None:
        """Try to, some times; the next sweep goes on where that was not enough."""
        for pause in (*_RETRY_SECONDS, None):
            try:
                await self._work(journal_id)
            except Exception as error:
                if may_pass(error):
                    log.warning("discord_unreachable", journal_id=journal_id, error=type(error).__name__)
                else:
                    log.exception("casework_failed", journal_id=journal_id)
            else:
                return
            if pause is not None:
                await asyncio.sleep(pause)

    async def _work(self, journal_id: int) -> None:
        case = await self._read(journal_id)
        rule_text = await rule_text_of(self._store, case)
        explaining = asyncio.create_task(self._explain(case))
        try:
            async with self._acting.of(case.guild_id):
                await self._executor.perform(case, rule_text)
            while not explaining.done() and self._judge.info().ready:
                await asyncio.wait([explaining], timeout=JUDGE_LOOK_SECONDS)
            if explaining.done():
                await explaining
            comes_late = not explaining.done()
            await self._post(case, rule_text)
            if (await explaining and comes_late) or case.log_message_id is not None:
                await self._show_anew(journal_id)
        finally:
            explaining.cancel()
        case = await self._without_forgotten(journal_id, rule_text)
        await self._store.journal.settled(journal_id)
        await self._on_settled(case.judgement(datetime.now(UTC)))

    async def _post(self, case: CaseRecord, rule_text: str) -> None:
        async with self._acting.of(case.guild_id):
            case = await self._read(case.journal_id)
            await self._modlog.post(case if case.submission.text else without_words(case), rule_text)

    async def _show_anew(self, journal_id: int) -> None:
        """Let the post of a case show what came after it, maybe in an earlier process; not where that was forgotten."""
        case = await self._read(journal_id)
        if case.submission.text:
            await self._showing.show(case)

    async def _without_forgotten(self, journal_id: int, rule_text: str) -> CaseRecord:
        """The case as it is now.

        One whose author was forgotten while it was worked on may have been explained or posted as it was.
        """
        case = await self._read(journal_id)
        if case.submission.text:
            return case
        await self._store.erasure.erase_late(case.guild_id, journal_id)
        if case.log_message_id is not None:
            await self._redactor.redact(case, rule_text)
        return await self._read(journal_id)

    async def _read(self, journal_id: int) -> CaseRecord:
        case = await self._store.cases.by_journal(journal_id)
        assert case is not None
        return case

    async def _explain(self, case: CaseRecord) -> bool:
        """Add rationale and quote to the case, and say whether; without them it is still a case."""
        if case.verdict is None or case.verdict.rationale or case.decision.rule is None or case.policy_number is None:
            return False
        if not case.submission.text:
            return False  # its author was forgotten
        urgent = any(action.kind is ActionKind.ESCALATE for action in case.decision.actions)
        room = self._explaining_urgent if urgent else self._explaining
        try:
            async with room.of(case.guild_id), asyncio.timeout(EXPLAIN_SECONDS):
                law = await law_then(self._store, case.guild_id, case.policy_number, case.extends)
                if law is None:
                    return False
                said = case.submission
                explanation = await self._judge.explain(law.policy, said.text, case.decision.rule, said.context)
        except (JudgeError, TimeoutError) as error:
            log.warning("explanation_missing", case=case.number, reason=str(error) or "too slow")
            return False
        await self._store.cases.explained(case.guild_id, case.number, explanation.rationale, explanation.quote)
        return True
