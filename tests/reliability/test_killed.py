"""Killed anywhere: the bot is a process that dies with SIGKILL, again and again, and everything is done once.

`make test` plays some of the points and a few kills at random moments, `make soak` all of them and a hundred.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import signal
import time
from contextlib import suppress
from datetime import timedelta
from functools import partial
from operator import itemgetter
from pathlib import Path

import pytest

from bot.sandbox import posting
from tests.reliability.acts import ACTS
from tests.reliability.figures import is_soak, note
from tests.reliability.house import House
from tests.reliability.ledger import DIED_TWICE
from tests.reliability.lives import Life, Nursery
from tests.reliability.points import IN_SHORT, KILLS, Kill
from tests.reliability.town import Town
from tests.reliability.words import WITH_WORKER
from tests.stage import until

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.soak]

LONGEST_LIFE = 1.5
"""Seconds, as they take to start and again from when they are ready."""
LONGEST_END = 400.0
"""Seconds for what is left in the end: a machine that is busy otherwise takes long to write so much to its disk."""
_AT_WORK = re.compile(r'"waiting": [1-9]\d*, "event": "judge_worker_died"|"judge_worker_died".*"waiting": [1-9]')
"""What the log says where a worker died that was asked something."""


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


@pytest.mark.parametrize("worker_deaths", [0, 3], ids=["the bot", "the judge's worker and the bot"])
async def test_at_random_moments(worker_deaths: int, nursery: Nursery, tmp_path: Path, empty_database: Path) -> None:
    """With a worker it is killed that often in each life of the bot."""
    seed = int(os.environ.get("LAWSPEAKER_SEED") or random.randrange(10_000))
    kills, messages = (100, 500) if is_soak() else (8 if worker_deaths else 6, 60)
    print(f"LAWSPEAKER_SEED={seed}")
    began = time.monotonic()
    house = House(nursery, tmp_path, empty_database, model={WITH_WORKER: "1"} if worker_deaths else None)
    await house.open()
    try:
        town = Town(house, [await house.place(name, 3) for name in ("The house", "Next door")], random.Random(seed))
        moderators = asyncio.create_task(town.moderate())
        killer = Killer(town, worker_deaths)
        while (killed := killer.bots + killer.workers) < kills:
            said_by_then = min(messages * (killed + 1 + worker_deaths) // kills, messages)
            await killer.lives(said_by_then - len(house.said))
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
    await no_process_is_left_with(str(tmp_path))
    cases = await house.store.cases.list(limit=10_000)
    note(
        f"killed at random moments{', its worker too' if worker_deaths else ''}",
        kills=killer.bots,
        worker_kills=killer.workers,
        at_work=sum(len(_AT_WORK.findall(life.written)) for life in house.lives),
        messages=len(house.said),
        cases=len(cases),
        died_twice=sum(DIED_TWICE in one.decision.reason for one in cases),
        bans_lifted=town.lifted,
        breaches=0,
        seconds=time.monotonic() - began,
    )


async def no_process_is_left_with(argument: str) -> None:
    """A worker whose bot is killed ends by itself; TimeoutError where one does not."""

    async def none_is() -> bool:
        for process in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                if argument.encode() in process.read_bytes():
                    return False
        return True

    await until(none_is)


class Killer:
    """Ends the bot of a town once in each life, and its judge's worker so many times, where there is one by then."""

    def __init__(self, town: Town, worker_deaths: int) -> None:
        self._town = town
        self._worker_deaths = worker_deaths
        self.bots = self.workers = 0

    async def lives(self, messages: int) -> None:
        """One life of the bot, in which, and just before which, some messages are posted and edited."""
        town, chance = self._town, self._town.chance
        if chance.random() < 0.5 and messages:
            town.says_something()
            messages -= 1
        life = await town.house.begin()
        # Most die at work, the others as they start.
        if chance.random() < 0.7:
            await life.ready()
        length = chance.uniform(0.0, LONGEST_LIFE * (1 + self._worker_deaths))
        happenings = [town.says_something] * messages + [partial(self._kill_worker, life)] * self._worker_deaths
        now = 0.0
        for moment, happens in sorted(((chance.uniform(0.0, length), one) for one in happenings), key=itemgetter(0)):
            await asyncio.sleep(moment - now)
            now = moment
            happens()
        await asyncio.sleep(length - now)
        life.kill()
        await life.ended.wait()
        self.bots += 1

    def _kill_worker(self, life: Life) -> None:
        for pid in life.workers():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                self.workers += 1
