"""Migrating a database that holds something: interrupted, begun again, at once by two, and never backwards."""

from __future__ import annotations

import asyncio
import shutil
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory

from bot.store import StoreError, schema
from bot.store.engine import sqlite_file
from tests.store.conftest import sqlite_url

OLD = "0001"

UPGRADE = """
import asyncio, os, signal, sys
from alembic import command
from sqlalchemy import Engine, event
from bot.store import schema

url, target, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
steps = 0

def step():
    global steps
    steps += 1
    if steps == number:
        os.kill(os.getpid(), signal.SIGKILL)

@event.listens_for(Engine, "before_cursor_execute")
def before(connection, cursor, statement, *_):
    if not statement.lstrip().upper().startswith(("SELECT", "PRAGMA")):
        step()

@event.listens_for(Engine, "commit")
def commit(connection):
    step()

if target != "head":
    upgrade = command.upgrade
    command.upgrade = lambda config, _: upgrade(config, target)
asyncio.run(schema.upgrade(url))
print(steps)
"""


async def upgrade(file: Path, target: str = "head", killed_at: int = 0) -> tuple[int, str]:
    """Upgrade in a process of its own, which is killed before its step of this number; its status and output."""
    url = f"sqlite+aiosqlite:///{file}"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", UPGRADE, url, target, str(killed_at), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode().strip()


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
async def old(tmp_path: Path) -> Path:
    """A database as the first version made it."""
    file = tmp_path / "old" / "lawspeaker.sqlite3"
    status, _ = await upgrade(file, OLD)
    assert status == 0
    return file


async def test_an_upgrade_that_is_killed_changed_nothing_and_succeeds_when_it_is_begun_again(
    old: Path, tmp_path: Path
) -> None:
    made = fill(old)
    held = {table: [values] for table, (_, values) in made.items()}
    assert len(held) > 5

    def copy(name: str) -> Path:
        (tmp_path / name).mkdir()
        return shutil.copy(old, tmp_path / name / old.name)

    status, steps = await upgrade(copy("whole"))
    assert status == 0
    total = int(steps)
    assert total > 20
    for point in (total // 3, total * 2 // 3, total):  # before the last, everything but the commit is done
        file = copy(str(point))
        url = f"sqlite+aiosqlite:///{file}"
        assert (await upgrade(file, killed_at=point))[0] == -signal.SIGKILL
        assert await schema.current(url) == OLD
        assert rows(file, made) == held
        assert await schema.upgrade(url) is not None
        assert rows(file, made) == held
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
