"""While the database takes nothing the bot stays on Discord, and what was said meanwhile is judged afterwards, once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, MutableMapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import discord
import pytest
import pytest_asyncio
from structlog.testing import capture_logs

import bot.pipeline.database
import bot.pipeline.dispatcher
import bot.pipeline.intake
import bot.pipeline.patience
from bot.app import App
from bot.domain.decision import Outcome
from bot.domain.records import Stamp
from bot.domain.submission import Submission
from bot.pipeline.dispatcher import MOST_ATTEMPTS
from bot.pipeline.journal import JournalWriter, UnstorableError
from bot.store import OutdatedError, Store, StoreError, schema
from bot.store.engine import sqlite_file
from bot.store.lock import InstanceLock, InUseError
from bot.store.trouble import Trouble
from cogs.errors import DATABASE
from tests.cogs.live import hand
from tests.cogs.scripted_stage import running_stage
from tests.stage import Scene, until
from tests.store.chained import submission
from tests.store.conftest import sqlite_url
from tests.store.faulty import full, locked, read_only

__all__ = ["running_stage"]

pytestmark = pytest.mark.asyncio(loop_scope="session")

LONG = "many words " * 180  # no page of the file has room for them

Fault = Callable[[Path], AbstractContextManager[None]]


@pytest.fixture(autouse=True)
def logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[MutableMapping[str, Any]]]:
    """Give up asking at once, and look again often. What is logged meanwhile: to draw a traceback takes seconds."""
    monkeypatch.setattr(bot.pipeline.patience, "RETRY_SECONDS", (0.0, 0.0))
    monkeypatch.setattr(bot.pipeline.database, "LOOK_SECONDS", 0.05)
    with capture_logs() as logged:
        yield logged


def app_of(scene: Scene) -> App:
    return scene.stage.trial.app


def file_of(scene: Scene) -> Path:
    file = sqlite_file(scene.store.url)
    assert file is not None
    return file


async def ready(app: App) -> None:
    """Wait until nothing is missing."""

    async def holds() -> bool:
        return not app.missing()

    await until(holds)


async def heard(scene: Scene) -> None:
    """Let the bot note that all was heard of the scene's server so far: what it was never listened to is not read."""

    async def holds() -> bool:
        await app_of(scene).pipeline.backfill._note_heard()
        return (await scene.store.presence.of(scene.guild.id)).until is not None

    await until(holds)


@pytest.fixture
def lost(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> asyncio.Queue[int]:
    """The servers of which a message was not recorded."""
    told: asyncio.Queue[int] = asyncio.Queue()
    pipeline = app_of(scene).pipeline

    def on_lost(guild_id: int) -> None:
        pipeline.backfill.missed(guild_id)
        told.put_nowait(guild_id)

    monkeypatch.setattr(pipeline.intake, "on_lost", on_lost)
    return told


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [(locked, Trouble.LOCKED), (full, Trouble.FULL), (lambda _: read_only(), Trouble.READ_ONLY)],
    ids=["locked", "full", "read-only"],
)
async def test_what_was_said_while_the_database_took_nothing_is_judged_once_afterwards(
    scene: Scene, lost: asyncio.Queue[int], logs: list[MutableMapping[str, Any]], fault: Fault, trouble: Trouble
) -> None:
    app = app_of(scene)
    await heard(scene)
    with fault(file_of(scene)):
        said = scene.post(f"{LONG} said meanwhile")
        assert await asyncio.wait_for(lost.get(), 60) == scene.guild.id
        assert app.missing() == ["database"]
        assert app.client.is_connected()
    judgement = await scene.settled(said)
    assert judgement.submission.missed
    await ready(app)
    later = await scene.settled(scene.post("said afterwards"))
    assert not later.submission.missed
    assert len(scene.stage.of(said)) == 1
    told = [one.get("advice") for one in logs if str(one["event"]).startswith("database_")]
    assert told == [trouble.sentence(), None]


async def test_a_message_is_judged_however_often_the_database_was_held_when_its_decision_was_to_be_recorded(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.pipeline.dispatcher, "_RETRY_SECONDS", 0.01)
    journal, times = scene.store.journal, 0
    settle = journal.settle_allowed

    async def held_at_first(*arguments: Any) -> None:
        nonlocal times
        times += 1
        with locked(file_of(scene)) if times <= 2 * MOST_ATTEMPTS else nullcontext():
            await settle(*arguments)

    monkeypatch.setattr(journal, "settle_allowed", held_at_first)
    await scene.break_none()
    settled = await scene.settled(scene.post("hello"))
    assert (settled.decision.outcome, times) == (Outcome.ALLOW, 2 * MOST_ATTEMPTS + 1)


async def test_an_edit_that_was_not_recorded_is_judged_too(scene: Scene, lost: asyncio.Queue[int]) -> None:
    await heard(scene)
    message = scene.post("as first posted")
    await scene.settled(message)
    with locked(file_of(scene)):
        scene.server.posting.edit(message, {"content": "as edited"})
        await asyncio.wait_for(lost.get(), 60)
    assert (await scene.settled(message, edited=True)).submission.text == "as edited"


async def test_a_server_of_which_something_was_lost_was_not_heard_until_that_is_read(
    scene: Scene, lost: asyncio.Queue[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    backfill, condition = app_of(scene).pipeline.backfill, scene.store.condition
    look_again, may_look = condition.look_again, asyncio.Event()

    async def when_it_may() -> Trouble | None:
        await may_look.wait()
        return await look_again()

    monkeypatch.setattr(condition, "look_again", when_it_may)
    await heard(scene)
    before = (await scene.store.presence.of(scene.guild.id)).until
    with locked(file_of(scene)):
        said = scene.post("said meanwhile")
        await asyncio.wait_for(lost.get(), 60)
    await backfill._note_heard()
    assert (await scene.store.presence.of(scene.guild.id)).until == before
    may_look.set()
    assert (await scene.settled(said)).submission.missed


async def test_what_is_lost_while_the_history_is_read_is_read_again(
    scene: Scene, lost: asyncio.Queue[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = app_of(scene).pipeline
    await heard(scene)
    fill_guild = pipeline.backfill._fill_guild
    filled: list[int] = []

    async def losing(*arguments: object) -> bool:
        whole = await fill_guild(*arguments)  # type: ignore[arg-type]
        if not filled:
            pipeline.intake.on_lost(scene.guild.id)
        filled.append(scene.guild.id)
        return whole

    monkeypatch.setattr(pipeline.backfill, "_fill_guild", losing)
    pipeline.backfill.missed(scene.guild.id)
    pipeline.backfill.retry()

    async def read_once() -> bool:
        return len(filled) == 1 and not pipeline.backfill._fills

    await until(read_once)
    assert scene.guild.id in pipeline.backfill._behind
    pipeline.backfill.retry()

    async def read() -> bool:
        return scene.guild.id not in pipeline.backfill._behind

    await until(read)


async def test_a_server_whose_message_is_held_up_on_its_way_was_not_heard_until_it_is_in_the_journal(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    backfill, intake, stamps = app_of(scene).pipeline.backfill, app_of(scene).pipeline.intake, scene.store.stamps
    await heard(scene)
    before = (await scene.store.presence.of(scene.guild.id)).until
    monkeypatch.setattr(bot.pipeline.intake, "HELD_UP", timedelta(0))
    asked, may_answer = asyncio.Event(), asyncio.Event()
    of = stamps.of

    async def slow(guild_id: int) -> Stamp:
        asked.set()
        await may_answer.wait()
        return await of(guild_id)

    with monkeypatch.context() as patch:
        patch.setattr(stamps, "of", slow)
        said = scene.post("on its way")
        await asyncio.wait_for(asked.wait(), 60)
        assert intake.held_up() == {scene.guild.id}
        await backfill._note_heard()
        assert (await scene.store.presence.of(scene.guild.id)).until == before
        may_answer.set()
        await scene.settled(said)
    assert intake.held_up() == set()
    await backfill._note_heard()
    assert (await scene.store.presence.of(scene.guild.id)).until != before


async def test_a_missed_message_that_cannot_be_taken_holds_up_none_after_it(
    scene: Scene, lost: asyncio.Queue[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = app_of(scene).pipeline
    await heard(scene)
    read = pipeline.intake._read

    async def failing(message: discord.Message, *arguments: Any) -> Submission | None:
        if message.content == "odd":
            raise ValueError
        return await read(message, *arguments)

    with locked(file_of(scene)):
        odd, said = scene.post("odd"), scene.post("plain")
        for _ in range(2):
            await asyncio.wait_for(lost.get(), 60)
        monkeypatch.setattr(pipeline.intake, "_read", failing)
    assert (await scene.settled(said)).submission.missed

    async def is_through() -> bool:
        return scene.guild.id not in pipeline.backfill._behind

    await until(is_through)
    assert scene.stage.of(odd) == []


async def test_a_moderator_is_told_that_the_database_cannot_be_used(scene: Scene) -> None:
    moderator = await hand(scene, scene.manager)
    with locked(file_of(scene)):
        assert (await moderator.slash("mode", mode="shadow")).content == DATABASE
        assert "cannot use its database" in str((await moderator.slash("health")).embeds)
    await ready(app_of(scene))
    assert (await moderator.slash("mode", mode="shadow")).content != DATABASE
    assert "database" not in str((await moderator.slash("health")).embeds)


async def test_characters_that_no_database_takes_cost_no_message(scene: Scene) -> None:
    scene.server.world.join(scene.guild, odd := scene.server.world.add_user("odd\ud800"))
    before = scene.post("before\x00 it \ud83d", odd)
    said = scene.post("half\ud800 a pair and a \x00NUL", odd)
    assert (await scene.settled(before)).submission.text == "before it ?"
    submission = (await scene.settled(said)).submission
    assert (submission.author_name, submission.text) == ("odd?", "half? a pair and a NUL")
    assert [(one.author, one.text) for one in submission.context][-1:] == [("odd?", "before it ?")]


# -- the journal's writer -----------------------------------------------------------------------------------


@pytest_asyncio.fixture(loop_scope="session")
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    made = Store(sqlite_url(tmp_path))
    await schema.upgrade(made.url)
    yield made
    await made.close()


async def test_one_that_the_database_refuses_takes_no_other_with_it(store: Store) -> None:
    new: list[int] = []
    writer = JournalWriter(store, new.append)
    given = [submission(number) for number in range(50)]
    given[17] = replace(given[17], channel_id=1 << 63)
    given[33] = replace(given[33], text="half a pair \ud800")
    stamp = await store.stamps.of(given[0].guild_id)
    adding = [asyncio.ensure_future(writer.add(one, stamp)) for one in given]
    await asyncio.sleep(0)  # all of them wait: they are taken together
    flushed = asyncio.ensure_future(writer.flush())
    writer.start()
    done = await asyncio.gather(*adding, return_exceptions=True)
    await flushed
    await writer.stop()
    assert {number for number, one in enumerate(done) if isinstance(one, UnstorableError)} == {17, 33}
    assert [one for number, one in enumerate(done) if number not in {17, 33}] == [None] * 48
    assert sum(new) == 48
    assert (await store.journal.backlog()) == {given[0].guild_id: 48}


async def test_one_that_is_no_longer_known_to_be_in_scope_takes_no_other_with_it(store: Store) -> None:
    writer = JournalWriter(store, lambda _: None)
    given = [submission(number) for number in range(20)]
    before = await store.stamps.of(given[0].guild_id)
    await store.guilds.update(given[0].guild_id, judge_bots=True)
    now = await store.stamps.of(given[0].guild_id)
    adding = [asyncio.ensure_future(writer.add(one, before if one is given[7] else now)) for one in given]
    await asyncio.sleep(0)  # all of them wait: they are taken together
    writer.start()
    done = await asyncio.gather(*adding, return_exceptions=True)
    await writer.stop()
    assert [number for number, one in enumerate(done) if isinstance(one, OutdatedError)] == [7]
    assert (await store.journal.backlog()) == {given[0].guild_id: 19}


async def test_a_bot_that_lost_its_database_to_another_ends_with_that_sentence(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = asyncio.Event()

    async def hold(_: InstanceLock) -> None:
        await lost.wait()
        raise InUseError("Another Lawspeaker works on the database: stop it first.")

    monkeypatch.setattr(InstanceLock, "hold", hold)
    running = asyncio.create_task(scene.stage.trial.app.wait_stopped())
    await asyncio.sleep(0)
    assert not running.done()
    lost.set()
    with pytest.raises(StoreError, match="Another Lawspeaker"):
        await running
