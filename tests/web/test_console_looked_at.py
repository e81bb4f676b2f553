"""Messages that thresholds are tried on are read once for whoever moves a slider, and anew after a moment."""

from __future__ import annotations

from typing import Any, cast

import pytest

from bot.domain.records import PolicyVersion
from bot.pipeline.backtest import Backtest
from bot.pipeline.backtest_order import Order
from bot.pipeline.slots import Slots
from bot.store import Store
from bot.web.console.policy.backtests import Backtests, Run
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


async def test_what_came_of_a_backtest_is_kept_no_longer_than_it_should() -> None:
    backtests = Backtests(cast(Backtest, None), Slots())
    order = Order(1, None, cast(PolicyVersion, None), [])
    run, later = Run(0, None, order), Run(0, None, order)
    backtests._runs[1] = run
    backtests.forget(1, later)
    assert backtests.of(1) is run
    backtests.forget(1, run)
    assert backtests.of(1) is None
