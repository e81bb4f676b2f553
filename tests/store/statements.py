"""What a store sends to its database, for tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event

from bot.store import Store


def engines_of(store: Store) -> list[Engine]:
    """Whatever opens connections for it."""
    of_threads = store._at_once._of_threads
    return [store._engine.sync_engine, *([of_threads] if of_threads is not None else [])]


@contextmanager
def statements_of(store: Store) -> Iterator[list[str]]:
    """Every statement that is sent from here on."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    for engine in engines_of(store):
        event.listen(engine, "after_cursor_execute", note)
    try:
        yield sent
    finally:
        for engine in engines_of(store):
            event.remove(engine, "after_cursor_execute", note)
