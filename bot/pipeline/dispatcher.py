"""The dispatcher: claims submissions, has them judged by the policy live now, and decides."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime

import discord
import structlog

from bot.discord_io.speaking import language_with
from bot.domain.calibration import Shifts
from bot.domain.care import decide_with_help
from bot.domain.decision import Decision, Mode, Outcome, planned, review_for
from bot.domain.records import CaseRecord, JournalEntry, Judgement, Stamp
from bot.domain.verdict import Verdict
from bot.judge.interface import Judge, JudgeError, NoAnswerError
from bot.language import mark, speak, tr
from bot.pipeline.known import Known, KnownServers
from bot.pipeline.law import Law, where_of
from bot.pipeline.likeness import LikeMessages
from bot.pipeline.metrics import Metrics
from bot.pipeline.standing import with_ladder
from bot.pipeline.tries import Tries
from bot.pipeline.turns import Turns
from bot.store import ForgottenError, OutdatedError, Store
from bot.store.trouble import trouble_in

log = structlog.get_logger(__name__)

# So many share a pass of the judge: of 32 each takes a tenth less than of 16.
MOST_IN_FLIGHT = 32
MOST_ATTEMPTS = 3
MOST_POLICY_CHANGES = 5
IDLE_SECONDS = 1.0
_RETRY_SECONDS = 2.0
_LONGEST_RETRY_SECONDS = 60.0
_ERROR = mark("It could not be judged because of an error in the bot: whoever runs the bot finds it in its log.")

Execute = Callable[[CaseRecord], Awaitable[None]]
OnSettled = Callable[[Judgement], Awaitable[None]]


class Dispatcher:
    """Keeps a bounded number of submissions in flight; all else waits in the database.

    While the judge is away all of it waits there, and no failure counts against a message; nor does one of the
    database. Else one that cannot be settled is tried MOST_ATTEMPTS times, and then a human looks.
    """

    def __init__(
        self,
        client: discord.Client,
        store: Store,
        known: KnownServers,
        judge: Judge,
        execute: Execute,
        on_settled: OnSettled,
        metrics: Metrics,
    ) -> None:
        """`client` and `known` know servers; `execute` takes a new case over; `on_settled` hears of allowed ones."""
        self._client = client
        self._store = store
        self._known = known
        self._judge = judge
        self._like = LikeMessages(judge, metrics, time.monotonic)
        self._execute = execute
        self._on_settled = on_settled
        self._metrics = metrics
        self._wake = asyncio.Event()
        self._in_flight: set[asyncio.Task[None]] = set()
        self._tries = Tries(time.monotonic)
        self._authors = Turns()
        self._loop: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to claim."""
        self._loop = asyncio.create_task(self._run(), name="dispatcher")

    async def stop(self) -> None:
        """End; what is in flight stays claimed and is claimed anew at the next start."""
        tasks = [task for task in (self._loop, *self._in_flight) if task is not None]
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task

    def wake(self, _new: int = 1) -> None:
        """There may be something to claim."""
        self._wake.set()

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            try:
                more = await self._claim()
            except Exception:
                log.exception("dispatcher_cannot_claim")
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            if not more:
                # Not `wait_for`, which forgets that it was cancelled where it is woken at the same moment.
                with suppress(TimeoutError):
                    async with asyncio.timeout(IDLE_SECONDS):
                        await self._wake.wait()

    async def _claim(self) -> bool:
        """Claim as many as there is room for; whether there may be more."""
        while len(self._in_flight) >= MOST_IN_FLIGHT:
            await asyncio.wait(self._in_flight, return_when=asyncio.FIRST_COMPLETED)
        # Before claiming, so that a database that was away when they failed is asked again until it is back.
        if due := self._tries.due():
            await self._store.journal.release(due)
            self._tries.put_back(due)
        if not self._judge.info().ready:
            await self._store.journal.claim(0)
            return False
        room = MOST_IN_FLIGHT - len(self._in_flight)
        entries = await self._store.journal.claim(room)
        for entry in entries:
            task = asyncio.create_task(self._settle(entry))
            self._in_flight.add(task)
            task.add_done_callback(self._in_flight.discard)
        self._store.journal.claim_ahead(room - len(entries))
        return len(entries) == room

    async def _settle(self, entry: JournalEntry) -> None:
        """Bring one submission to its end, or lay it aside until it is tried again."""
        pause: float | None = None
        try:
            pause = await self._pause_after_judging(entry)
        except ForgottenError:
            pass
        except Exception:
            log.exception("settling_failed", message_id=entry.submission.message_id)
            pause = self._pause(self._tries.failed(entry.id))
        if pause is None:
            self._tries.ended(entry.id)
        else:
            self._tries.lay_aside(entry.id, pause)

    async def _pause_after_judging(self, entry: JournalEntry) -> float | None:
        """Seconds until it is to be judged again; None where that is not needed, for it was judged or a human looks."""
        message_id = entry.submission.message_id
        try:
            await self._judge_and_decide(entry)
        except ForgottenError:
            raise
        except JudgeError as error:
            log.warning("judge_failed", message_id=message_id, reason=str(error))
            reason, for_good = str(error), isinstance(error, NoAnswerError)
            if not for_good and not self._judge.info().ready:
                return _RETRY_SECONDS
        except Exception as error:
            log.exception("judging_failed", message_id=message_id)
            if trouble_in(error) is not None:
                return _RETRY_SECONDS
            reason, for_good = tr(_ERROR), False
        else:
            return None
        if not for_good and (failures := self._tries.failed(entry.id)) < MOST_ATTEMPTS:
            return self._pause(failures)
        await self._open(entry, None, review_for(reason), await self._mode(entry), None)
        return None

    @staticmethod
    def _pause(failures: int) -> float:
        return min(_RETRY_SECONDS * failures, _LONGEST_RETRY_SECONDS)

    async def _mode(self, entry: JournalEntry) -> Mode:
        submission = entry.submission
        settings = (await self._known.now(submission.guild_id)).settings
        return settings.mode_in(submission.channel_id, submission.parent_id)

    async def _judge_and_decide(self, entry: JournalEntry) -> None:
        submission = entry.submission
        verdict: Verdict | None = None
        shifts: Shifts = {}
        stamp = entry.stamp
        for _ in range(MOST_POLICY_CHANGES):
            known = await self._known.under(stamp)
            settings = known.settings
            # Each submission has a task of its own, and so has what comes of it.
            speak(language_with(self._client, settings))
            mode = settings.mode_in(submission.channel_id, submission.parent_id)
            law = None if mode is Mode.OFF else await self._known.law(known, where_of(submission))
            # Decided by what holds after judging: what a moderator changed meanwhile holds for this message too.
            with suppress(OutdatedError):
                if law is None:
                    reason = tr("the channel is not watched") if mode is Mode.OFF else tr("the server has no policy")
                    await self._drop(entry, reason, stamp)
                    return
                if verdict is None or verdict.policy_digest != law.policy.digest or shifts != law.shifts:
                    verdict = await self._like.verdict(law, settings.thresholds, submission)
                    shifts = law.shifts
                decision = decide_with_help(verdict, law.policy, settings.thresholds, settings.help_lines)
                await self._record(entry, verdict, decision, mode, law, known)
                return
            stamp = await self._store.stamps.of(submission.guild_id)
        raise JudgeError(tr("The policy kept changing while the message was judged."))

    async def _record(
        self, entry: JournalEntry, verdict: Verdict, decision: Decision, mode: Mode, law: Law, known: Known
    ) -> None:
        """Record what was decided; OutdatedError where it was decided by what holds no more."""
        if decision.outcome is not Outcome.ALLOW:
            if not await self._known.holds(known):
                raise OutdatedError
            await self._open(entry, verdict, decision, mode, law)
            return
        await self._store.journal.settle_allowed(
            entry.id, verdict, decision, mode, law.number, law.extends, known.stamp
        )
        self._count(entry, decision)
        now = datetime.now(UTC)
        await self._on_settled(
            Judgement(entry.id, entry.submission, verdict, decision, mode, law.number, None, now, law.extends)
        )

    async def _open(
        self, entry: JournalEntry, verdict: Verdict | None, decision: Decision, mode: Mode, law: Law | None
    ) -> None:
        number, extends = (law.number, law.extends) if law is not None else (None, ())
        # Of two cases of one author that are opened at once the second must count the first.
        async with self._authors.of(entry.submission.author_id):
            now = datetime.now(UTC)
            ladder = (await self._known.now(entry.submission.guild_id)).settings.ladder
            decision = await with_ladder(self._store, ladder, decision, entry.submission, now)
            case = await self._store.journal.open_case(
                entry.id, verdict, decision, mode, number, planned(decision), now, extends
            )
        self._count(entry, decision)
        await self._execute(case)

    async def _drop(self, entry: JournalEntry, reason: str, stamp: Stamp) -> None:
        await self._store.journal.drop(entry.id, reason, stamp)
        decision = Decision(Outcome.ALLOW, reason=reason)
        await self._on_settled(
            Judgement(entry.id, entry.submission, None, decision, Mode.OFF, None, None, datetime.now(UTC))
        )

    def _count(self, entry: JournalEntry, decision: Decision) -> None:
        waited = (datetime.now(UTC) - entry.submission.posted_at).total_seconds()
        self._metrics.verdict(decision.outcome.value, max(waited, 0.0))
