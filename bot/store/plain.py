"""Plain statements, put together once and then sent as they are.

SQLAlchemy takes several times as long to bind a statement, send it and wrap its rows as SQLite takes to answer it. In a
transaction that runs in a thread, see `bot.store.at_once`, these go to the driver's own cursor; everywhere else they
are executed as any other statement. What columns hold is converted by their types in both cases.
"""

from __future__ import annotations

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

_THREADS_DRIVER = "pysqlite"
_Convert = Callable[[Any], Any]


class Plain:
    """A statement whose values are named when it is executed. Its rows have their columns as attributes, in order."""

    def __init__(self, statement: Any) -> None:
        """Of whatever SQLAlchemy executes; it is put together when it is executed first."""
        self._statement = statement
        # A dialect belongs to one engine, and carries its seal.
        self._ready: WeakKeyDictionary[Dialect, dict[tuple[str, ...], _Ready]] = WeakKeyDictionary()

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> Sequence[Any]:
        """Execute it; its rows, none where it gives none."""
        return self.each(connection, [values])

    def first(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        """Execute it; its first row, None where there is none."""
        return next(iter(self.rows(connection, values)), None)

    def each(self, connection: Connection, many: Sequence[Mapping[str, Any]]) -> Sequence[Any]:
        """Execute it with each of these; the rows of all, in no order. All name the same values."""
        if not many:
            return []
        if connection.dialect.driver != _THREADS_DRIVER:
            result = connection.execute(self._statement, [dict(one) for one in many] if len(many) > 1 else many[0])
            return result.all() if result.returns_rows else []
        ready = self._made_ready(connection.dialect, tuple(many[0]))
        return [row for values in many for row in ready.rows(connection, values)]

    def _made_ready(self, dialect: Dialect, names: tuple[str, ...]) -> _Ready:
        by_names = self._ready.setdefault(dialect, {})
        if names not in by_names:
            by_names[names] = _Ready(self._statement, dialect, names)
        return by_names[names]


class _Ready:
    """A statement as it is sent, and how its values and its columns are converted."""

    def __init__(self, statement: Any, dialect: Dialect, names: tuple[str, ...]) -> None:
        compiled: SQLCompiler = statement.compile(dialect=dialect, column_keys=list(names))
        assert not compiled.insert_prefetch, "defaults that Python gives are to be named"
        assert all(name in names or not one.required for name, one in compiled.binds.items()), "a value is not named"
        self._sql = compiled.string
        self._lists = frozenset(name for name in compiled.binds if _list(name) in compiled.string)
        self._values = [
            (name, compiled.params[name], _binding(compiled.binds[name].type, dialect))
            for name in compiled.positiontup or ()
        ]
        columns = getattr(statement, "exported_columns", {})
        self._row = _row_of(columns.keys())
        self._reading = [_reading(column.type, dialect) for column in columns.values()] if columns else []

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> Iterable[Any]:
        sql, bound = self._sql, list[Any]()
        for name, fixed, convert in self._values:
            value = values.get(name, fixed)
            if name in self._lists:
                sql = sql.replace(_list(name), ", ".join("?" * len(value)))
                bound += value if convert is None else map(convert, value)
            else:
                bound.append(value if convert is None else convert(value))
        return [
            self._row(
                *[one if convert is None else convert(one) for convert, one in zip(self._reading, row, strict=True)]
            )
            for row in send(connection, sql, bound)
        ]


def send(connection: Connection, sql: str, values: Sequence[Any] = ()) -> list[Any]:
    """Send this to a connection that is a thread's, as it is; the rows. Raises what SQLAlchemy would raise."""
    cursor = connection.connection.cursor()
    try:
        cursor.execute(sql, values)
        return list(cursor.fetchall()) if cursor.description else []
    except sqlite3.Error as error:
        # What is bound to a statement, members' text above all, never stands in an error's message.
        raise DBAPIError.instance(sql, None, error, sqlite3.Error, hide_parameters=True) from error
    finally:
        cursor.close()


def _row_of(columns: Iterable[str]) -> Callable[..., Any]:
    return namedtuple("Row", columns, rename=True)


def _list(name: str) -> str:
    """Where SQLAlchemy leaves room for as many parameters as there are values."""
    return f"__[POSTCOMPILE_{name}]"


def _binding(kind: TypeEngine[Any], dialect: Dialect) -> _Convert | None:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _reading(kind: TypeEngine[Any], dialect: Dialect) -> _Convert | None:
    return kind.dialect_impl(dialect).result_processor(dialect, None)
