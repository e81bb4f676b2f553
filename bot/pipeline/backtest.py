"""Backtest: stored messages judged by the draft and the live policy. Nothing is stored, nothing is done."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bot.domain.backtest import NOTHING, Compared, Reading, Sample, reading_of
from bot.domain.decision import ThresholdTable
from bot.domain.verdict import Verdict
from bot.judge.interface import Judge, JudgeError, NoAnswerError
from bot.language import tr
from bot.pipeline.dispatcher import MOST_IN_FLIGHT
from bot.pipeline.law import Law, verdict_under
from bot.pipeline.rehearsal import PATIENCE_SECONDS
from bot.store import Store

# So few that a message that comes in meanwhile waits for no more than these.
AT_ONCE = 4
# An answer on Discord can be edited for fifteen minutes.
MOST_SECONDS = 12 * 60.0
_PAUSE_SECONDS = 0.5

Heard = Callable[[int], Awaitable[None]]
"""Hears of how many messages are done."""


@dataclass(frozen=True, slots=True)
class Laws:
    """What is compared with what; `live` is None where nothing is the law, `draft` is the law with the draft."""

    live: Law | None
    draft: Law


@dataclass(frozen=True, slots=True)
class Asked:
    """A stored message, and what is compared where it stands."""

    sample: Sample
    laws: Laws


@dataclass(frozen=True, slots=True)
class Ran:
    """What was compared, and how many messages the judge had no answer to. The rest of the samples was not reached."""

    compared: tuple[Compared, ...]
    failed: int


async def let_live_messages_go_first(store: Store, end: float) -> None:
    """Wait, until `end` on the loop's clock at most, while more messages came in than are judged at once."""
    while sum((await store.journal.backlog()).values()) > MOST_IN_FLIGHT:
        await asyncio.sleep(_PAUSE_SECONDS)
        if asyncio.get_running_loop().time() >= end:
            return


class Backtest:
    """Asks the judge for a few verdicts at a time, and waits while live messages do."""

    def __init__(self, store: Store, judge: Judge) -> None:
        """Read thresholds and the backlog from `store`."""
        self._store = store
        self._judge = judge

    async def run(self, guild_id: int, asked: Sequence[Asked], heard: Heard) -> Ran:
        """Compare in the order of `asked`, for at most MOST_SECONDS; JudgeError where the judge goes away."""
        loop = asyncio.get_running_loop()
        end = loop.time() + MOST_SECONDS
        thresholds = (await self._store.guilds.get(guild_id)).thresholds
        for draft in {one.laws.draft.policy.digest: one.laws.draft.policy for one in asked}.values():
            await self._judge.prepare(draft)
        compared: list[Compared] = []
        failed = 0
        for begin in range(0, len(asked), AT_ONCE):
            await let_live_messages_go_first(self._store, end)
            if loop.time() >= end:
                break
            some = asked[begin : begin + AT_ONCE]
            for one in await asyncio.gather(*(self._compare(each, thresholds) for each in some)):
                if isinstance(one, Compared):
                    compared.append(one)
                elif isinstance(one, NoAnswerError):
                    failed += 1
                else:
                    raise one
            await heard(len(compared) + failed)
        return Ran(tuple(compared), failed)

    async def _compare(self, asked: Asked, thresholds: ThresholdTable) -> Compared | JudgeError:
        """A message under both policies; where there is none the error, so that those beside it are not left alone."""
        laws, sample = asked.laws, asked.sample
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                draft = await self._reading(laws.draft, sample, thresholds)
                live = await self._reading(laws.live, sample, thresholds) if laws.live else NOTHING
        except JudgeError as error:
            return error
        except TimeoutError:
            return JudgeError(tr("The judge did not answer in three minutes."))
        return Compared(sample, live, draft)

    async def _reading(self, law: Law, sample: Sample, thresholds: ThresholdTable) -> Reading:
        verdict = self._known(law, sample)
        if verdict is None:
            verdict = await verdict_under(law, self._judge, sample.submission)
        return reading_of(verdict, law.policy, thresholds)

    def _known(self, law: Law, sample: Sample) -> Verdict | None:
        """The verdict on record, where the same model gave it under the same versions, and so calibrated alike."""
        verdict = sample.verdict
        if verdict is None or verdict.policy_digest != law.policy.digest or sample.judged_by != law.numbers:
            return None
        return verdict if verdict.model_digest == self._judge.info().model_digest else None
