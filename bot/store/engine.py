"""Database engines: SQLite in WAL mode, or whatever else the URL names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.language import tr
from bot.store.files import make_private
from bot.store.sqlite_driver import OneHop
from bot.store.sqlite_turns import BEGIN_READING, BEGIN_WRITING, turning

BUSY_SECONDS = 10.0
CACHE_KIB = 512


class StoreError(ValueError):
    """The store cannot do what was asked; the message is one sentence that says what to do."""


def no_case(number: int) -> StoreError:
    """That a server has no case of this number."""
    return StoreError(tr("There is no case {number} on this server.", number=number))


def parse_url(url: str) -> URL:
    """Parse a SQLAlchemy async URL; StoreError where it is none."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # the latter of a port that is no number
        raise StoreError(
            "LAWSPEAKER_DATABASE_URL is no database URL: write it as sqlite+aiosqlite:///FILE "
            "or postgresql+asyncpg://USER@HOST/NAME."
        ) from None
    if parsed.drivername not in {"sqlite+aiosqlite", "postgresql+asyncpg"}:
        raise StoreError(
            f"LAWSPEAKER_DATABASE_URL names the driver “{parsed.drivername}”: "
            "use sqlite+aiosqlite or postgresql+asyncpg."
        )
    return parsed


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite URL; None for other databases and for databases in memory."""
    parsed = parse_url(url)
    if parsed.drivername.startswith("sqlite") and parsed.database and parsed.database != ":memory:":
        return Path(parsed.database)
    return None


def make_engine(url: str) -> AsyncEngine:
    """An engine for the URL; SQLite gets WAL mode, foreign keys and a bounded wait for locks.

    What is bound to a statement, members' text above all, never stands in an error's message, which is logged.
    """
    parsed = parse_url(url)
    if parsed.drivername != "sqlite+aiosqlite":
        return create_async_engine(parsed, pool_pre_ping=True, hide_parameters=True)
    file = sqlite_file(url)
    engine = create_async_engine(parsed, module=OneHop(), connect_args=_connecting(file), hide_parameters=True)
    _prepare_sqlite(engine.sync_engine, file)

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(BEGIN_WRITING if connection.get_execution_options().get("writes") else BEGIN_READING)

    return engine


def make_engine_of_threads(url: str) -> Engine:
    """An engine for the URL of a SQLite file, for threads; each connection is as one of `make_engine`.

    But whoever has one begins each transaction: an engine that is listened to asks at every step of every statement
    whether anybody listens.
    """
    file = sqlite_file(url)
    engine = create_engine(
        parse_url(url).set(drivername="sqlite+pysqlite"), connect_args=_connecting(file), hide_parameters=True
    )
    _prepare_sqlite(engine, file)
    return engine


def _connecting(file: Path | None) -> dict[str, Any]:
    """How SQLite is connected to. One in memory has one connection, and nobody waits for another."""
    turns = {"factory": turning(file, BUSY_SECONDS)} if file is not None else {}
    return {"timeout": BUSY_SECONDS, **turns}


def _prepare_sqlite(engine: Engine, file: Path | None) -> None:
    """Give its connections what every connection to SQLite has."""

    @event.listens_for(engine, "do_connect")
    def _make_file(_dialect: Any, _record: Any, _arguments: Any, _named: Any) -> None:
        if file is not None:
            make_private(file)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: Any) -> None:
        # The driver's own transaction handling begins too late for SELECT … then UPDATE: each BEGIN is a statement.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA synchronous=FULL")
        # What is deleted or blanked is overwritten in the file.
        cursor.execute("PRAGMA secure_delete=ON")
        # Each connection keeps pages of its own, 2 MB unless told otherwise, and some are rarely used: memory would
        # grow until all of them have read so much. The system keeps the file's pages anyway.
        cursor.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
        cursor.close()
