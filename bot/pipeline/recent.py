"""The last hour on each server as it settled, minute by minute: kept in memory, gone with the process.

To ask the database for it time and again would read all of a server's messages; to count along costs a few
microseconds a message.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.domain.decision import Mode, Outcome
from bot.domain.records import Judgement

MINUTES = 60
BOUNDS = (0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5, 2.0, 3.5, 5.0, 10.0, 30.0, 60.0, 300.0)
"""Seconds up to which times are counted together; what took longer is counted as the last."""
MOST_SERVERS = 2_000


@dataclass(slots=True)
class Minute:
    """What settled within one minute. `number` counts minutes since 1970; times are sums of seconds, `within` counts
    messages by the first of BOUNDS that their time does not exceed.

    `waiting` passed before the judge was asked and after it had answered, `queued` while it was busy with others,
    `judging` while the model read.
    """

    number: int
    outcomes: dict[Outcome, int] = field(default_factory=dict)
    within: list[int] = field(default_factory=lambda: [0] * len(BOUNDS))
    waiting: float = 0.0
    queued: float = 0.0
    judging: float = 0.0

    @property
    def messages(self) -> int:
        """How many there were."""
        return sum(self.outcomes.values())


@dataclass(frozen=True, slots=True)
class Hour:
    """The last MINUTES minutes of a server, oldest first; the last is the one that runs."""

    minutes: Sequence[Minute]

    @property
    def messages(self) -> int:
        """How many messages settled."""
        return sum(minute.messages for minute in self.minutes)

    def quantile(self, share: float) -> float | None:
        """Within how many seconds that share of the messages settled, rounded up to one of BOUNDS; None of none."""
        counts = [sum(minute.within[place] for minute in self.minutes) for place in range(len(BOUNDS))]
        return quantile(counts, share)

    def mean_stages(self) -> tuple[float, float, float] | None:
        """Seconds that a message spent waiting, in the judge's queue and being read, on average; None of none."""
        if not self.messages:
            return None
        sums = (sum(getattr(one, name) for one in self.minutes) for name in ("waiting", "queued", "judging"))
        waiting, queued, judging = (total / self.messages for total in sums)
        return waiting, queued, judging


class Recent:
    """Hears of each settled submission."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Time is told by `clock`."""
        self._clock = clock
        self._servers: dict[int, deque[Minute]] = {}

    async def settled(self, judgement: Judgement) -> None:
        """A submission came to its end. What was judged by nobody is not counted."""
        if judgement.mode is Mode.OFF or judgement.verdict is None:
            return
        now = self._clock()
        took = max((now - judgement.submission.posted_at).total_seconds(), 0.0)
        timings = judgement.verdict.timings_ms
        total = min(timings.get("total", 0.0) / 1_000, took)
        judging = min((timings.get("judge", 0.0) + timings.get("screen", 0.0)) / 1_000, total)
        minute = self._minute(judgement.submission.guild_id, now)
        outcome = judgement.decision.outcome
        minute.outcomes[outcome] = minute.outcomes.get(outcome, 0) + 1
        minute.within[min(bisect_left(BOUNDS, took), len(BOUNDS) - 1)] += 1
        minute.waiting += took - total
        minute.queued += total - judging
        minute.judging += judging

    def hour(self, guild_id: int) -> Hour:
        """The last hour of a server; minutes in which nothing settled are empty."""
        last = _number(self._clock())
        held = {minute.number: minute for minute in self._servers.get(guild_id, ())}
        return Hour([held.get(number) or Minute(number) for number in range(last - MINUTES + 1, last + 1)])

    def _minute(self, guild_id: int, now: datetime) -> Minute:
        # The server that something settled on last stands last: the one that was quiet for longest goes first.
        minutes = self._servers.pop(guild_id, None) or deque[Minute](maxlen=MINUTES)
        self._servers[guild_id] = minutes
        if len(self._servers) > MOST_SERVERS:
            del self._servers[next(iter(self._servers))]
        if not minutes or minutes[-1].number < _number(now):
            minutes.append(Minute(_number(now)))
        return minutes[-1]


def quantile(counts: Sequence[int], share: float) -> float | None:
    """The bound within which `share` of what is counted lies (nearest rank); None where nothing is."""
    wanted, passed = share * sum(counts), 0
    for bound, count in zip(BOUNDS, counts, strict=True):
        passed += count
        if count and passed >= wanted:
            return bound
    return None


def _number(at: datetime) -> int:
    return int(at.timestamp() // 60)
