"""Backups of a SQLite database, and putting one back in its place."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bot.store.engine import StoreError, sqlite_file
from bot.store.files import beside, copy_database, make_private, name_of_copy, open_to_read, sync
from bot.store.schema import copy_to, is_known
from bot.store.trouble import Trouble, trouble_in


async def backup(url: str, target: Path | None = None) -> Path:
    """Copy the database, also while the bot runs; beside it unless told. Returns the backup's path; StoreError."""
    file = _file_of(url)
    if not file.exists():
        raise StoreError(f"There is no database at {file} yet.")
    target = target or name_of_copy(file, "backup")
    if target.exists():
        raise StoreError(f"{target} exists already: name another file.")
    await asyncio.to_thread(copy_to, file, target)
    return target


async def restore(url: str, source: Path) -> Path | None:
    """Put a backup in the database's place, which nobody may have open. Returns where the replaced one was kept.

    StoreError where the file is no Lawspeaker database, is damaged, or is from a newer version; the database is then
    as it was. Wherever this is interrupted, one of the two is in place, and whole.
    """
    file = _file_of(url)
    if not source.is_file():
        raise StoreError(f"There is no file {source}.")
    return await asyncio.to_thread(_restore, file, source)


def _file_of(url: str) -> Path:
    file = sqlite_file(url)
    if file is None:
        raise StoreError("Backups are made here for SQLite only: use pg_dump and pg_restore for PostgreSQL.")
    return file


def _restore(file: Path, source: Path) -> Path | None:
    _verify(source)
    with _copied_beside(source, file) as fresh:
        # The copy itself is what will be relied on.
        _verify(fresh)
        kept = _keep(file)
        _fold_log(file)
        fresh.replace(file)
        sync(file.parent)
    return kept


@contextmanager
def _copied_beside(source: Path, file: Path) -> Iterator[Path]:
    """A copy of a backup on the database's own disk; in the end it is gone, unless it has another name. StoreError."""
    fresh = file.with_name(file.name + ".restoring")
    try:
        fresh.unlink(missing_ok=True)
        copy_database(source, fresh)
        yield fresh
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"{source} could not be put in the place of {file}: {error}.") from error
    finally:
        for one in (fresh, *beside(fresh)):
            one.unlink(missing_ok=True)


def _keep(file: Path) -> Path | None:
    """A copy of what is replaced; None where there is nothing. A damaged one is kept byte for byte. StoreError."""
    if not file.exists():
        return None
    kept = name_of_copy(file, "replaced")
    try:
        copy_to(file, kept)
    except StoreError as error:
        if error.__cause__ is None or trouble_in(error.__cause__) not in {Trouble.DAMAGED, Trouble.FOREIGN}:
            raise
        for one, target in zip((file, *beside(file)), (kept, *beside(kept)), strict=True):
            if one.exists():
                make_private(target)
                shutil.copyfile(one, target)
                sync(target)
    return kept


def _fold_log(file: Path) -> None:
    """Leave no write-ahead log: SQLite would take it for that of the database which comes in the place of this one.

    What stands in it is written to the database first: it is whole until it is replaced. StoreError where it is in use.
    """
    if file.exists():
        try:
            with closing(sqlite3.connect(file)) as database:
                database.execute("PRAGMA journal_mode=DELETE").fetchone()
        except sqlite3.Error as error:
            if trouble_in(error) is Trouble.LOCKED:
                raise StoreError(Trouble.LOCKED.sentence(f"The database {file}")) from error
            # A damaged one is replaced as it is: what there is of it is kept.
    for one in beside(file):
        one.unlink(missing_ok=True)


def _verify(file: Path) -> None:
    """StoreError where a file is no Lawspeaker database that is whole, and of a version that is known here."""
    try:
        with closing(open_to_read(file)) as database:
            revisions = [row[0] for row in database.execute("SELECT version_num FROM alembic_version")]
            is_whole = database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            is_whole = is_whole and database.execute("PRAGMA foreign_key_check").fetchone() is None
    except sqlite3.Error as error:
        if trouble_in(error) is not Trouble.DAMAGED:
            raise StoreError(f"{file} is no Lawspeaker database.") from error
        is_whole = False
    if not is_whole:
        raise StoreError(f"{file} is damaged: use another backup.")
    if len(revisions) != 1 or not is_known(revisions[0]):
        raise StoreError(f"{file} is from a newer version of Lawspeaker: upgrade Lawspeaker first.")
