"""Migrating a database that holds something: interrupted, begun again, at once by two, and never backwards."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory

from bot.store import StoreError, schema
from bot.store.engine import sqlite_file
from tests.store.conftest import sqlite_url

OLD = "0001"

UPGRADE = """
import asyncio, os, signal, sys
from sqlalchemy import Engine, event
from bot.store import schema

url, point = sys.argv[1:]

def step(statement):
    if point in statement:
        os.kill(os.getpid(), signal.SIGKILL)

event.listen(Engine, "before_cursor_execute", lambda connection, cursor, statement, *_: step(statement))
event.listen(Engine, "commit", lambda connection: step("COMMIT"))
asyncio.run(schema.upgrade(url))
"""


def fill(file: Path) -> dict[str, tuple[list[str], list[Any]]]:
    """Put a row into each table; the tables' columns, and the rows."""
    made: dict[str, tuple[list[str], list[Any]]] = {}
    with closing(sqlite3.connect(file)) as database, database:
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            if table == "alembic_version":
                continue
            columns = database.execute(f"PRAGMA table_info({table})").fetchall()
            values = [_value(name, kind) for _, name, kind, *_ in columns]
            database.execute(f"INSERT INTO {table} VALUES ({','.join('?' * len(values))})", values)
            made[table] = [name for _, name, *_ in columns], values
    return made


def _value(name: str, kind: str) -> Any:
    if kind == "JSON":
        return "{}"
    if kind == "DATETIME":
        return "2025-01-01 00:00:00.000000"
    return name[:16] if kind.startswith(("VARCHAR", "TEXT")) else 1


def rows(file: Path, made: dict[str, tuple[list[str], list[Any]]]) -> dict[str, list[list[Any]]]:
    """What the tables hold now in the columns that they had then."""
    with closing(sqlite3.connect(file)) as database:
        return {
            table: [list(row) for row in database.execute(f"SELECT {','.join(columns)} FROM {table}")]
            for table, (columns, _) in made.items()
        }


@pytest.fixture
async def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database as the first version made it."""
    url, upgrade = sqlite_url(tmp_path / "old"), command.upgrade
    with monkeypatch.context() as patch:
        patch.setattr(command, "upgrade", lambda config, _: upgrade(config, OLD))
        await schema.upgrade(url)
    file = sqlite_file(url)
    assert file is not None
    return file


@pytest.mark.parametrize(
    "point",
    ["CREATE TABLE place_policies", "DROP TABLE policy_versions", "COMMIT"],
    ids=["at a table", "while one is made anew", "before the last moment"],
)
async def test_an_upgrade_that_is_killed_changed_nothing_and_succeeds_when_it_is_begun_again(
    old: Path, point: str
) -> None:
    made = fill(old)
    held = {table: [values] for table, (_, values) in made.items()}
    assert len(held) > 5
    url = f"sqlite+aiosqlite:///{old}"
    killed = await asyncio.create_subprocess_exec(sys.executable, "-c", UPGRADE, url, point)
    assert await killed.wait() == -signal.SIGKILL
    assert await schema.current(url) == OLD
    assert rows(old, made) == held
    assert await schema.upgrade(url) is not None
    assert rows(old, made) == held
    assert await schema.trouble(url) == []


async def test_of_two_upgrades_at_once_one_waits_for_the_other(old: Path) -> None:
    url = f"sqlite+aiosqlite:///{old}"
    await asyncio.gather(*(schema.upgrade(url) for _ in range(2)))
    assert await schema.trouble(url) == []


async def test_a_database_from_a_newer_version_is_left_as_it_is(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    await schema.upgrade(url)
    file = sqlite_file(url)
    assert file is not None
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = 'from_the_future'")
    before = file.read_bytes()
    for refused in (schema.upgrade, schema.check):
        with pytest.raises(StoreError, match="newer version of Lawspeaker: upgrade Lawspeaker, or restore"):
            await refused(url)
    assert file.read_bytes() == before


def test_no_migration_goes_backwards() -> None:
    migrations = list(ScriptDirectory.from_config(schema._config()).walk_revisions())
    assert len(migrations) >= 16
    for one in migrations:
        with pytest.raises(RuntimeError, match="never downgraded: restore a backup instead"):
            one.module.downgrade()
