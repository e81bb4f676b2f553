"""Files of the database's: for their owner alone, copied whole, and on the disk before anybody relies on them."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

PRIVATE = 0o600
PRIVATE_FOLDER = 0o700


def make_private(file: Path) -> None:
    """Make an empty file that only its owner may read, and the folder for it; one that is there is left as it is.

    SQLite gives the files that it makes beside a database the database's own permissions.
    """
    file.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    # A database that is there must not be opened here: closing it again would end the locks of this process on it.
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE))


def others_may_read(file: Path) -> bool:
    """Whether others than its owner may read a file, and reach it; False where there is none."""
    try:
        mode = file.stat().st_mode
        folders = [folder.stat().st_mode for folder in file.resolve().parents]
    except OSError:
        return False
    by_anyone = mode & stat.S_IROTH and all(one & stat.S_IXOTH for one in folders)
    by_group = mode & stat.S_IRGRP and all(one & (stat.S_IXGRP | stat.S_IXOTH) for one in folders)
    return bool(by_anyone or by_group)


def sync(path: Path) -> None:
    """Return when a file, or what a folder lists, is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def beside(file: Path) -> tuple[Path, Path]:
    """SQLite's write-ahead log beside a database, and the index of that."""
    return file.with_name(file.name + "-wal"), file.with_name(file.name + "-shm")


def name_of_copy(file: Path, why: str) -> Path:
    """How a copy of a database is called that is made now, beside it: after why it is made, and when."""
    return file.with_name(f"{file.stem}.{why}-{datetime.now(UTC).strftime('%Y%m%dT%H%M%S%fZ')}{file.suffix}")


def open_to_read(file: Path) -> sqlite3.Connection:
    """A database as it is, with what stands in its write-ahead log. sqlite3.Error.

    Without such a log nobody has it open: SQLite then need not make one, which a folder may not let it.
    """
    log, _ = beside(file)
    how = "mode=ro" if log.exists() else "mode=ro&immutable=1"
    return sqlite3.connect(f"{file.absolute().as_uri()}?{how}", uri=True)


def copy_database(source: Path, target: Path) -> None:
    """A consistent private copy through SQLite's own backup, also while others write. sqlite3.Error, OSError.

    It is on the disk before it has its name; nothing half-made is left where that fails.
    """
    partial = target.with_name(target.name + ".partial")
    try:
        make_private(partial)
        with closing(_open_in_use(source)) as old, closing(sqlite3.connect(partial)) as new:
            old.backup(new)
        sync(partial)
        partial.replace(target)
        sync(target.parent)
    finally:
        partial.unlink(missing_ok=True)


def _open_in_use(file: Path) -> sqlite3.Connection:
    """A database that others may begin to write meanwhile."""
    database = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)
    try:
        database.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        database.close()
        return open_to_read(file)
    except sqlite3.Error:
        database.close()
        raise
    return database
