"""A database that cannot be used: what is the matter is told, nothing is half done, and it goes on afterwards."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
import stat
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from bot.domain.submission import Submission
from bot.store import Store, StoreError, backups, lock, schema
from bot.store.engine import make_engine
from bot.store.files import others_may_read
from bot.store.lock import InstanceLock, InUseError
from bot.store.trouble import Trouble, refuses_a_value, trouble_in
from tests.stage import until
from tests.store.chained import GUILD, submission
from tests.store.conftest import file_of
from tests.store.faulty import corrupt, full, locked, read_only

Fault = Callable[[Path], AbstractContextManager[None]]

TOO_LARGE = 1 << 63


def long_one(message_id: int) -> Submission:
    """One that no page of the file has room for."""
    return replace(submission(message_id), text="words " * 2_000)


def damage() -> sqlite3.DatabaseError:
    """What SQLite says of a file that is damaged."""
    error = sqlite3.DatabaseError()
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error


# -- what is the matter -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "trouble", "advice"),
    [
        (locked, Trouble.LOCKED, "end what has it open"),
        (full, Trouble.FULL, "make room there"),
        (lambda _: read_only(), Trouble.READ_ONLY, "let the user that runs Lawspeaker write the file"),
    ],
)
async def test_a_fault_is_told_with_what_to_do_and_is_over_when_something_can_be_written(
    lite: Store, fault: Fault, trouble: Trouble, advice: str
) -> None:
    with fault(file_of(lite)):
        with pytest.raises(Exception, match=r".") as caught:
            await lite.journal.append([long_one(2)])
        assert trouble_in(caught.value) is trouble
        assert not refuses_a_value(caught.value)
        assert advice in trouble.sentence()
        assert await lite.condition.wait_for_trouble() is trouble
        assert await lite.condition.look_again() is trouble
    assert lite.condition.trouble is trouble
    assert await lite.condition.look_again() is None
    assert lite.condition.trouble is None
    assert len(await lite.journal.append([long_one(2)])) == 1
    assert await schema.trouble(lite.url) == []


@pytest.mark.parametrize(("raised", "trouble"), [(OSError(), None), (damage(), Trouble.DAMAGED)])
async def test_what_began_before_the_database_was_found_well_tells_of_no_new_trouble_but_damage(
    lite: Store, raised: Exception, trouble: Trouble | None
) -> None:
    condition = lite.condition

    async def begun_before() -> None:
        with condition.watching():
            assert await condition.look_again() is None
            raise raised

    with pytest.raises(type(raised)):
        await begun_before()
    assert condition.trouble is trouble
    with pytest.raises(OSError), condition.watching():
        raise OSError
    assert condition.trouble is (trouble or Trouble.AWAY)


async def test_a_page_that_is_corrupt_is_told_and_stays_so_until_the_process_ends(lite: Store) -> None:
    await lite.close()
    corrupt(file_of(lite), "cases")
    with pytest.raises(Exception, match=r".") as caught:
        await lite.cases.get(GUILD, 1)
    assert trouble_in(caught.value) is Trouble.DAMAGED
    assert "lawspeaker db restore" in Trouble.DAMAGED.sentence()
    assert await lite.condition.look_again() is Trouble.DAMAGED
    (told,) = {one.split("(")[0] for one in await schema.trouble(lite.url)}
    assert "is damaged" in told


async def test_a_server_that_does_not_answer_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        free = nobody.getsockname()[1]
    url = f"postgresql+asyncpg://lawspeaker@127.0.0.1:{free}/lawspeaker"
    store = Store(url, tmp_path / "chain.key")
    with pytest.raises(OSError, match=r"."):
        await store.guilds.get(GUILD)
    assert await store.condition.wait_for_trouble() is Trouble.AWAY
    assert await store.condition.look_again() is Trouble.AWAY
    await store.close()
    for work in (schema.check(url), InstanceLock(url).take()):
        with pytest.raises(StoreError, match="does not answer: check that its server runs"):
            await work


async def test_an_error_that_is_not_the_databases_is_no_trouble_of_its(lite: Store) -> None:
    with pytest.raises(StoreError):
        await lite.appeals.lodge(GUILD, 77, 1, "there is no such case")
    assert lite.condition.trouble is None
    assert trouble_in(ValueError()) is None


@pytest.mark.parametrize("changed", [{"text": "half a pair: \ud800"}, {"message_id": TOO_LARGE}])
async def test_a_value_that_has_no_place_is_told_from_trouble(store: Store, changed: dict[str, object]) -> None:
    with pytest.raises(Exception, match=r".") as caught:
        await store.journal.append([replace(submission(1), **changed)])  # type: ignore[arg-type]
    assert refuses_a_value(caught.value)
    assert trouble_in(caught.value) is None
    assert store.condition.trouble is None


async def test_looking_again_works_on_any_database_and_leaves_it_as_it_was(store: Store) -> None:
    with capture_logs() as logs:
        assert await store.condition.look_again() is None
    assert logs == []
    assert await schema.trouble(store.url) == []


# -- one process at a time ----------------------------------------------------------------------------------


async def test_a_database_is_one_processs_until_it_lets_it_go(url: str) -> None:
    first, second = InstanceLock(url), InstanceLock(url)
    await first.take()
    with pytest.raises(StoreError, match=r"Another Lawspeaker works on the database .*: stop it first"):
        await second.take()
    await first.release()
    await second.take()
    await second.release()


on_a_server = pytest.mark.parametrize("url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)


async def end_connections(url: str) -> None:
    """As a server does that is started anew."""
    engine = make_engine(url)
    try:
        async with engine.connect() as connection:
            others = "pid <> pg_backend_pid() AND datname = current_database()"
            await connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))
    finally:
        await engine.dispose()


@on_a_server
async def test_a_lock_that_a_server_lost_is_taken_again(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "HOLD_SECONDS", 0.01)
    async with InstanceLock(url) as first:
        holding = asyncio.create_task(first.hold())
        with capture_logs() as logs:
            await end_connections(url)

            async def taken_again() -> bool:
                return {"event": "lock_on_the_database_taken_again", "log_level": "info"} in logs

            await until(taken_again)
        with pytest.raises(InUseError, match="stop it first"):
            await InstanceLock(url).take()
        holding.cancel()


@on_a_server
async def test_whoever_lost_the_lock_to_another_hears_of_it(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "HOLD_SECONDS", 0.01)
    async with InstanceLock(url) as first:
        await end_connections(url)
        async with InstanceLock(url):
            with pytest.raises(InUseError, match="Another Lawspeaker works on the database"):
                await first.hold()


async def test_while_the_server_is_away_the_lock_is_tried_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "HOLD_SECONDS", 0.01)
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        free = nobody.getsockname()[1]
    lost = InstanceLock(f"postgresql+asyncpg://lawspeaker@127.0.0.1:{free}/lawspeaker")
    with capture_logs() as logs:
        holding = asyncio.create_task(lost.hold())

        async def tried_twice() -> bool:
            return [one["event"] for one in logs].count("lock_on_the_database_lost") >= 2

        await until(tried_twice)
    assert not holding.done()
    holding.cancel()


async def test_a_database_in_memory_is_each_ones_own() -> None:
    async with InstanceLock("sqlite+aiosqlite://"), InstanceLock("sqlite+aiosqlite://"):
        pass


# -- for its owner alone ------------------------------------------------------------------------------------


async def test_the_database_its_log_its_copies_and_its_lock_are_for_their_owner_alone(lite: Store) -> None:
    file = file_of(lite)
    await backups.backup(lite.url)
    await lite.journal.append([submission(2)])
    async with InstanceLock(lite.url):
        modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in file.parent.iterdir()}
    assert {f"{file.name}-wal", f"{file.name}.lock"} <= modes.keys()
    assert any(".backup-" in name for name in modes)
    assert set(modes.values()) == {0o600}, modes
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    await lite.close()
    (copy,) = file.parent.glob("*.backup-*")
    copy.chmod(0o644)
    await backups.restore(lite.url, copy)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_others_may_read_what_they_may_reach() -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        file = folder / "file"
        file.write_text("words")
        assert not others_may_read(folder / "none")
        for folders_mode, files_mode, readable in ((0o755, 0o644, True), (0o755, 0o600, False), (0o700, 0o644, False)):
            folder.chmod(folders_mode)
            file.chmod(files_mode)
            assert others_may_read(file) is readable
