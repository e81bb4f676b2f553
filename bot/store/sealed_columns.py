"""Columns whose values are sealed on their way to the database, see `bot.store.seal`, and which ones there are.

Their types in the database are those of plain columns. A dialect belongs to one engine: it carries the engine's seal.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import JSON, Column, ColumnElement, Dialect, Engine, Table, Text, cast, type_coerce
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.types import TypeDecorator

from bot.store.seal import Seal

_ATTRIBUTE = "lawspeaker_seal"
_WITHOUT_KEYS = Seal()


def give_seal(engine: AsyncEngine | Engine, seal: Seal) -> None:
    """Have an engine, and what is made of it by `execution_options`, seal with this."""
    setattr(engine.dialect, _ATTRIBUTE, seal)


def seal_of(dialect: Dialect) -> Seal:
    """The seal that an engine was given."""
    seal: Seal = getattr(dialect, _ATTRIBUTE, _WITHOUT_KEYS)
    return seal


class SealedText(TypeDecorator[str]):
    """A text. In SQL it can be compared with the empty text, which is not sealed, and with nothing else."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Seal."""
        return seal_of(dialect).seal(value) if value else value

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Open."""
        return seal_of(dialect).open(value) if value else value

    def coerce_compared_value(self, op: Any, value: Any) -> Any:
        """TypeError for a comparison that finds nothing: the same text is sealed otherwise each time."""
        if value != "":
            raise TypeError("what is sealed can be compared with the empty text only")
        return self


class SealedJson(TypeDecorator[Any]):
    """A list or an object, whose JSON is sealed and kept as a JSON string. An empty one is not sealed."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Seal."""
        seal = seal_of(dialect)
        return seal.seal(json.dumps(value)) if value and seal.prefixes else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Open."""
        return json.loads(seal_of(dialect).open(value)) if isinstance(value, str) else value

    def coerce_compared_value(self, op: Any, value: Any) -> Any:
        """TypeError: a comparison would find nothing."""
        raise TypeError("what is sealed cannot be compared")


def sealed_columns(tables: list[Table]) -> Iterator[tuple[Table, list[Column[Any]]]]:
    """The tables that have such columns, each with these."""
    for table in tables:
        if found := [one for one in table.columns if isinstance(one.type, SealedText | SealedJson)]:
            yield table, found


def as_kept(column: Column[Any]) -> ColumnElement[str]:
    """The text in the database itself; JSON has quotes around it where it is sealed."""
    return cast(column, Text) if isinstance(column.type, SealedJson) else type_coerce(column, Text)


def quote(column: Column[Any]) -> str:
    """What comes before a marker in the text that a column keeps."""
    return '"' if isinstance(column.type, SealedJson) else ""
