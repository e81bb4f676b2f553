"""How soon a page of the list of cases is there: `python -m benchmarks.cases_page`.

What `benchmarks.cases_list` measures in the store, through the console: a server with 100,000 cases, the bot as
`lawspeaker run` has it in a process of its own (with the judge of `benchmarks.pipeline_bot`), and a client here that
asks for pages, one after the other, and reads them to the end. A page is the whole of it; what comes while one types is
the list alone. The database is a temporary one of SQLite and, where LAWSPEAKER_TEST_POSTGRES is set, that one, **whose
schema `public` is dropped**.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import sqlite3
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import aiohttp

from benchmarks.cases_filled import BEGUN, CHANNELS, MODERATORS, Place, fill, settle_down, vocabulary
from benchmarks.cases_list import BOUND_MS, emptied
from benchmarks.pipeline import bot_process
from bot.bench.machine import cores, processor
from bot.sandbox.model import Application
from bot.sandbox.server import SandboxServer
from bot.store import Store
from bot.store.schema import upgrade

TIMED_OUT_SECONDS = 60.0
KEPT_DAYS = 100 * 365


def looks(cases: int, place: Place) -> list[tuple[str, dict[str, object]]]:
    """What is asked for: in words, and in the address."""
    said = vocabulary().words
    common, often, rare = said[0], said[30], said[20_000]
    since, until = (f"{BEGUN + timedelta(days=days):%Y-%m-%d}" for days in (100, 130))
    return [
        ("first page", {}),
        ("a page in the middle", {"up_to": cases // 2}),
        ("one rule", {"rule": "8"}),
        ("one member", {"member": 20_050}),
        ("one channel", {"channel": place.channel_ids[1]}),
        ("overturned", {"status": "overturned"}),
        ("answered by one moderator", {"moderator": MODERATORS[0]}),
        ("one month", {"since": since, "until": until}),
        ("a rare word", {"text": rare}),
        ("a word that is often said", {"text": often}),
        ("the most common word", {"text": common}),
        ("the same, in the middle", {"text": common, "up_to": cases // 2}),
        ("two common words", {"text": f"{common} {said[1]}"}),
        ("a phrase of common words", {"text": f'"{common} {said[1]}"'}),
        ("the most common word, rule and month", {"text": common, "rule": "1", "since": since, "until": until}),
        ("a word that nobody said", {"text": "nobodysaidthis"}),
    ]


async def told(address: str, cases: int, place: Place, times: int) -> bool:
    """Ask for each page and print a table; whether all is within the bound."""
    print("| page of 25 | whole page, p50 | p95 | list alone, p50 | p95 |\n|---|---|---|---|---|")
    worst = 0.0
    limit = aiohttp.ClientTimeout(total=TIMED_OUT_SECONDS)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True), timeout=limit) as session:
        for name, asked in looks(cases, place):
            cells = list[str]()
            for headers in ({}, {"HX-Request": "true"}):
                took = [await _one(session, f"{address}?{urlencode(asked)}", headers) for _ in range(times + 1)][1:]
                p95 = statistics.quantiles(took, n=20)[-1]
                worst = max(worst, p95)
                cells += [f"{statistics.median(took):.0f} ms", f"{p95:.0f} ms"]
            print(f"| {name} | {' | '.join(cells)} |", flush=True)
    load = os.getloadavg()[1]
    print(f"\nThe slowest p95: {worst:.0f} ms, of {BOUND_MS:.0f} ms. Load average of five minutes: {load:.1f}.\n")
    return worst <= BOUND_MS


async def _one(session: aiohttp.ClientSession, address: str, headers: dict[str, str]) -> float:
    """Milliseconds until a page is here."""
    begun = time.perf_counter()
    async with session.get(address, headers=headers) as response:
        response.raise_for_status()
        await response.read()
    return 1_000 * (time.perf_counter() - begun)


async def run(url: str, cases: int, times: int) -> bool:
    """Fill an empty database, start the bot on it, measure."""
    server = SandboxServer()
    application = server.world.add_application("Lawspeaker")
    guild = server.world.add_guild("Many cases", server.world.add_user("owner"))
    place = Place(guild.id, tuple(server.world.add_channel(guild, f"room-{one}").id for one in range(CHANNELS)))
    server.invite(guild, application)
    await upgrade(url)
    with tempfile.TemporaryDirectory() as folder:
        store = Store(url, Path(folder, "chain.key"))
        try:
            await store.guilds.update(guild.id, keep_case_days=KEPT_DAYS)  # else the bot blanks most at its start
            await fill(store, cases, place)
        finally:
            await store.close()
        await settle_down(url)
        await server.start()
        port = _free_port()
        try:
            async with bot_process("bot", _environ(server, application, Path(folder), url, port)):
                return await told(f"http://127.0.0.1:{port}/console/servers/{guild.id}/cases", cases, place, times)
        finally:
            await server.stop()


def _environ(server: SandboxServer, application: Application, folder: Path, url: str, port: int) -> dict[str, str]:
    return {
        "LAWSPEAKER_DISCORD_TOKEN": application.token,
        "LAWSPEAKER_DATA_DIR": str(folder),
        "LAWSPEAKER_DATABASE_URL": url,
        "LAWSPEAKER_CHAIN_KEY_FILE": str(folder / "chain.key"),
        "LAWSPEAKER_WEB_PORT": str(port),
        "LAWSPEAKER_DISCORD_API_BASE": server.api_base,
        "LAWSPEAKER_DISCORD_GATEWAY": server.gateway_url,
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def main() -> int:
    """Fill, measure, print; 1 where something is slower than it may be."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--cases", type=int, default=100_000)
    options.add_argument("--times", type=int, default=20, help="how often each page is asked for")
    given = options.parse_args()
    print(f"{given.cases:,} cases, each page {given.times} times, on {cores()} cores of {processor()}.\n")
    with tempfile.TemporaryDirectory() as folder:
        print(f"SQLite {sqlite3.sqlite_version}:\n", flush=True)
        is_fast = await run(f"sqlite+aiosqlite:///{Path(folder, 'cases.sqlite3')}", given.cases, given.times)
    if postgres := os.environ.get("LAWSPEAKER_TEST_POSTGRES"):
        print(f"PostgreSQL {await emptied(postgres)}:\n", flush=True)
        is_fast = await run(postgres, given.cases, given.times) and is_fast
    return 0 if is_fast else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
