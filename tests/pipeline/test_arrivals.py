"""What came in and is not in the journal yet is bounded: the rest waits at Discord, and none of it is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import bot.pipeline.database
from bot.pipeline import arrivals
from bot.pipeline.arrivals import MOST_AT_ONCE, Arrivals
from bot.pipeline.patience import StillAwayError
from bot.store.trouble import Trouble
from tests.cogs.scripted_stage import ScriptedJudge, running_stage, stage_with
from tests.stage import Scene, Stage, until

__all__ = ["running_stage"]

MOST = 5
PATIENCE = 30.0


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "MOST_HERE", MOST)
    monkeypatch.setattr(arrivals, "_LOOK_SECONDS", 0.01)


class Visitors:
    """Who comes, each to stay until it may leave."""

    def __init__(self) -> None:
        self.can_record = True
        self.arrivals = Arrivals(lambda: self.can_record)
        self.inside: list[int] = []
        self._may_leave = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def come(self, *guild_ids: int) -> None:
        self._tasks += [asyncio.create_task(self._visit(guild_id)) for guild_id in guild_ids]
        await asyncio.sleep(0)

    async def _visit(self, guild_id: int) -> None:
        async with self.arrivals.of(guild_id):
            self.inside.append(guild_id)
            await self._may_leave.wait()

    async def leave(self) -> None:
        self._may_leave.set()
        await asyncio.gather(*self._tasks)


async def test_few_are_inside_at_once_and_then_servers_take_turns() -> None:
    visitors = Visitors()
    await visitors.come(*[1] * MOST_AT_ONCE, *[1] * 10, 2)
    assert visitors.inside == [1] * MOST_AT_ONCE
    await visitors.leave()
    assert visitors.inside[MOST_AT_ONCE : MOST_AT_ONCE + 2] == [1, 2]


async def test_there_is_room_until_the_most_are_here_and_again_when_one_leaves() -> None:
    visitors = Visitors()
    await visitors.come(*range(MOST - 1))
    await asyncio.wait_for(visitors.arrivals.room(), PATIENCE)
    await visitors.come(MOST)
    waiting = asyncio.create_task(visitors.arrivals.room())
    for _ in range(10):
        await asyncio.sleep(0)
    assert not waiting.done()
    await visitors.leave()
    await asyncio.wait_for(waiting, PATIENCE)


async def test_while_the_database_takes_nothing_nobody_waits_for_room_and_who_finds_none_is_told() -> None:
    visitors = Visitors()
    await visitors.come(*range(MOST))
    waiting = asyncio.create_task(visitors.arrivals.room())
    await asyncio.sleep(0)
    visitors.can_record = False
    await asyncio.wait_for(waiting, PATIENCE)
    with pytest.raises(StillAwayError):
        async with visitors.arrivals.of(MOST):
            pass
    await visitors.leave()
    async with visitors.arrivals.of(MOST):
        pass


async def test_it_is_known_whose_message_is_here_for_how_long() -> None:
    visitors = Visitors()
    await visitors.come(1, 2)
    now = datetime.now(UTC)
    assert visitors.arrivals.servers_since_before(now) == {1, 2}
    assert visitors.arrivals.servers_since_before(now - timedelta(minutes=1)) == set()
    await visitors.leave()
    assert visitors.arrivals.servers_since_before(datetime.now(UTC)) == set()


class Taking:
    """Messages are taken slowly; `begun` counts of how many that was begun."""

    def __init__(self, stage: Stage, patch: pytest.MonkeyPatch) -> None:
        self.begun = 0
        self.may_go_on = asyncio.Event()
        intake = stage.trial.app.pipeline.intake
        self._take = intake._take
        patch.setattr(intake, "_take", self._slowly)

    async def _slowly(self, *arguments: Any) -> bool:
        self.begun += 1
        await self.may_go_on.wait()
        return await self._take(*arguments)

    async def most_are_here(self) -> None:
        """Return when no more come in."""

        async def holds() -> bool:
            return self.begun >= MOST

        await until(holds)
        for _ in range(100):
            await asyncio.sleep(0)
        assert self.begun == MOST


@contextmanager
def slowly(stage: Stage) -> Iterator[Taking]:
    with pytest.MonkeyPatch.context() as patch:
        taking = Taking(stage, patch)
        yield taking
        taking.may_go_on.set()


@pytest.mark.asyncio(loop_scope="session")
async def test_the_client_reads_no_more_from_the_gateway_than_there_is_room_for_and_all_of_it_is_judged(
    scene: Scene, stage: Stage
) -> None:
    with slowly(stage) as taking:
        said = [scene.post(f"message {number}") for number in range(4 * MOST)]
        await taking.most_are_here()
    for one in said:
        assert (await scene.settled(one)).submission.text == one.content


@pytest.mark.asyncio(loop_scope="session")
async def test_what_finds_no_room_while_the_database_takes_nothing_is_read_from_the_history_afterwards(
    scene: Scene, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline, condition = stage.trial.app.pipeline, scene.store.condition
    look_again, may_look = condition.look_again, asyncio.Event()
    lost: list[int] = []

    async def when_it_may() -> Trouble | None:
        await may_look.wait()
        return await look_again()

    def on_lost(guild_id: int) -> None:
        pipeline.backfill.missed(guild_id)
        lost.append(guild_id)

    async def is_heard() -> bool:
        await pipeline.backfill._note_heard()
        return (await scene.store.presence.of(scene.guild.id)).until is not None

    async def are_lost() -> bool:
        return len(lost) == 3 * MOST

    monkeypatch.setattr(condition, "look_again", when_it_may)
    monkeypatch.setattr(bot.pipeline.database, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(pipeline.intake, "on_lost", on_lost)
    await until(is_heard)
    with slowly(stage) as taking:
        said = [scene.post(f"message {number}") for number in range(4 * MOST)]
        await taking.most_are_here()
        with pytest.raises(OSError), condition.watching():
            raise OSError
        await until(are_lost)
    may_look.set()
    settled = [await scene.settled(one) for one in said]
    assert [one.submission.missed for one in settled] == [False] * MOST + [True] * 3 * MOST


@pytest.mark.asyncio(loop_scope="session")
async def test_a_bot_that_waits_for_room_can_be_stopped(tmp_path: Path) -> None:
    async with stage_with(ScriptedJudge(), tmp_path, None) as stage:
        scene = await stage.scene()
        with slowly(stage) as taking:
            for number in range(4 * MOST):
                scene.post(f"message {number}")
            await taking.most_are_here()
            async with asyncio.timeout(PATIENCE) as limit:
                await stage.trial.app.stop()
            assert not limit.expired()
