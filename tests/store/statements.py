"""What a store sends to its database, for tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event

from bot.store import Store, plain


def engines_of(store: Store) -> list[Engine]:
    """Whatever opens connections for it."""
    of_threads = store._at_once._of_threads
    return [store._engine.sync_engine, *([of_threads] if of_threads is not None else [])]


@contextmanager
def statements_of(store: Store) -> Iterator[list[tuple[str, Any]]]:
    """Every statement that is sent from here on, with its parameters; also what goes to the driver by itself."""
    sent: list[tuple[str, Any]] = []
    send = plain.send

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        sent.append((statement, parameters))

    def noting(connection: Connection, sql: str, values: Any = ()) -> list[Any]:
        if connection.engine in engines_of(store):
            sent.append((sql, values))
        return send(connection, sql, values)

    for engine in engines_of(store):
        event.listen(engine, "after_cursor_execute", note)
    plain.send = noting
    try:
        yield sent
    finally:
        plain.send = send
        for engine in engines_of(store):
            event.remove(engine, "after_cursor_execute", note)
