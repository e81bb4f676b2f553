"""Lawspeaker's own judge, asked as the bot asks it: many messages in flight, an explanation for each violation.

Every message that was written to violate is explained, by the rule it was written to break: so the judge's mistakes
make it neither faster nor slower. `flagged` says how many the bot would have shown to moderators. Messages stand by
themselves, for all ways alike; one that is read again behind what was said before it costs more.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.bench.figures import percentile
from bot.bench.messages import Message
from bot.domain.decision import REVIEW_AT
from bot.domain.normalise import normalise
from bot.domain.policy import Policy
from bot.judge.interface import Judge, JudgeError

# As many as the bot asks for at a time: verdicts (bot.pipeline.dispatcher.MOST_IN_FLIGHT), and explanations beside them
# (bot.pipeline.casework.MOST_EXPLAINED).
IN_FLIGHT = 32
EXPLAINED = 16
# Policies of so many kinds are measured, server after server (bot.bench.messages.policies).
ALL_KINDS = 4

Progress = Callable[[int], None]


@dataclass(slots=True)
class Tally:
    """What became of the messages so far."""

    judged: int = 0
    flagged: int = 0
    not_judged: int = 0
    rationales: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """Counts, seconds, and messages a second; none where nothing was judged."""
        return {
            "n": self.judged,
            "seconds": round(self.seconds, 3),
            "messages_per_second": round(self.judged / self.seconds, 4) if self.judged else None,
            "explained": len(self.rationales),
            "flagged": self.flagged,
            "not_judged": self.not_judged,
        }


@dataclass(frozen=True, slots=True)
class Asking:
    """A judge, the policies of servers 0, 1, …, and what to tell of progress: a message's number as it is settled."""

    judge: Judge
    policies: Sequence[Policy]
    progress: Progress = lambda _: None

    async def throughput(self, waiting: Iterator[Message], seconds: float) -> Tally:
        """Judge messages for so many seconds, IN_FLIGHT at a time, and explain violations, EXPLAINED at a time.

        What was begun is finished too.
        """
        tally = Tally()
        started = time.perf_counter()
        room = asyncio.Semaphore(EXPLAINED)
        explanations: list[asyncio.Task[None]] = []

        def settled() -> None:
            tally.judged += 1
            tally.seconds = time.perf_counter() - started
            self.progress(tally.judged)

        async def explained(message: Message) -> None:
            async with room:
                await self._explanation(message, tally)
            settled()

        async def one_after_another() -> None:
            for message in waiting:
                if await self._verdict(message, tally):
                    if message.rule is None:
                        settled()
                    else:
                        explanations.append(asyncio.create_task(explained(message)))
                if time.perf_counter() - started > seconds:
                    return

        await asyncio.gather(*(one_after_another() for _ in range(IN_FLIGHT)))
        await asyncio.gather(*explanations)
        return tally

    async def latency(self, waiting: Sequence[Message], per_second: float, seconds: float, seed: int) -> dict[str, Any]:
        """Milliseconds from a message's arrival to its verdict, messages arriving at chance (Poisson, by the seed).

        `p50`, `p95`, `p99` (nearest rank), `n`, and `offered_per_second`. Explanations are asked for as the verdict is
        there, and are not waited for. Empty where nothing was judged.
        """
        chance = random.Random(seed)  # noqa: S311 - no secret
        tally = Tally()
        took: list[float] = []
        tasks: list[asyncio.Task[None]] = []

        async def one(message: Message) -> None:
            arrived = time.perf_counter()
            if await self._verdict(message, tally):
                took.append((time.perf_counter() - arrived) * 1_000)
                self.progress(len(took))
                await self._explanation(message, tally)

        started = due = time.perf_counter()
        for message in waiting:
            due += chance.expovariate(per_second)
            if tasks and due - started > seconds:
                break
            await asyncio.sleep(max(due - time.perf_counter(), 0.0))
            tasks.append(asyncio.create_task(one(message)))
        await asyncio.gather(*tasks)
        if not took:
            return {}
        ranks = {f"p{percent}": round(percentile(took, percent), 1) for percent in (50, 95, 99)}
        return {**ranks, "n": len(took), "offered_per_second": round(per_second, 4)}

    async def _verdict(self, message: Message, tally: Tally) -> bool:
        """Whether there is one."""
        policy = self.policies[message.server]
        try:
            verdict = await self.judge.classify(policy, message.text, normalise(message.text))
        except JudgeError:
            tally.not_judged += 1
            return False
        tally.flagged += verdict.probability >= REVIEW_AT
        return True

    async def _explanation(self, message: Message, tally: Tally) -> None:
        if message.rule is None:
            return
        try:
            explanation = await self.judge.explain(self.policies[message.server], message.text, message.rule)
        except JudgeError:
            return
        tally.rationales.append(explanation.rationale)


async def prepare_all(judge: Judge, policies: Sequence[Policy], seconds: float) -> int:
    """Compile policies until so many seconds have passed, the first in any case; how many. Raises JudgeError."""
    started = time.perf_counter()
    for done, policy in enumerate(policies):
        if done and time.perf_counter() - started > seconds:
            return done
        await judge.prepare(policy)
    return len(policies)


async def cost_by_servers(
    judge: Judge, policies: Sequence[Policy], messages: Sequence[Message], seconds: float
) -> dict[str, float]:
    """Milliseconds a message, for messages of one server and of all: keys are numbers of servers. Raises JudgeError.

    Verdicts alone, IN_FLIGHT at a time. Half of the time is for compiling; where it is not enough, "all" are fewer. One
    server and all are measured in turn, so that a machine that slows down does so for both; each time another one, of
    the four that differ in more than words, so that no policy is compared with others that ask for less.
    """
    count = await prepare_all(judge, policies, seconds / 2)
    asking = Asking(judge, policies)
    rounds = min(ALL_KINDS, count)
    spent = {1: Tally(), count: Tally()}
    waiting, each = iter(messages), len(messages) // (2 * rounds)
    for alone in range(rounds):
        for tally, servers in ((spent[1], [alone]), (spent[count], range(count))):
            asked = zip(itertools.cycle(servers), itertools.islice(waiting, each), strict=False)
            some = [Message(server, message.text) for server, message in asked]
            found = await asking.throughput(iter(some), seconds / 4 / rounds)
            tally.judged += found.judged
            tally.seconds += found.seconds
    return {str(n): round(tally.seconds / tally.judged * 1_000, 2) for n, tally in spent.items() if tally.judged}
