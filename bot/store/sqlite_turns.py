"""Turns to write to a SQLite file: of this process's connections one begins to write when the one before it has ended.

SQLite has no queue. Who finds the file's write lock taken sleeps and looks again, and of many some look at the wrong
moment until they give up. Here each waits for its own turn, first come, first served, and is woken when it comes; the
lock itself is then only contended by other processes. A connection takes its turn in its own thread just before it
begins, and gives it back in the same call that ends the transaction.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

BEGIN_READING, BEGIN_WRITING = "BEGIN", "BEGIN IMMEDIATE"


class WriteTurns:
    """The turns of one file, for threads."""

    def __init__(self) -> None:
        """Nobody writes yet."""
        self._changing = threading.Lock()
        self._is_taken = False
        self._waiting: deque[threading.Lock] = deque()
        self._wrote = 0

    def take(self, patience: float) -> None:
        """Return when it is one's turn; "database is locked" where nobody wrote meanwhile for so many seconds."""
        with self._changing:
            if not self._is_taken:
                self._is_taken = True
                return
            called = threading.Lock()
            called.acquire()
            self._waiting.append(called)
            wrote = self._wrote
        while not called.acquire(timeout=patience):
            with self._changing:
                if called not in self._waiting:  # it was called at this moment
                    return
                if self._wrote == wrote:
                    self._waiting.remove(called)
                    raise _locked()
                wrote = self._wrote

    def give_back(self, *, wrote: int) -> None:
        """Let the next begin; `wrote` is how many transactions were begun in the turn."""
        with self._changing:
            self._wrote += wrote
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False

    def waiting(self) -> int:
        """How many wait for their turn."""
        return len(self._waiting)


class TurningConnection(sqlite3.Connection):
    """Has its turn for as long as it is in a transaction that it began to write in."""

    def __init__(self, *arguments: Any, turns: WriteTurns, patience: float, **named: Any) -> None:
        """As sqlite3's; it waits for its turn among `turns`."""
        super().__init__(*arguments, **named)
        self._turns = turns
        self._patience = patience
        self._has_turn = False

    def cursor(self, factory: Any = None) -> Any:
        """A cursor whose BEGIN IMMEDIATE waits for the connection's turn."""
        return super().cursor(_TurningCursor)

    def begin_writing(self, begin: Callable[[], object]) -> None:
        """Begin when it is one's turn."""
        if not self._has_turn:
            self._turns.take(self._patience)
            self._has_turn = True
        try:
            begin()
        except BaseException:
            self._give_back(wrote=0)
            raise

    def end_turn(self) -> None:
        """Give the turn back where the transaction has ended."""
        if self._has_turn and not self.in_transaction:
            self._give_back(wrote=1)

    def commit(self) -> None:
        """As sqlite3's."""
        try:
            super().commit()
        finally:
            self.end_turn()

    def rollback(self) -> None:
        """As sqlite3's."""
        try:
            super().rollback()
        finally:
            self.end_turn()

    def close(self) -> None:
        """As sqlite3's."""
        super().close()
        if self._has_turn:
            self._give_back(wrote=1)

    def _give_back(self, *, wrote: int) -> None:
        self._has_turn = False
        self._turns.give_back(wrote=wrote)


class _TurningCursor(sqlite3.Cursor):
    connection: TurningConnection

    def execute(self, sql: str, parameters: Any = ()) -> _TurningCursor:
        if sql == BEGIN_WRITING:
            self.connection.begin_writing(partial(super().execute, sql))
            return self
        with self._ending_turn():
            super().execute(sql, parameters)
        return self

    def executemany(self, sql: str, parameters: Any) -> _TurningCursor:
        with self._ending_turn():
            super().executemany(sql, parameters)
        return self

    @contextmanager
    def _ending_turn(self) -> Iterator[None]:
        """Some errors, as of a full disk, end the transaction."""
        try:
            yield
        except sqlite3.Error:
            self.connection.end_turn()
            raise


_TURNS: WeakValueDictionary[Path, WriteTurns] = WeakValueDictionary()


def turns_of(file: Path) -> WriteTurns:
    """The turns of a file: the same for all that have it open in this process."""
    return _TURNS.setdefault(file.resolve(), WriteTurns())


def turning(file: Path, patience: float) -> Callable[..., TurningConnection]:
    """What makes a connection to a file, for `sqlite3.connect`; see `WriteTurns.take` for its patience."""
    return partial(TurningConnection, turns=turns_of(file), patience=patience)


def _locked() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode, error.sqlite_errorname = sqlite3.SQLITE_BUSY, "SQLITE_BUSY"
    return error
