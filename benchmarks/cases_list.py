"""How fast the list of cases is: `python -m benchmarks.cases_list`.

A server is filled with 100,000 cases, in a temporary SQLite database and, where LAWSPEAKER_TEST_POSTGRES is set, in
that one, **whose schema `public` it drops**; in each once as it is and once sealed. Each look is what a page of the
list costs the store: the cases of the page and how many there are in all. Beside p50 and p95 stands the processor time
of this process: of SQLite's work it is all, and hardly depends on what else the machine does.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from benchmarks.cases_filled import BEGUN, CHANNELS, MODERATORS, Place, fill, settle_down, vocabulary
from bot.bench.machine import cores, processor
from bot.domain.case_filter import CaseFilter
from bot.domain.records import CaseStatus
from bot.store import Store
from bot.store.content_keys import add_key
from bot.store.engine import make_engine
from bot.store.schema import upgrade

PAGE = 25
PLACE = Place(1_000_000_000_000_000_001, tuple(range(300, 300 + CHANNELS)))
BOUND_MS = 200.0


@dataclass(frozen=True)
class Look:
    """A page of the list: what is wanted, and how many cases come before the page."""

    name: str
    wanted: CaseFilter
    offset: int = 0


def looks(cases: int) -> list[Look]:
    """What is measured."""
    said = vocabulary().words
    hidden = frozenset(PLACE.channel_ids[: CHANNELS // 4])
    month = CaseFilter(since=BEGUN + timedelta(days=100), until=BEGUN + timedelta(days=130))
    common, often, rare = said[0], said[30], said[20_000]
    return [
        Look("first page", CaseFilter()),
        Look("a page in the middle", CaseFilter(), cases // 2),
        Look("the same by `up_to`", CaseFilter(up_to=cases // 2)),
        Look("ten hidden channels", CaseFilter(hidden=hidden)),
        Look("one rule", CaseFilter(rule="8")),
        Look("one member", CaseFilter(member_id=20_050)),
        Look("one channel", CaseFilter(channel_id=PLACE.channel_ids[1])),
        Look("overturned", CaseFilter(status=CaseStatus.OVERTURNED)),
        Look("answered by one moderator", CaseFilter(moderator_id=MODERATORS[0])),
        Look("one month", month),
        Look("one month, rule and status", replace(month, rule="1", status=CaseStatus.OPEN)),
        Look("a rare word", CaseFilter(text=rare)),
        Look("a word that is often said", CaseFilter(text=often)),
        Look("the most common word", CaseFilter(text=common)),
        Look("the same, in the middle", CaseFilter(text=common), cases // 3),
        Look("two common words", CaseFilter(text=f"{common} {said[1]}")),
        Look("a phrase of common words", CaseFilter(text=f'"{common} {said[1]}"')),
        Look("the most common word, rule and hidden", CaseFilter(text=common, rule="1", hidden=hidden)),
        Look("a word that nobody said", CaseFilter(text="nobodysaidthis")),
        Look("4,000 characters", CaseFilter(text=" ".join(said[:800])[:4_000])),
    ]


async def measure(store: Store, look: Look, times: int) -> tuple[list[float], list[float], int]:
    """Milliseconds of each time, by the clock and of this process's own work, and how many cases there are."""
    took, worked, count = list[float](), list[float](), 0
    for _ in range(times + 1):
        begun, before = time.perf_counter(), time.process_time()
        await store.search.find(PLACE.guild_id, look.wanted, PAGE, look.offset)
        count = await store.search.count(PLACE.guild_id, look.wanted)
        took.append(1_000 * (time.perf_counter() - begun))
        worked.append(1_000 * (time.process_time() - before))
    return took[1:], worked[1:], count  # statements are put together the first time


async def run(url: str, cases: int, times: int, key: Path | None) -> bool:
    """Measure on an empty database and print a table; whether all is within the bound."""
    await upgrade(url)
    with tempfile.TemporaryDirectory() as folder:
        store = Store(url, Path(folder, "chain.key"), key)
        try:
            await fill(store, cases, PLACE)
            await settle_down(url)
            return await _told(store, cases, times)
        finally:
            await store.close()


async def _told(store: Store, cases: int, times: int) -> bool:
    print(f"| page of {PAGE}, with the count | cases | p50 | p95 | processor |\n|---|---|---|---|---|")
    worst = 0.0
    for look in looks(cases):
        took, worked, count = await measure(store, look, times)
        p95 = statistics.quantiles(took, n=20)[-1]
        worst = max(worst, p95)
        row = (f"{one:.0f} ms" for one in (statistics.median(took), p95, statistics.median(worked)))
        print(f"| {look.name} | {count:,} | {' | '.join(row)} |", flush=True)
    load = os.getloadavg()[1]
    print(f"\nThe slowest p95: {worst:.0f} ms, of {BOUND_MS:.0f} ms. Load average of five minutes: {load:.1f}.\n")
    return worst <= BOUND_MS


async def emptied(url: str) -> str:
    """Drop all that is in a PostgreSQL database; its version."""
    engine = make_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text("DROP SCHEMA public CASCADE"))
        await connection.execute(text("CREATE SCHEMA public"))
        version: str = await connection.scalar(text("SHOW server_version")) or ""
    await engine.dispose()
    return version


async def main() -> int:
    """Fill, measure, print; 1 where something is slower than it may be."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--cases", type=int, default=100_000)
    options.add_argument("--times", type=int, default=20, help="how often each is looked at")
    given = options.parse_args()
    postgres, is_fast = os.environ.get("LAWSPEAKER_TEST_POSTGRES"), True
    print(f"{given.cases:,} cases, each look {given.times} times, on {cores()} cores of {processor()}.\n")
    with tempfile.TemporaryDirectory() as folder:
        add_key(key := Path(folder, "content.key"))
        for sealing, its_key in (("as it is", None), ("sealed", key)):
            print(f"SQLite {sqlite3.sqlite_version}, {sealing}:\n", flush=True)
            url = f"sqlite+aiosqlite:///{Path(folder, f'{len(sealing)}.sqlite3')}"
            is_fast = await run(url, given.cases, given.times, its_key) and is_fast
            if postgres:
                print(f"PostgreSQL {await emptied(postgres)}, {sealing}:\n", flush=True)
                is_fast = await run(postgres, given.cases, given.times, its_key) and is_fast
    return 0 if is_fast else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
