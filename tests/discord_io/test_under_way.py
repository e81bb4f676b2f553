"""No more of a bucket is under way than Discord would take, in whatever order it counts requests and answers come."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from heapq import heappop, heappush

import pytest

from bot.discord_io.under_way import HUNG_SECONDS, MOST_KEPT, UnderWay

LIMIT, SECONDS = 5, 1.0
BUCKET = "DELETE channels 1 messages *"
SLOWEST = 0.6
"""So long a request takes at most to be counted, and its answer to come: more than half of a window."""


class Counting:
    """Discord's side of a bucket: fixed windows that the first request opens."""

    def __init__(self) -> None:
        self.refused = self.taken = 0
        self._ends = self._used = 0.0

    def take(self, now: float) -> dict[str, str]:
        """Count a request; what the answer says."""
        if now >= self._ends:
            self._ends, self._used = now + SECONDS, 0
        if self._used >= LIMIT:
            self.refused += 1
        else:
            self._used += 1
            self.taken += 1
        left = int(LIMIT - self._used)
        return said(left, 1_700_000_000 + self._ends, self._ends - now)


def said(remaining: int, reset: float, after: float, limit: int = LIMIT) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset": f"{reset:.6f}",
        "X-RateLimit-Reset-After": f"{after:.6f}",
    }


@pytest.mark.parametrize("seed", range(40))
def test_of_a_storm_none_is_sent_that_would_be_refused_and_all_are_in_the_end(seed: int) -> None:
    chance, discord, gate = random.Random(seed), Counting(), UnderWay()
    callers = 60
    # When something happens: somebody wants to send, a request is counted, its answer comes, or it is looked again.
    events: list[tuple[float, int, str, dict[str, str]]] = []
    waiting: deque[int] = deque()

    def note(at: float, what: str, headers: dict[str, str] | None = None) -> None:
        heappush(events, (at, chance.getrandbits(60), what, headers or {}))

    for _ in range(callers):
        note(chance.uniform(0, 4), "wanted")
    held_until = 0.0
    while events:
        now, _, what, headers = heappop(events)
        match what:
            case "wanted":
                waiting.append(0)
            case "counted":
                note(now + chance.uniform(0.01, SLOWEST), "answered", discord.take(now))
            case "answered":
                gate.end(BUCKET, headers, now)
                if headers["X-RateLimit-Remaining"] == "0":  # which the gate around it heeds
                    held_until = max(held_until, now + float(headers["X-RateLimit-Reset-After"]))
        while waiting and now >= held_until and gate.has_room(BUCKET, now):
            waiting.popleft()
            gate.begin(BUCKET, now)
            note(now + chance.uniform(0.01, SLOWEST), "counted")
        if waiting and not events:
            note(max(held_until, now + 0.01), "looked")
    assert (discord.refused, discord.taken) == (0, callers)


def test_of_a_bucket_of_which_nothing_is_known_one_is_under_way() -> None:
    gate = UnderWay()
    assert gate.has_room(BUCKET, 0.0)
    gate.begin(BUCKET, 0.0)
    assert not gate.has_room(BUCKET, 0.0)
    assert gate.has_room("another", 0.0)
    gate.end(BUCKET, {}, 0.1)
    assert gate.has_room(BUCKET, 0.1), "whatever it was answered"


def test_who_is_alone_never_waits() -> None:
    gate = UnderWay()
    for now in range(3):
        gate.begin(BUCKET, now)
        gate.end(BUCKET, said(0, 100.0, 100.0), now)
        assert gate.has_room(BUCKET, now)


def test_a_late_answer_of_a_window_that_is_over_says_nothing_of_the_next() -> None:
    gate = UnderWay()
    for _ in range(2):
        gate.begin(BUCKET, 0.0)
    gate.end(BUCKET, said(4, 101.0, 1.0), 0.0)
    for _ in range(2):
        gate.begin(BUCKET, 1.5)
    gate.end(BUCKET, said(1, 102.5, 1.0), 1.5)
    gate.end(BUCKET, said(3, 101.0, 0.0), 1.6)
    assert not gate.has_room(BUCKET, 1.6)


async def test_who_waits_goes_on_with_the_next_answer_and_with_the_end_of_the_window() -> None:
    gate = UnderWay()
    gate.begin(BUCKET, 0.0)
    waits = asyncio.create_task(gate.change(BUCKET, 0.0))
    await asyncio.sleep(0)
    assert not waits.done()
    gate.end(BUCKET, said(4, 101.0, 0.001), 0.0)
    await waits
    gate.begin(BUCKET, 0.0)
    await gate.change(BUCKET, 0.0)


def test_one_that_is_never_answered_holds_up_no_others_for_long_whatever_is_answered_meanwhile() -> None:
    gate = UnderWay()
    gate.begin(BUCKET, 0.0)
    for now in (10.0, 40.0):
        gate.begin(BUCKET, now)
        gate.end(BUCKET, said(LIMIT - 1, now, 0.5, limit=1), now + 0.1)
    assert not gate.has_room(BUCKET, HUNG_SECONDS - 1)
    assert gate.has_room(BUCKET, HUNG_SECONDS)


def test_buckets_that_say_nothing_any_more_are_forgotten() -> None:
    gate = UnderWay()
    for number in range(3 * MOST_KEPT):
        name = f"DELETE channels {number} messages *"
        gate.begin(name, float(number))
        gate.end(name, said(4, 100.0 + number, 0.5), float(number))
    assert len(gate._buckets) <= MOST_KEPT
