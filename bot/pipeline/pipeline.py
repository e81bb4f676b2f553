"""The way of a message, put together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.discord_io.client import LawspeakerClient
from bot.domain.records import CaseRecord, Judgement
from bot.judge.interface import Judge
from bot.pipeline.appeals import Appeals
from bot.pipeline.backfill import Backfill
from bot.pipeline.casework import Casework
from bot.pipeline.claims import Claims
from bot.pipeline.database import DatabaseWatch
from bot.pipeline.dispatcher import Dispatcher
from bot.pipeline.executor import Executor
from bot.pipeline.intake import Intake
from bot.pipeline.journal import JournalWriter
from bot.pipeline.known import KnownServers
from bot.pipeline.lack_notices import LackNotices
from bot.pipeline.lacks import Lacks
from bot.pipeline.metrics import Metrics, NoMetrics
from bot.pipeline.modlog import ModLog
from bot.pipeline.redaction import Redactor
from bot.pipeline.reporting import Reporting
from bot.pipeline.reviews import Reviews
from bot.pipeline.showing import Showing
from bot.pipeline.sweeping import Sweeping
from bot.pipeline.turns import Turns
from bot.pipeline.undo import Undoer
from bot.store import Store


class Pipeline:
    """Intake to casework. `on_settled` holds callbacks that hear of each settled submission, once a life.

    `on_opened` hears of each case that a decision opens, before it is acted on.
    """

    def __init__(self, client: LawspeakerClient, store: Store, judge: Judge, metrics: Metrics | None = None) -> None:
        """Wire the parts; nothing runs before `start`."""
        self._store = store
        self._metrics = metrics or NoMetrics()
        self.on_settled: list[Callable[[Judgement], Awaitable[None]]] = []
        self.on_opened: Callable[[CaseRecord], None] = lambda case: None
        turns = Turns()
        self.lacks = Lacks()
        self.lack_notices = LackNotices(client, store, self.lacks)
        executor = Executor(client, store, self._metrics, turns, self.lacks)
        modlog = ModLog(client, store, self._metrics, self.lacks)
        showing = Showing(store, modlog)
        self._undoer = Undoer(client, store, turns, showing, self.lacks)
        self._claims = Claims(client, store, showing)
        self.reviews = Reviews(client, store, executor, self._undoer, showing, Appeals(client, store, showing))
        self._casework = Casework(
            client, store, judge, executor, modlog, showing, Redactor(client), on_settled=self._tell
        )
        self.reporting = Reporting(client, store, judge, showing, self._casework.take)
        known = KnownServers(store)
        self.dispatcher = Dispatcher(client, store, known, judge, self._take_up, self._tell, self._metrics)
        self._writer = JournalWriter(store, self._journalled)
        self.intake = Intake(client, known, self._writer)
        self.backfill = Backfill(client, store, self.intake, self._metrics)
        self.intake.on_lost = self.backfill.missed
        self.intake.can_record = lambda: store.condition.trouble is None
        client.room = self.intake.room
        self._database = DatabaseWatch(store, self.backfill.retry)
        self._sweeping = Sweeping(
            cases=self._sweep_cases,
            asked=self.reviews.resume,
            undoings=self._undoer.resume,
            appeals=self.reviews.appeals.resume,
        )

    async def start(self) -> None:
        """Go on with what an earlier process left behind, then take new submissions. The client must be ready."""
        self._database.start()
        await self._store.journal.release_claimed()
        self._writer.start()
        reported = await self._store.reports.unjudged()
        await self._casework.resume(besides=reported)
        self.reporting.resume(reported)
        self._claims.start()
        self.dispatcher.start()
        self.backfill.start()
        self._sweeping.start()
        self.lack_notices.start()

    async def stop(self) -> None:
        """Stop claiming, commit what came in, leave the rest to the next start."""
        await self._database.stop()
        await self.backfill.stop()
        await self._writer.stop()
        await self.dispatcher.stop()
        await self._claims.stop()
        await self.reporting.stop()
        await self._sweeping.stop()
        await self.lack_notices.stop()
        await self._undoer.stop()
        await self._casework.stop()

    def _journalled(self, new: int) -> None:
        for _ in range(new):
            self._metrics.message()
        self.dispatcher.wake()

    async def _sweep_cases(self) -> None:
        await self._casework.sweep(besides=self.reporting.in_hand)

    async def _take_up(self, case: CaseRecord) -> None:
        self.on_opened(case)
        await self._casework.take(case)

    async def _tell(self, judgement: Judgement) -> None:
        for callback in self.on_settled:
            await callback(judgement)
