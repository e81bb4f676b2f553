"""Overload: more messages from many servers at once than the judge can read, which is scripted and bounded.

The bot is a process of its own. Fairness is told by the order in which messages were judged, not by the clock.
"""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest

from tests.reliability.figures import is_soak, note
from tests.reliability.flood import RAIDED, Flood, taken_in, waits
from tests.reliability.house import House, Place
from tests.reliability.lives import Nursery
from tests.reliability.memory import Watch
from tests.reliability.overload import MOST_MEMORY, Seen, beats, started, unfair, watched
from tests.reliability.pace import PACE
from tests.stage import until

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.soak]

HEARTBEAT_SECONDS = 2.0
"""Discord asks for one in 41 seconds."""
FLOOD = (
    Flood(servers=50, messages=2_000, seconds=10.0, quiet=5, quiet_messages=4)
    if is_soak()
    else Flood(servers=25, messages=500, seconds=2.5, quiet=2, quiet_messages=4)
)
LASTING = (
    Flood(servers=50, messages=10_000, seconds=50.0, quiet=5, quiet_messages=20)
    if is_soak()
    else Flood(servers=12, messages=360, seconds=2.0, quiet=2, quiet_messages=4)
)
LONGEST_END = 300.0


async def ready(house: House, flood: Flood) -> list[Place]:
    """The servers that will be flooded, with a bot that serves."""
    house.server.gateway.heartbeat_seconds = HEARTBEAT_SECONDS
    await house.open()
    places = [await house.place(f"Server {number}") for number in range(flood.servers)]
    await house.begin()
    assert await house.life.ready()
    return places


async def test_a_flood_takes_little_memory_delays_no_heartbeat_starves_no_quiet_server_and_is_settled_once(
    nursery: Nursery, tmp_path: Path, empty_database: Path, unused_tcp_port: int
) -> None:
    settings = {PACE: "50", "LAWSPEAKER_WEB_PORT": str(unused_tcp_port)}
    house = House(nursery, tmp_path, empty_database, model=settings)
    try:
        places = await ready(house, FLOOD)
        raided = places[RAIDED]
        moderator = await house.client(raided.moderator)
        async with watched(house, unused_tcp_port) as seen:
            took = await FLOOD.pour(house, places)
            health = await moderator.slash(raided.guild.id, raided.log.id, "health")
            assert "messages wait; the oldest came in" in str(health.embeds)
            assert await house.in_the_end(LONGEST_END) == []
        found = await waits(house.store)
        quiet = FLOOD.quiet_ones(places)
        assert [*seen.broken(house), *unfair(found, quiet, FLOOD.servers)] == []
        _note("a flood", house, seen)
        of_quiet = [one for one in found if one.guild_id in quiet]
        of_raided = [one for one in found if one.guild_id == raided.guild.id]
        note(
            "a flood",
            messages=len(found),
            servers=len(places),
            posted_in_seconds=took,
            a_quiet_server_waited_seconds=statistics.median(one.seconds for one in of_quiet),
            a_quiet_server_waited_at_most_seconds=max(one.seconds for one in of_quiet),
            a_quiet_server_waited_at_most_for_others=float(max(one.turns for one in of_quiet)),
            the_raided_server_waited_seconds=statistics.median(one.seconds for one in of_raided),
            the_raided_server_waited_at_most_seconds=max(one.seconds for one in of_raided),
        )
    finally:
        await house.close()


async def test_what_the_judge_does_not_come_to_waits_in_the_database_and_takes_no_memory(
    nursery: Nursery, tmp_path: Path, empty_database: Path, unused_tcp_port: int
) -> None:
    settings = {PACE: "0.001", "LAWSPEAKER_WEB_PORT": str(unused_tcp_port)}
    house = House(nursery, tmp_path, empty_database, model=settings)
    try:
        places = await ready(house, LASTING)
        async with watched(house, unused_tcp_port) as seen:
            took = await LASTING.pour(house, places)

            async def is_taken_in() -> bool:
                return await taken_in(house.store) == LASTING.messages

            await house.eventually(is_taken_in, LONGEST_END)
        assert list(seen.broken(house)) == []
        _note("a flood that nobody judges", house, seen)
        note("a flood that nobody judges", messages=LASTING.messages, posted_in_seconds=took)
    finally:
        await house.close()


@pytest.mark.model
@pytest.mark.usefixtures("tiny")
@pytest.mark.skipif(not is_soak(), reason="a figure to compare with: the process of the others is a fork")
async def test_a_bot_that_was_just_started_with_a_model_takes_no_more_memory(
    nursery: Nursery, tmp_path: Path, empty_database: Path
) -> None:
    flood = Flood(servers=12, messages=360, seconds=3.0, quiet=2, quiet_messages=4)
    house = House(nursery, tmp_path, empty_database, model={"LAWSPEAKER_MODEL": "tiny"})
    await house.open()
    try:
        places = [await house.place(f"Server {number}") for number in range(flood.servers)]
        async with started(house) as process:
            memory = Watch(process.pid)
            await flood.pour(house, places)

            async def is_taken_in() -> bool:
                return await taken_in(house.store) == flood.messages

            await until(is_taken_in)
            await memory.stop()
            assert memory.most <= MOST_MEMORY
            note(
                "a bot just started, without its worker",
                memory_at_first_MB=memory.at_first,
                memory_at_most_MB=memory.most,
                memory_of_its_own_MB=memory.own,
            )
    finally:
        await house.close()


def _note(row: str, house: House, seen: Seen) -> None:
    note(
        row,
        memory_at_first_MB=seen.memory.at_first,
        memory_at_most_MB=seen.memory.most,
        memory_of_its_own_MB=seen.memory.own,
        heartbeats=len(beats(house)),
        latest_heartbeat_ms=1_000 * (max(beats(house)) - HEARTBEAT_SECONDS),
        deepest_backlog=max(seen.backlog),
        slowest_metrics_ms=1_000 * max(seen.answers),
    )
