"""Messages that thresholds are tried on are read once for whoever moves a slider, and anew after a moment."""

from __future__ import annotations

from typing import Any, cast

import pytest

from bot.store import Store
from bot.web.console.policy.looked_at import KEPT_SECONDS, MOST_KEPT, Looking
from bot.web.console.visitor import Entry

pytestmark = pytest.mark.asyncio


class Samples:
    """Counts how often it is read."""

    def __init__(self) -> None:
        self.read = 0

    async def latest(self, *_: Any) -> list[Any]:
        self.read += 1
        return []

    async def reviewed(self, *_: Any) -> list[Any]:
        return []


class At:
    """A server, somebody and their sight in one."""

    def __init__(self, number: int) -> None:
        self.id = self.actor_id = number
        self.hidden: frozenset[int] = frozenset()
        self.guild = self.sight = self


def somebody(number: int) -> Entry:
    return cast(Entry, At(number))


async def test_they_are_kept_for_a_moment_for_each_who_looks() -> None:
    now, samples = [0.0], Samples()
    store = cast(Store, type("", (), {"samples": samples})())
    looking = Looking(store, lambda: now[0])
    await looking.again(somebody(1))
    await looking.again(somebody(1))
    assert samples.read == 1
    await looking.again(somebody(2))
    assert samples.read == 2
    now[0] = KEPT_SECONDS + 1
    await looking.again(somebody(1))
    assert samples.read == 3
    await looking.anew(somebody(1))
    assert samples.read == 4
    for number in range(10, 10 + MOST_KEPT):
        await looking.again(somebody(number))
    before = samples.read
    await looking.again(somebody(1))
    assert samples.read == before + 1
