"""The schema: migrations, checks, backup and restore."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from bot.resources import resource_dir
from bot.store.engine import StoreError, make_engine, sqlite_file


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(resource_dir("migrations")))
    return config


def head() -> str:
    """The newest revision this program knows."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    assert revision is not None
    return revision


async def current(url: str) -> str | None:
    """The revision the database is at; None where it has none. StoreError where it cannot be reached."""
    engine = make_engine(url)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())
    except (OSError, DBAPIError) as error:
        raise StoreError(_unreachable(url, error)) from error
    finally:
        await engine.dispose()


def _unreachable(url: str, error: Exception) -> str:
    file = sqlite_file(url)
    if file is not None:
        return f"The database {file} cannot be read: check that it is a Lawspeaker database and that you may write it."
    return f"The database server does not answer ({type(error).__name__}): check LAWSPEAKER_DATABASE_URL."


async def check(url: str) -> None:
    """StoreError where the database is not at the newest revision, or from a newer version."""
    revision = await current(url)
    if revision == head():
        return
    if revision is not None and not _known(revision):
        raise StoreError(
            "The database is from a newer version of Lawspeaker: upgrade Lawspeaker, or restore an older backup."
        )
    raise StoreError("The database is not up to date: run `lawspeaker db upgrade`.")


def _known(revision: str) -> bool:
    return revision in {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


async def upgrade(url: str) -> Path | None:
    """Apply pending migrations; on SQLite an existing database is backed up first, beside it.

    Returns the backup, None where none was needed. Raises StoreError; never downgrades.
    """
    revision = await current(url)
    if revision == head():
        return None
    if revision is not None and not _known(revision):
        await check(url)
    kept: Path | None = None
    file = sqlite_file(url)
    if file is not None and revision is not None:
        kept = file.with_name(f"{file.stem}.before-{head()}-{_stamp()}{file.suffix}")
        await asyncio.to_thread(_copy, file, kept)
    engine = make_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade)
    except DBAPIError as error:
        raise StoreError(_unreachable(url, error)) from error
    finally:
        await engine.dispose()
    return kept


def _upgrade(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def trouble(url: str) -> list[str]:
    """What is wrong with a database, a sentence each; empty where nothing is."""
    found: list[str] = []
    try:
        await check(url)
    except StoreError as error:
        return [str(error)]
    if sqlite_file(url) is not None:
        engine = make_engine(url)
        try:
            async with engine.connect() as connection:
                rows: Sequence[str] = (await connection.execute(text("PRAGMA integrity_check"))).scalars().all()
                found += [f"The database is damaged ({row}): restore a backup." for row in rows if row != "ok"]
        except DBAPIError as error:
            found.append(_unreachable(url, error))
        finally:
            await engine.dispose()
    return found


def _stamp() -> str:
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")


def _file_of(url: str) -> Path:
    file = sqlite_file(url)
    if file is None:
        raise StoreError("Backups are made here for SQLite only: use pg_dump and pg_restore for PostgreSQL.")
    return file


def _copy(source: Path, target: Path) -> None:
    """A consistent copy through SQLite's own backup, also while others write; nothing half-made is left."""
    partial = target.with_name(target.name + ".partial")
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as old,
            closing(sqlite3.connect(partial)) as new,
        ):
            old.backup(new)
        partial.replace(target)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"The backup {target} could not be written: {error}.") from error
    finally:
        partial.unlink(missing_ok=True)


async def backup(url: str, target: Path | None = None) -> Path:
    """Copy the database, also while the bot runs. Returns the backup's path; StoreError."""
    file = _file_of(url)
    if not file.exists():
        raise StoreError(f"There is no database at {file} yet.")
    target = target or file.with_name(f"{file.stem}.backup-{_stamp()}{file.suffix}")
    if target.exists():
        raise StoreError(f"{target} exists already: name another file.")
    await asyncio.to_thread(_copy, file, target)
    return target


async def restore(url: str, source: Path) -> Path | None:
    """Put a backup in the database's place. Returns where the replaced database was kept.

    StoreError where the file is no Lawspeaker database, is damaged, or is from a newer version.
    """
    file = _file_of(url)
    if not source.is_file():
        raise StoreError(f"There is no file {source}.")
    await asyncio.to_thread(_verify, source)
    kept: Path | None = None
    if file.exists():
        kept = file.with_name(f"{file.stem}.replaced-{_stamp()}{file.suffix}")
        await asyncio.to_thread(_copy, file, kept)
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(file.name + ".restoring")
    await asyncio.to_thread(shutil.copyfile, source, fresh)
    for leftover in (file.with_name(file.name + "-wal"), file.with_name(file.name + "-shm")):
        leftover.unlink(missing_ok=True)
    fresh.replace(file)
    return kept


def _verify(source: Path) -> None:
    try:
        with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as database:
            revisions = [row[0] for row in database.execute("SELECT version_num FROM alembic_version")]
            healthy = database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    except sqlite3.Error as error:
        raise StoreError(f"{source} is no Lawspeaker database.") from error
    if not healthy:
        raise StoreError(f"{source} is damaged: use another backup.")
    if len(revisions) != 1 or not _known(revisions[0]):
        raise StoreError(f"{source} is from a newer version of Lawspeaker: upgrade Lawspeaker first.")
