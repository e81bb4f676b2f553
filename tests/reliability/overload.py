"""What is seen of a bot while it is flooded: its memory, its heartbeats and the backlog that it shows."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import aiohttp

from bot.pipeline.dispatcher import MOST_IN_FLIGHT
from bot.sandbox.link import PATIENCE
from tests.reliability.flood import Wait
from tests.reliability.house import House
from tests.reliability.lives import Life
from tests.reliability.memory import Watch

MOST_MEMORY = 300.0
"""MB of the bot's process."""
_EVERY = 0.25
_START_SECONDS = 60.0
_DEPTH = re.compile(r"^lawspeaker_queue_depth (\S+)$", re.MULTILINE)


@dataclass
class Seen:
    """What was seen so far: `connections` were made before, `backlog` is what /metrics showed, `answers` in how many
    seconds."""

    memory: Watch
    connections: int
    backlog: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    unready: set[str] = field(default_factory=set)

    def broken(self, house: House) -> Iterator[str]:
        """A sentence for each promise that was broken."""
        gateway = house.server.gateway
        if self.memory.most > MOST_MEMORY:
            yield f"the bot took {self.memory.most:.0f} MB"
        if (latest := max(beats(house))) > PATIENCE * gateway.heartbeat_seconds:
            yield f"a heartbeat came {latest:.1f} s after the one before"
        if connections(house) != self.connections:
            yield "the bot lost its connection"
        if self.unready:
            yield f"the bot said that it was not ready: {self.unready}"
        if max(self.backlog) <= MOST_IN_FLIGHT:
            yield f"the bot showed a backlog of {max(self.backlog):.0f} at most"


def connections(house: House) -> int:
    """How often the gateway was connected to, by whomever."""
    return house.server.gateway.identifies + house.server.gateway.resumes


def beats(house: House) -> list[float]:
    """After how many seconds each heartbeat of the bot came, as Discord sees it."""
    return [one.after for one in house.server.gateway.beats if one.user is house.bot]


def unfair(found: Sequence[Wait], quiet: set[int], servers: int) -> Iterator[str]:
    """A sentence for each quiet server's message for which more others were judged than servers in turn allow.

    Before it come those that are in flight, and then at most two of each server: one that it says now, and one of what
    was missed of it. As many again as are in flight may be judged while transactions end.
    """
    allowed = 2 * servers + 2 * MOST_IN_FLIGHT
    for one in found:
        if one.guild_id in quiet and one.turns > allowed:
            yield f"a quiet server's message waited {one.seconds:.1f} s, for {one.turns} others"


@asynccontextmanager
async def watched(house: House, port: int) -> AsyncIterator[Seen]:
    """Look at a bot that is ready, time and again."""
    seen = Seen(Watch(house.life.pid), connections(house))
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as web:
        looking = asyncio.create_task(_look(seen, web))
        try:
            yield seen
        finally:
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking
            await seen.memory.stop()


async def _look(seen: Seen, web: aiohttp.ClientSession) -> None:
    loop = asyncio.get_running_loop()
    while True:
        asked_at = loop.time()
        async with web.get("/metrics") as answer:
            found = _DEPTH.search(await answer.text())
        assert found is not None
        seen.answers.append(loop.time() - asked_at)
        seen.backlog.append(float(found[1]))
        async with web.get("/readyz") as answer:
            seen.unready.update((await answer.json())["missing"])
        await asyncio.sleep(_EVERY)


@asynccontextmanager
async def started(house: House) -> AsyncIterator[Process]:
    """`lawspeaker run` in a house, as an administrator starts it, once it is ready."""
    others = {name: value for name, value in os.environ.items() if name not in house._environ}
    written = house._folder / "started.log"
    with written.open("wb") as stderr:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot.cli", "run"), env={**others, **house._environ}, stderr=stderr
        )
    try:
        async with asyncio.timeout(_START_SECONDS):
            assert await Life(process.pid, written).ready()
        yield process
    finally:
        process.terminate()
        await process.wait()
