"""A store on SQLite, and again on PostgreSQL where one answers."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.store import Store
from bot.store.engine import make_engine
from bot.store.schema import upgrade


def sqlite_url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'lawspeaker.sqlite3'}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return sqlite_url(tmp_path)
    given = os.environ.get("LAWSPEAKER_TEST_POSTGRES")
    if not given:
        pytest.skip("no PostgreSQL named in LAWSPEAKER_TEST_POSTGRES")
    engine = make_engine(given)
    async with engine.begin() as connection:
        await connection.execute(text("DROP SCHEMA public CASCADE"))
        await connection.execute(text("CREATE SCHEMA public"))
    await engine.dispose()
    return given


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    await upgrade(url)
    made = Store(url)
    yield made
    await made.close()
