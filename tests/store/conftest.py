"""A store on SQLite, and again on PostgreSQL where one answers."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.store import Store
from bot.store.engine import make_engine, sqlite_file
from bot.store.schema import upgrade
from tests.store.chained import case, findings, make


def sqlite_url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'lawspeaker.sqlite3'}"


def file_of(store: Store) -> Path:
    """The file of a store on SQLite."""
    file = sqlite_file(store.url)
    assert file is not None
    return file


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    if request.param == "sqlite":
        yield sqlite_url(tmp_path)
        return
    given = os.environ.get("LAWSPEAKER_TEST_POSTGRES")
    if not given:
        pytest.skip("no PostgreSQL named in LAWSPEAKER_TEST_POSTGRES")
    # There is one database: the processes of a test run use it in turn.
    with Path(tempfile.gettempdir(), "lawspeaker-test-postgres.lock").open("w") as lock:  # noqa: ASYNC230
        fcntl.flock(lock, fcntl.LOCK_EX)
        engine = make_engine(given)
        async with engine.begin() as connection:
            await connection.execute(text("DROP SCHEMA public CASCADE"))
            await connection.execute(text("CREATE SCHEMA public"))
        await engine.dispose()
        yield given


@pytest.fixture
async def open_store(url: str, tmp_path: Path) -> AsyncIterator[Store]:
    """A store that a test may do anything to."""
    await upgrade(url)
    made = Store(url, tmp_path / "chain.key")
    yield made
    await made.close()


@pytest.fixture
async def store(open_store: Store) -> AsyncIterator[Store]:
    """A store whose chains must be whole in the end: what a test did through the store is all in them."""
    yield open_store
    assert [str(one) for one in await findings(open_store)] == []


_MADE: list[tuple[bytes, bytes]] = []


@pytest.fixture
async def full(url: str, tmp_path: Path) -> AsyncIterator[Store]:
    """A server on which everything happened that the chain is about, and in which nothing is wrong so far.

    On SQLite it is made once, and each test has a copy.
    """
    file, key = sqlite_file(url), tmp_path / "chain.key"
    if file is not None and _MADE:
        file.write_bytes(_MADE[0][0])
        key.write_bytes(_MADE[0][1])
    else:
        await upgrade(url)
        await make(url, key)
        if file is not None:
            _MADE.append((file.read_bytes(), key.read_bytes()))
    store = Store(url, key)
    yield store
    await store.close()


@pytest.fixture
async def lite(tmp_path: Path) -> AsyncIterator[Store]:
    """A store on SQLite with a case in it."""
    store = Store(sqlite_url(tmp_path / "data"))
    await upgrade(store.url)
    await case(store, 1)
    yield store
    await store.close()
