"""Disks and databases that fail as those of an administrator do, for tests."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, event

_USUAL = {"busy_timeout": 10_000, "max_page_count": 1 << 30, "query_only": 0}
# What is set in each connection to SQLite of this process when it is next used; once set, set back in the same way.
_SET: dict[str, int] = {}


@event.listens_for(Engine, "begin")
def _use(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        cursor = connection.connection.cursor()
        for name, value in _SET.items():
            cursor.execute(f"PRAGMA {name}={value}")
        cursor.close()


@contextmanager
def _pragma(name: str, value: int) -> Iterator[None]:
    _SET[name] = value
    try:
        yield
    finally:
        _SET[name] = _USUAL[name]


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Another program is in the middle of writing, and nobody waits long for it."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other, _pragma("busy_timeout", 50):
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def full(file: Path) -> Iterator[None]:
    """There is no room on the disk: the file cannot grow, and nothing in it is free."""
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        database.execute("VACUUM")
    with _pragma("max_page_count", 1):  # SQLite makes it as many as there are
        yield


@contextmanager
def read_only() -> Iterator[None]:
    """Nothing may be written."""
    with _pragma("query_only", 1):
        yield


def corrupt(file: Path, table: str) -> None:
    """Write nonsense over the page that a table begins with."""
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        (size,) = database.execute("PRAGMA page_size").fetchone()
    with file.open("r+b") as raw:
        raw.seek((page - 1) * size)
        raw.write(b"\xff" * size)
