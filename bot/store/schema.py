"""The schema: migrations and checks."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from bot.resources import resource_dir
from bot.store.engine import StoreError, make_engine, sqlite_file
from bot.store.files import copy_database, name_of_copy
from bot.store.trouble import Trouble, trouble_in


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
        raise StoreError(unusable(url, error)) from error
    finally:
        await engine.dispose()


def unusable(url: str, error: Exception) -> str:
    """What to do about a database that cannot be used for this error: one sentence."""
    file = sqlite_file(url)
    if file is not None:
        return (trouble_in(error) or Trouble.FOREIGN).sentence(f"The database {file}")
    return (trouble_in(error) or Trouble.AWAY).sentence("The database in LAWSPEAKER_DATABASE_URL")


async def check(url: str) -> None:
    """StoreError where the database is not at the newest revision, or from a newer version."""
    revision = await current(url)
    if revision == head():
        return
    if revision is not None and not is_known(revision):
        raise StoreError(
            "The database is from a newer version of Lawspeaker: upgrade Lawspeaker, or restore an older backup."
        )
    raise StoreError("The database is not up to date: run `lawspeaker db upgrade`.")


def is_known(revision: str) -> bool:
    """Whether this program knows a revision: it is not from a newer version."""
    return revision in {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


async def upgrade(url: str) -> Path | None:
    """Apply pending migrations; on SQLite an existing database is backed up first, beside it.

    Returns the backup, None where none was needed. Raises StoreError; never downgrades.
    """
    revision = await current(url)
    if revision == head():
        return None
    if revision is not None and not is_known(revision):
        await check(url)
    kept: Path | None = None
    file = sqlite_file(url)
    if file is not None and revision is not None:
        kept = name_of_copy(file, f"before-{head()}")
        await asyncio.to_thread(copy_to, file, kept)
    engine = make_engine(url)
    try:
        # In one transaction: an upgrade that is interrupted has changed nothing, and of two at once one waits.
        async with engine.execution_options(writes=True).begin() as connection:
            await connection.run_sync(_upgrade)
    except (OSError, DBAPIError) as error:
        raise StoreError(unusable(url, error)) from error
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
                if (await connection.execute(text("PRAGMA foreign_key_check"))).first() is not None:
                    found.append("The database is damaged (rows point to rows that are not there): restore a backup.")
        except DBAPIError as error:
            found.append(unusable(url, error))
        finally:
            await engine.dispose()
    return found


def copy_to(file: Path, target: Path) -> None:
    """Copy a SQLite database, also while others write. StoreError."""
    try:
        copy_database(file, target)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"The copy {target} could not be written: {error}.") from error
