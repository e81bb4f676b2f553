"""The last hour on each server as it settled, minute by minute: kept in memory, gone with the process.

To ask the database for it time and again would read all of a server's messages; to count along costs a few
microseconds a message.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.domain.decision import Mode, Outcome
from bot.domain.records import Judgement

MINUTES = 60
BOUNDS = (0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5, 2.0, 3.5, 5.0, 10.0, 30.0, 60.0, 300.0)
"""Seconds up to which times are counted together; what took longer is counted as the last."""
MOST_SERVERS = 2_000


_OUTCOMES = tuple(Outcome)
_COUNTS = len(_OUTCOMES) + len(BOUNDS)
_STAGES = 3


@dataclass(frozen=True, slots=True)
class Minute:
    """What settled within one minute. `number` counts minutes since 1970; times are sums of seconds, `within` counts
    messages by the first of BOUNDS that their time does not exceed.

    `waiting` passed before the judge was asked and after it had answered, `queued` while it was busy with others,
    `judging` while the model read.
    """

    number: int
    outcomes: Mapping[Outcome, int] = field(default_factory=dict)
    within: Sequence[int] = (0,) * len(BOUNDS)
    waiting: float = 0.0
    queued: float = 0.0
    judging: float = 0.0

    @property
    def messages(self) -> int:
        """How many there were."""
        return sum(self.outcomes.values())


class _Ring:
    """The minutes of one server's last hour, each in its place: as large at the first message as ever after."""

    def __init__(self) -> None:
        self._numbers = array("q", [-1] * MINUTES)
        self._counts = array("L", [0] * MINUTES * _COUNTS)
        self._sums = array("d", [0.0] * MINUTES * _STAGES)

    def add(self, number: int, outcome: Outcome, took: float, stages: Sequence[float]) -> None:
        """Count a message."""
        place = number % MINUTES
        counts, sums = place * _COUNTS, place * _STAGES
        if self._numbers[place] != number:
            self._numbers[place] = number
            self._counts[counts : counts + _COUNTS] = array("L", [0] * _COUNTS)
            self._sums[sums : sums + _STAGES] = array("d", [0.0] * _STAGES)
        self._counts[counts + _OUTCOMES.index(outcome)] += 1
        self._counts[counts + len(_OUTCOMES) + min(bisect_left(BOUNDS, took), len(BOUNDS) - 1)] += 1
        for stage, seconds in enumerate(stages):
            self._sums[sums + stage] += seconds

    def minute(self, number: int) -> Minute:
        """A minute; empty where nothing settled in it, or where it is longer ago than an hour."""
        place = number % MINUTES
        if self._numbers[place] != number:
            return Minute(number)
        counts = self._counts[place * _COUNTS : (place + 1) * _COUNTS]
        outcomes = {outcome: count for outcome, count in zip(_OUTCOMES, counts, strict=False) if count}
        return Minute(number, outcomes, counts[len(_OUTCOMES) :], *self._sums[place * _STAGES : (place + 1) * _STAGES])


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
        self._servers: dict[int, _Ring] = {}

    async def settled(self, judgement: Judgement) -> None:
        """A submission came to its end. What was judged by nobody is not counted."""
        if judgement.mode is Mode.OFF or judgement.verdict is None:
            return
        now = self._clock()
        took = max((now - judgement.submission.posted_at).total_seconds(), 0.0)
        timings = judgement.verdict.timings_ms
        total = min(timings.get("total", 0.0) / 1_000, took)
        judging = min((timings.get("judge", 0.0) + timings.get("screen", 0.0)) / 1_000, total)
        stages = took - total, total - judging, judging
        self._ring(judgement.submission.guild_id).add(_number(now), judgement.decision.outcome, took, stages)

    def hour(self, guild_id: int) -> Hour:
        """The last hour of a server; minutes in which nothing settled are empty."""
        last, ring = _number(self._clock()), self._servers.get(guild_id)
        numbers = range(last - MINUTES + 1, last + 1)
        return Hour([ring.minute(number) if ring is not None else Minute(number) for number in numbers])

    def _ring(self, guild_id: int) -> _Ring:
        # The server that something settled on last stands last: the one that was quiet for longest goes first.
        ring = self._servers.pop(guild_id, None) or _Ring()
        self._servers[guild_id] = ring
        if len(self._servers) > MOST_SERVERS:
            del self._servers[next(iter(self._servers))]
        return ring


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
