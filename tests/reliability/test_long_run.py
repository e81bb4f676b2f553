"""A long run: one process lives through faults of all kinds, holds no more in the end, and nothing is lost by it."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from tests.reliability.chart import draw
from tests.reliability.figures import FILE, is_soak, note
from tests.reliability.growth import changes, growths, left_over
from tests.reliability.hands import Hands
from tests.reliability.house import House
from tests.reliability.lives import Nursery
from tests.reliability.town import Town
from tests.reliability.vitals import Vitals, noted
from tests.reliability.weather import Weather
from tests.reliability.words import WITH_WORKER

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.soak]

SECONDS = float(os.environ.get("LAWSPEAKER_SOAK_SECONDS") or (1_200 if is_soak() else 20))
EACH_SECOND, MOST_OPEN = 1.5, 40
"""Messages, and cases."""
PAUSE = 1.0
"""Seconds between two acts of one pair of hands."""
LONGEST_END = 400.0 if is_soak() else 120.0


async def test_faults_of_all_kinds_leave_nothing_behind(nursery: Nursery, tmp_path: Path, empty_database: Path) -> None:
    seed = int(os.environ.get("LAWSPEAKER_SEED") or random.randrange(10_000))
    print(f"LAWSPEAKER_SEED={seed}")
    chance, began = random.Random(seed), time.monotonic()
    vitals = tmp_path / "vitals"
    environ = {WITH_WORKER: "1", "VITALS": str(vitals), **({} if is_soak() else {"SOON": "1"})}
    house = House(nursery, tmp_path, empty_database, model=environ)
    await house.open()
    try:
        town = Town(house, [await house.place(name, 3) for name in ("The house", "Next door", "The shed")], chance)
        hands = [Hands(house, place, town.people[place.guild.id], chance) for place in town.places]
        weather = Weather(house, tmp_path / "house.sqlite3", chance)
        life = await house.begin()
        assert await life.ready()
        async with asyncio.TaskGroup() as group:
            moderating = group.create_task(town.moderate())
            busy = [
                group.create_task(town.talk(EACH_SECOND, MOST_OPEN)),
                *(group.create_task(one.work(PAUSE)) for one in hands),
            ]
            await weather.rage(SECONDS)
            for task in busy:
                task.cancel()
            found = noted(vitals)
            if is_soak():
                _keep(vitals, found)
            wrong = await house.in_the_end(LONGEST_END)
            moderating.cancel()
        assert not wrong, "\n".join(wrong)
        first, rest = await _at_rest(house, vitals)
        assert left_over(first, rest) == []
        assert house.lives == [life], "it lived through"
        cases = len(await house.store.cases.list(limit=1_000_000))
    finally:
        await house.close()
    done: Counter[str] = sum((one.counts for one in hands), Counter())
    assert not is_soak() or all(one.counts[name] for one in hands for name in one.acts), done
    note("faults of all kinds", messages=len(house.said), cases=cases, bans_lifted=town.lifted, **done)
    note("faults of all kinds", **weather.counts)
    if is_soak():
        for name, one in changes(found).items():
            ends = {"warm": one.warm, "late": one.late, "at rest": getattr(rest, name)}
            note("faults of all kinds", **{f"{name}, {when}": float(figure) for when, figure in ends.items()})
        note("faults of all kinds", breaches=0, seconds=time.monotonic() - began)
        assert growths(found, rest) == []


async def _at_rest(house: House, vitals: Path) -> tuple[Vitals, Vitals]:
    """What the process held at first, and what it holds when all is done and it has had some time to let go."""

    async def holds_nothing() -> bool:
        first, *_, last = noted(vitals)
        return not left_over(first, last)

    with suppress(TimeoutError):
        await house.eventually(holds_nothing)
    first, *_, last = noted(vitals)
    return first, last


def _keep(vitals: Path, found: list[Vitals]) -> None:
    """Beside the figures, whatever becomes of the test."""
    FILE.parent.mkdir(exist_ok=True)
    shutil.copy(vitals, FILE.with_name("long-run.jsonl"))
    draw(found, FILE.with_name("long-run.svg"))
