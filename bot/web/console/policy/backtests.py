"""Backtests in the background: one a server, whether it was begun here or by a command.

What came of one is kept in memory for a while, as it holds members' words.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import structlog

from bot.discord_io.refusal import OURS
from bot.domain.backtest import Findings, findings
from bot.domain.backtest_words import Extent
from bot.faults import place_of
from bot.judge.interface import JudgeError
from bot.language import mark
from bot.pipeline.backtest import Backtest
from bot.pipeline.backtest_order import Order
from bot.pipeline.slots import Slots
from bot.pipeline.tasks import end_all
from bot.store import StoreError

log = structlog.get_logger(__name__)

KEPT_SECONDS = 30 * 60.0


@dataclass(slots=True)
class Run:
    """A backtest that runs or did, begun by somebody for a place; who else looks may see fewer messages than they did.

    `found` is None until it is done; `problem` says why there is no more of it, to be translated for whoever looks.
    """

    by: int
    place_id: int | None
    order: Order
    done: int = 0
    found: Findings | None = None
    extent: Extent | None = None
    problem: str = ""
    task: asyncio.Task[None] | None = field(default=None, repr=False)

    @property
    def is_running(self) -> bool:
        """Whether it goes on."""
        return self.task is not None and not self.task.done()

    async def hear(self, done: int) -> None:
        """So many messages are done."""
        self.done = done


class Backtests:
    """The last run of each server."""

    def __init__(self, backtest: Backtest, slots: Slots) -> None:
        """Run in one of `slots`."""
        self._backtest = backtest
        self._slots = slots
        self._runs: dict[int, Run] = {}

    def of(self, guild_id: int) -> Run | None:
        """The run of a server that was begun last, if there is one."""
        return self._runs.get(guild_id)

    def begin(self, order: Order, by: int, place_id: int | None) -> Run:
        """Start one and return; RefusedError where another may not begin now."""
        guild_id = order.guild_id
        self._slots.take(guild_id)
        run = self._runs[guild_id] = Run(by, place_id, order)
        run.task = asyncio.create_task(self._run(run), name="console-backtest")
        run.task.add_done_callback(lambda _: self._ended(guild_id, run))
        return run

    def _ended(self, guild_id: int, run: Run) -> None:
        self._slots.free(guild_id)
        asyncio.get_running_loop().call_later(KEPT_SECONDS, self.forget, guild_id, run)

    def forget(self, guild_id: int, run: Run) -> None:
        """Keep a run no longer, unless another took its place."""
        if self._runs.get(guild_id) is run:
            del self._runs[guild_id]

    async def end(self, run: Run) -> None:
        """Stop one; nothing is kept of it."""
        if run.task is not None:
            await end_all([run.task])

    async def stop(self) -> None:
        """End all that run."""
        await end_all([run.task for run in self._runs.values() if run.task is not None])

    async def _run(self, run: Run) -> None:
        order = run.order
        try:
            ran = await self._backtest.run(order.guild_id, order.asked, run.hear)
        except asyncio.CancelledError:
            run.problem = mark("It was stopped. Nothing was changed.")
            raise
        except (JudgeError, StoreError) as error:
            run.problem = str(error)
            return
        except Exception as error:  # noqa: BLE001 - nobody waits for this task
            log.error("console_backtest_failed", error=type(error).__name__, where=place_of(error))  # noqa: TRY400
            run.problem = OURS
            return
        run.found = findings(ran.compared)
        run.extent = Extent(order.live, order.draft, len(order.asked), ran.failed)
