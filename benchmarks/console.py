"""Whether the console slows judging down, and how soon its pages are there: `python -m benchmarks.console`.

The whole bot on a sandbox, with the model that the settings name. Rounds of messages are judged in turn while nobody
looks and while PAGES pages of *Now* are open; a page is read by a process of its own, which asks for what an open page
asks for, as often. Rounds alternate so that what else the machine does falls on both, and no message opens a case, for
a case takes as long as several messages. What the open pages cost is also told as processor time of the bot's process
while nothing is judged, which hardly depends on what else the machine does. Then Chromium loads the first page LOADS
times, each time in an empty profile.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from multiprocessing.synchronize import Event
from pathlib import Path

import aiohttp
from playwright.async_api import async_playwright

from bot.bench.machine import cores, processor
from bot.cli.common import settings_for_command, usable_model
from bot.domain.decision import Thresholds, ThresholdTable
from bot.resources import resource_dir
from bot.trial.trial import Trial
from docs.browser import ARGUMENTS, browser

PAGES, LOADS, EVERY_SECONDS, AT_REST_SECONDS = 10, 15, 3.0, 30.0
PATIENCE = 600.0
_WORDS = (
    "the a my your this that game build patch team friend music picture code bug cat dog train coffee is was looks "
    "feels works breaks runs again today tomorrow really never always nice odd late early with without for about"
).split()


def main() -> None:
    """Run both and print what they found."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=4, help="how often each of the two is measured")
    parser.add_argument("--messages", type=int, default=60, help="messages in a round")
    parser.add_argument("--seed", type=int, default=5)
    given = parser.parse_args()
    asyncio.run(_run(given.rounds, given.messages, random.Random(given.seed)))


async def _run(rounds: int, messages: int, chance: random.Random) -> None:
    model = await asyncio.to_thread(lambda: usable_model(settings_for_command()))
    policy = (resource_dir("sandbox/example") / "policy.md").read_text("utf-8")
    with tempfile.TemporaryDirectory(prefix="lawspeaker-") as folder:
        trial = Trial(model, policy, Path(folder))
        try:
            await trial.start()
            await trial.app.store.guilds.update(trial.guild.id, thresholds=ThresholdTable(Thresholds(1.0, 1.0)))
            await _judged(trial, 20, chance)
            address = f"http://127.0.0.1:{trial.app.web.port}/console/servers/{trial.guild.id}/now"
            rates = await _rates(trial, address, rounds, messages, chance)
            costs = await _costs(address)
            loads = await _loads(address)
        finally:
            await trial.stop()
    closed, opened = (statistics.median(rates[name]) for name in ("closed", "open"))
    print(f"{processor()}, {cores()} cores; model {model.name if model else 'remote'}; {rounds} rounds of {messages}")
    print(
        f"messages a second, no page open: {closed:.2f}; {PAGES} pages open: {opened:.2f}; ratio {opened / closed:.3f}"
    )
    ratios = sorted(opened / closed for closed, opened in zip(rates["closed"], rates["open"], strict=True))
    print(f"ratios of neighbouring rounds: {' '.join(f'{one:.2f}' for one in ratios)}")
    print(f"processor time a second at rest, ms: {costs['closed']:.1f}; {PAGES} pages open: {costs['open']:.1f}")
    print(f"first page, ms: median {statistics.median(loads):.0f}, most {max(loads):.0f} of {len(loads)}")


async def _rates(
    trial: Trial, address: str, rounds: int, messages: int, chance: random.Random
) -> dict[str, list[float]]:
    """Messages a second of each round."""
    rates: dict[str, list[float]] = {"closed": [], "open": []}
    for number in range(2 * rounds):
        name = ("closed", "open")[(number + number // 2) % 2]
        async with _looked_at(address, name):
            rates[name].append(await _judged(trial, messages, chance))
        print(f"round {number + 1} of {2 * rounds}, pages {name}: {rates[name][-1]:.2f} a second", file=sys.stderr)
    return rates


async def _costs(address: str) -> dict[str, float]:
    """Milliseconds of this process's processor time a second while nothing is judged."""
    costs: dict[str, float] = {}
    for name in ("closed", "open"):
        async with _looked_at(address, name):
            before = time.process_time()
            await asyncio.sleep(AT_REST_SECONDS)
            costs[name] = 1_000 * (time.process_time() - before) / AT_REST_SECONDS
    return costs


@asynccontextmanager
async def _looked_at(address: str, name: str) -> AsyncIterator[None]:
    """While PAGES pages are `open`, or none is."""
    ended = multiprocessing.get_context("spawn").Event()
    readers = _open(address, ended) if name == "open" else None
    try:
        yield
    finally:
        ended.set()
        if readers is not None:
            await asyncio.to_thread(readers.join, 30)


def _open(address: str, ended: Event) -> multiprocessing.process.BaseProcess:
    readers = multiprocessing.get_context("spawn").Process(target=_read_all, args=(address, ended), daemon=True)
    readers.start()
    return readers


def _read_all(address: str, ended: Event) -> None:
    """All open pages: each asks for its live part time and again until `ended`."""

    async def page() -> None:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
            async with session.get(address) as response:
                assert response.status == 200
            while not ended.is_set():
                await asyncio.sleep(EVERY_SECONDS * random.uniform(0.9, 1.1))
                async with session.get(f"{address}/live", headers={"HX-Request": "true"}) as response:
                    assert response.status == 200
                    await response.read()

    async def pages() -> None:
        await asyncio.gather(*(page() for _ in range(PAGES)))

    os.nice(5)  # browsers are on other machines
    asyncio.run(pages())


async def _judged(trial: Trial, messages: int, chance: random.Random) -> float:
    """Post messages that nobody wrote before, and how many a second are settled until all are."""
    begun = time.monotonic()
    for _ in range(messages):
        await trial.say("ann", "general", " ".join(chance.choices(_WORDS, k=chance.randint(6, 20))))
    async with asyncio.timeout(PATIENCE):
        for _ in range(messages):
            await trial.settled.get()
    return messages / (time.monotonic() - begun)


async def _loads(address: str) -> list[float]:
    """Milliseconds from asking for the page to its load event, each in an empty profile."""
    found = []
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=browser(), args=list(ARGUMENTS))
        for _ in range(LOADS):
            context = await running.new_context()
            page = await context.new_page()
            await page.goto(address, wait_until="load")
            found.append(float(await page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")))
            await context.close()
        await running.close()
    return found


if __name__ == "__main__":
    main()
