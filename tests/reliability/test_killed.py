"""Killed anywhere: the bot is a process that dies with SIGKILL, again and again, and everything is done once.

`make test` plays some of the points and a few kills at random moments, `make soak` all of them and a hundred.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from bot.sandbox import posting
from tests.reliability.acts import ACTS
from tests.reliability.figures import is_soak, note
from tests.reliability.house import House
from tests.reliability.lives import Nursery
from tests.reliability.points import IN_SHORT, KILLS, Kill
from tests.reliability.town import Town

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.soak]

LONGEST_LIFE = 1.5
"""Seconds, as they take to start and again from when they are ready."""
LONGEST_END = 400.0
"""Seconds for what is left in the end: a machine that is busy otherwise takes long to write so much to its disk."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def nursery() -> AsyncIterator[Nursery]:
    found = Nursery()
    await found.open()
    yield found
    await found.close()


@pytest.fixture(autouse=True)
def _lives_are_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nonces last no longer than a life, as on Discord they last no longer than an outage."""
    monkeypatch.setattr(posting, "NONCE_LASTS", timedelta(seconds=1.5))


@pytest.mark.parametrize("kill", [one for one in KILLS if is_soak() or str(one) in IN_SHORT], ids=str)
async def test_at_each_step(kill: Kill, nursery: Nursery, tmp_path: Path, empty_database: Path) -> None:
    house = House(nursery, tmp_path, empty_database, kill.points)
    await house.open()
    try:
        place = await house.place(head=kill.act == "waits_for_the_head")
        await ACTS[kill.act](house, place)
        await house.dies()
        assert await house.in_the_end() == []
        assert house.reached == [str(point) for point in kill.points]
    finally:
        await house.close()
    note("killed at each step", points=len(kill.points), lives=len(house.lives), breaches=0)


async def test_at_random_moments(nursery: Nursery, tmp_path: Path, empty_database: Path) -> None:
    seed = int(os.environ.get("LAWSPEAKER_SEED") or random.randrange(10_000))
    kills, messages = (100, 500) if is_soak() else (6, 60)
    print(f"LAWSPEAKER_SEED={seed}")
    began = time.monotonic()
    house = House(nursery, tmp_path, empty_database)
    await house.open()
    try:
        town = Town(house, [await house.place(name, 3) for name in ("The house", "Next door")], random.Random(seed))
        moderators = asyncio.create_task(town.moderate())
        for number in range(kills):
            await live_once(town, messages * (number + 1) // kills - len(house.said))
        assert await house.in_the_end(LONGEST_END) == []
        # It finds nothing to do when it is started once more, either. One at a time works on a database.
        house.life.stop()
        await house.life.ended.wait()
        await house.begin()
        assert await house.life.ready()
        assert await house.in_the_end() == []
        moderators.cancel()
        with suppress(asyncio.CancelledError):
            await moderators
    finally:
        await house.close()
    note(
        "killed at random moments",
        kills=kills,
        messages=len(house.said),
        cases=len(await house.store.cases.list(limit=10_000)),
        bans_lifted=town.lifted,
        breaches=0,
        seconds=time.monotonic() - began,
    )


async def live_once(town: Town, messages: int) -> None:
    """One life of the bot, in which, and just before which, some messages are posted and edited."""
    chance, house = town.chance, town.house
    if chance.random() < 0.5 and messages:
        town.says_something()
        messages -= 1
    life = await house.begin()
    # Most die at work, the others as they start.
    if chance.random() < 0.7:
        await life.ready()
    length = chance.uniform(0.0, LONGEST_LIFE)
    now = 0.0
    for moment in sorted(chance.uniform(0.0, length) for _ in range(messages)):
        await asyncio.sleep(moment - now)
        now = moment
        town.says_something()
    await asyncio.sleep(length - now)
    life.kill()
    await life.ended.wait()
