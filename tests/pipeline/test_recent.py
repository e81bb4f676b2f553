"""The last hour: what settled is counted by minute and server, and what is older than an hour is gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.decision import Decision, Mode, Outcome
from bot.domain.records import Judgement
from bot.domain.submission import Submission
from bot.domain.verdict import Verdict
from bot.pipeline.recent import BOUNDS, MINUTES, MOST_SERVERS, Recent, quantile

NOON = datetime(2026, 5, 4, 12, 0, 30, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


def judged(
    clock: Clock, guild_id: int = 1, took: float = 1.0, outcome: Outcome = Outcome.ALLOW, **timings: float
) -> Judgement:
    posted_at = clock.now - timedelta(seconds=took)
    said = Submission(guild_id, 20, 1, 0, 7, "ann", "hello", "hello", (), posted_at)
    verdict = Verdict("1", {"1": 0.1}, "digest", "tiny", "ab12", timings_ms=timings)
    return Judgement(1, said, verdict, Decision(outcome), Mode.ENFORCE, 1, None, clock.now)


async def test_an_hour_has_its_minutes_with_what_settled_in_each_by_outcome() -> None:
    clock = Clock()
    recent = Recent(clock)
    await recent.settled(judged(clock))
    await recent.settled(judged(clock, outcome=Outcome.ACT))
    clock.now += timedelta(minutes=2)
    await recent.settled(judged(clock, outcome=Outcome.REVIEW))
    hour = recent.hour(1)
    assert len(hour.minutes) == MINUTES
    assert [one.outcomes for one in hour.minutes[-3:]] == [
        {Outcome.ALLOW: 1, Outcome.ACT: 1},
        {},
        {Outcome.REVIEW: 1},
    ]
    assert hour.messages == 3


async def test_what_is_older_than_an_hour_and_what_is_of_other_servers_is_not_in_it() -> None:
    clock = Clock()
    recent = Recent(clock)
    await recent.settled(judged(clock))
    await recent.settled(judged(clock, guild_id=2))
    clock.now += timedelta(minutes=MINUTES)
    assert recent.hour(1).messages == 0
    assert recent.hour(3).messages == 0


async def test_times_are_parted_into_waiting_the_queue_and_reading() -> None:
    clock = Clock()
    recent = Recent(clock)
    await recent.settled(judged(clock, took=2.0, total=1_500.0, judge=500.0))
    assert recent.hour(1).mean_stages() == pytest.approx((0.5, 1.0, 0.5))
    assert recent.hour(2).mean_stages() is None


async def test_what_nobody_judged_is_not_counted() -> None:
    clock = Clock()
    recent = Recent(clock)
    dropped = Judgement(1, judged(clock).submission, None, Decision(Outcome.ALLOW), Mode.OFF, None, None, clock.now)
    await recent.settled(dropped)
    assert recent.hour(1).messages == 0


async def test_memory_stays_bounded_and_the_server_that_was_quiet_for_longest_is_forgotten_first() -> None:
    clock = Clock()
    recent = Recent(clock)
    for guild_id in range(MOST_SERVERS + 1):
        await recent.settled(judged(clock, guild_id=guild_id))
        if guild_id == 1:
            await recent.settled(judged(clock, guild_id=0))
    assert recent.hour(1).messages == 0
    assert recent.hour(0).messages == 2


def test_a_quantile_is_the_bound_within_which_the_share_lies() -> None:
    counts = [0] * len(BOUNDS)
    assert quantile(counts, 0.5) is None
    counts[0], counts[3] = 9, 1
    assert (quantile(counts, 0.5), quantile(counts, 0.95)) == (BOUNDS[0], BOUNDS[3])
