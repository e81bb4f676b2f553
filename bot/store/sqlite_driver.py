"""SQLite's driver with one trip to its thread for a statement, in place of four.

Every connection of aiosqlite has a thread of its own, and every call of the library goes there and back: to make a
cursor, to execute, to fetch, to close. Those ways cost more than what SQLite does with most statements. Here all of it
is one way, and what is in no transaction is not rolled back.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable
from typing import Any

import aiosqlite
from sqlalchemy.connectors.asyncio import AsyncAdapt_dbapi_connection
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
)


class _Cursor(AsyncAdapt_aiosqlite_cursor):
    """Holds the rows once it has executed; then it is closed already."""

    __slots__ = ()

    def __init__(self, adapt_connection: AsyncAdapt_dbapi_connection) -> None:
        self._adapt_connection = adapt_connection
        self._connection = adapt_connection._connection
        self._cursor: Any = _NOTHING
        self._soft_closed_memoized: Any = {}
        self._rows: deque[Any] = deque()

    async def _execute_async(self, operation: Any, parameters: Any) -> Any:
        await self._run(lambda cursor: cursor.execute(operation, () if parameters is None else parameters))

    async def _executemany_async(self, operation: Any, seq_of_parameters: Any) -> Any:
        await self._run(lambda cursor: cursor.executemany(operation, seq_of_parameters))

    async def _run(self, execute: Callable[[sqlite3.Cursor], object]) -> None:
        connection = self._adapt_connection

        def run() -> tuple[sqlite3.Cursor, list[Any]]:
            cursor = self._connection._conn.cursor()
            try:
                execute(cursor)
                return cursor, cursor.fetchall() if cursor.description else []
            finally:
                cursor.close()

        async with connection._execute_mutex:
            try:
                self._cursor, rows = await self._connection._execute(run)
            except Exception:
                raise
            except BaseException:  # cancelled: the thread goes on with it
                connection.is_uncertain = True  # type: ignore[attr-defined]
                raise
            self._rows = deque(rows)

    async def _async_soft_close(self) -> None:
        return

    def close(self) -> None:
        self._rows.clear()


class _Nothing:
    """What is known of a statement before there was one."""

    description = None
    rowcount = -1
    lastrowid = None
    arraysize = 1


_NOTHING = _Nothing()


class _Connection(AsyncAdapt_aiosqlite_connection):
    """`is_uncertain` is whether its thread may be at something that nobody waits for any more."""

    __slots__ = ("is_uncertain",)
    _cursor_cls = _Cursor

    def __init__(self, dbapi: Any, connection: Any) -> None:
        super().__init__(dbapi, connection)
        self.is_uncertain = False

    def rollback(self) -> None:
        if self._connection._connection and (self.is_uncertain or self._connection.in_transaction):
            super().rollback()


class OneHop(AsyncAdapt_aiosqlite_dbapi):
    """The driver as SQLAlchemy takes it."""

    def __init__(self) -> None:
        """Over aiosqlite."""
        super().__init__(aiosqlite, sqlite3)

    def connect(self, *arguments: Any, **named: Any) -> AsyncAdapt_aiosqlite_connection:
        """A connection, with a thread of its own."""
        return _Connection(self, super().connect(*arguments, **named)._connection)
