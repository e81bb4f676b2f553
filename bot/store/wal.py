"""SQLite's write-ahead log."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from bot.store.engine import BUSY_SECONDS


def shorten_log(file: Path) -> None:
    """Take what a database's log holds into the database, and out of the log."""
    with closing(sqlite3.connect(file, timeout=BUSY_SECONDS)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
