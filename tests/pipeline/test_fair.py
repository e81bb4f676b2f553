"""Room is given to servers in turn, and a raid on one of them holds up no case of another."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.records import CaseRecord
from bot.pipeline.casework import MOST_AT_ONCE
from bot.pipeline.fair import FairRoom
from tests.cogs.scripted_stage import running_stage  # noqa: F401 - a fixture
from tests.stage import Scene, Stage, until


class Visits:
    """Who came in, in turn; each stays until the test lets one go."""

    def __init__(self, most: int) -> None:
        self.room = FairRoom(most)
        self.came: list[str] = []
        self._may_leave = asyncio.Semaphore(0)
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def arrive(self, *names: str) -> None:
        """Let visitors come one after another: `1b` is the second of server 1."""
        for name in names:
            self._tasks[name] = asyncio.create_task(self._visit(name))
            await asyncio.sleep(0)

    async def _visit(self, name: str) -> None:
        async with self.room.of(int(name[0])):
            self.came.append(name)
            await self._may_leave.acquire()

    async def leave(self, count: int) -> None:
        """Let so many leave, one after another."""
        for _ in range(count):
            self._may_leave.release()
            for _ in range(5):
                await asyncio.sleep(0)

    async def cancel(self, name: str) -> None:
        """Let one give up, wherever it is."""
        self._tasks[name].cancel()
        await asyncio.gather(self._tasks[name], return_exceptions=True)


async def test_servers_take_turns_and_each_ones_own_come_in_order() -> None:
    visits = Visits(2)
    await visits.arrive("1a", "1b", "1c", "1d", "1e", "2a", "3a", "2b")
    assert visits.came == ["1a", "1b"]
    await visits.leave(6)
    assert visits.came[2:] == ["1c", "2a", "3a", "1d", "2b", "1e"]


async def test_no_more_than_there_is_room_for_are_inside_and_all_of_it_is_used() -> None:
    visits = Visits(3)
    await visits.arrive("1a", "1b", "2a", "2b", "3a")
    assert len(visits.came) == 3
    await visits.leave(5)
    assert len(visits.came) == 5
    await visits.arrive("1c", "1d", "1e", "1f")
    assert len(visits.came) == 8


async def test_whoever_gives_up_waiting_or_inside_takes_no_room_along() -> None:
    visits = Visits(1)
    await visits.arrive("1a", "1b", "2a")
    await visits.cancel("1b")
    await visits.cancel("1a")
    for _ in range(5):
        await asyncio.sleep(0)
    assert visits.came == ["1a", "2a"]


async def test_whoever_gives_up_the_moment_it_is_let_in_hands_the_room_on() -> None:
    visits = Visits(1)
    await visits.arrive("1a", "1b", "2a")
    visits._tasks["1a"].cancel()
    await asyncio.sleep(0)  # 1a has left, and 1b's turn is given but not yet taken
    await visits.cancel("1b")
    for _ in range(5):
        await asyncio.sleep(0)
    assert visits.came == ["1a", "2a"]


@pytest.mark.asyncio(loop_scope="session")
async def test_a_raid_on_one_server_holds_up_no_case_of_another(
    scene: Scene, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet = await stage.scene()
    casework = stage.trial.app.pipeline._casework
    executor = casework._executor
    perform, may_go_on = executor.perform, asyncio.Semaphore(0)
    begun: list[int] = []

    async def slowly(case: CaseRecord, rule_text: str) -> None:
        begun.append(case.guild_id)
        await may_go_on.acquire()
        await perform(case, rule_text)

    monkeypatch.setattr(executor, "perform", slowly)
    await scene.break_rule("1")
    await quiet.break_rule("1")
    raid = [scene.post(f"spam {number}") for number in range(2 * MOST_AT_ONCE)]

    async def waits(guild_id: int) -> bool:
        return guild_id in casework._acting._queues and len(begun) == MOST_AT_ONCE

    await until(lambda: waits(scene.guild.id))
    message = quiet.post("spam")
    await until(lambda: waits(quiet.guild.id))
    # Of those who wait one of the raid is next, and then the quiet server.
    may_go_on.release()
    may_go_on.release()

    async def is_begun() -> bool:
        return quiet.guild.id in begun

    await until(is_begun)
    assert begun.count(scene.guild.id) <= MOST_AT_ONCE + 2
    for _ in range(len(raid)):
        may_go_on.release()
    for one in raid:
        await scene.case(one)
    await quiet.case(message)
