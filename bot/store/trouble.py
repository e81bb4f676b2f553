"""What is the matter with a database that cannot be used, told from the error it raised; and what to do about it."""

from __future__ import annotations

import sqlite3
from enum import Enum

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionError

_PRIMARY = 0xFF  # SQLite's extended codes say more in the bytes above


class Trouble(Enum):
    """What is the matter; the value says what to do, after the name of the database."""

    FULL = "cannot be written, for its disk is full: make room there, and try again."
    LOCKED = "is held by another program: end what has it open, and try again."
    READ_ONLY = "cannot be written: let the user that runs Lawspeaker write the file and its folder."
    DAMAGED = "is damaged: stop the bot, and restore a backup with `lawspeaker db restore FILE`."
    UNREADABLE = "cannot be read or written for an error of the disk: look after the disk, and try again."
    FOREIGN = "cannot be read: check that it is a Lawspeaker database and that you may write it."
    AWAY = "does not answer: check that its server runs, and LAWSPEAKER_DATABASE_URL."

    def sentence(self, name: str = "The database") -> str:
        """One sentence that says what to do; `name` is what the database is called in it."""
        return f"{name} {self.value}"


_SQLITE = {
    sqlite3.SQLITE_FULL: Trouble.FULL,
    sqlite3.SQLITE_BUSY: Trouble.LOCKED,
    sqlite3.SQLITE_LOCKED: Trouble.LOCKED,
    sqlite3.SQLITE_READONLY: Trouble.READ_ONLY,
    sqlite3.SQLITE_PERM: Trouble.READ_ONLY,
    sqlite3.SQLITE_CORRUPT: Trouble.DAMAGED,
    sqlite3.SQLITE_IOERR: Trouble.UNREADABLE,
    sqlite3.SQLITE_NOTADB: Trouble.FOREIGN,
    sqlite3.SQLITE_CANTOPEN: Trouble.FOREIGN,
}
# By how PostgreSQL's code begins, the longer first: its appendix A lists them.
_POSTGRES = (
    ("53100", Trouble.FULL),
    ("25006", Trouble.READ_ONLY),
    ("55P03", Trouble.LOCKED),
    ("XX001", Trouble.DAMAGED),
    ("XX002", Trouble.DAMAGED),
    ("58", Trouble.UNREADABLE),
    ("08", Trouble.AWAY),
    ("28", Trouble.AWAY),
    ("3D", Trouble.AWAY),
    ("53", Trouble.AWAY),
    ("57", Trouble.AWAY),
)
# Classes of PostgreSQL's codes that are about a value: it has no place in its column, or breaks a rule of the table.
_ABOUT_VALUES = ("22", "23")


def trouble_in(error: BaseException) -> Trouble | None:
    """What is the matter with the database; None where the error does not say that anything is."""
    match error:
        case NoConnectionError():
            return Trouble.AWAY
        case sqlite3.Error():
            return _SQLITE.get((getattr(error, "sqlite_errorcode", None) or 0) & _PRIMARY)
        case DBAPIError():
            if isinstance(error.orig, sqlite3.Error):
                return trouble_in(error.orig)
            code = _postgres_code(error)
            found = next((trouble for start, trouble in _POSTGRES if code.startswith(start)), None)
            return found or (Trouble.AWAY if error.connection_invalidated or not code else None)
        case _:
            return None


def trouble_while_used(error: BaseException) -> Trouble | None:
    """The same for an error that came while nothing but the database was used: a server that is away is an OSError."""
    if isinstance(error, OSError):
        return Trouble.AWAY
    return trouble_in(error)


def refuses_a_value(error: BaseException) -> bool:
    """Whether the database works, and something that was to be written has no place in it.

    Such are a number of more than 64 bits, and text that is none: half a surrogate pair, on PostgreSQL a NUL.
    """
    if isinstance(error, UnicodeError | OverflowError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    about_values = sqlite3.DataError | sqlite3.IntegrityError | sqlite3.InterfaceError | sqlite3.ProgrammingError
    return isinstance(error.orig, about_values) or _postgres_code(error).startswith(_ABOUT_VALUES)


def _postgres_code(error: DBAPIError) -> str:
    return str(getattr(error.orig, "sqlstate", None) or "")
