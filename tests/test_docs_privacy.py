"""`docs/privacy.md` names every column that can hold text, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import JSON, Column, String
from sqlalchemy.types import TypeDecorator

from bot.domain.guild import GuildSettings
from bot.judge.repeats import MOST_REPEATS
from bot.pipeline.intake import CONTEXT_MESSAGES
from bot.pipeline.likeness import MOST_KINDS, SECONDS
from bot.store.departures import KEPT_AFTER_LEAVING
from bot.store.sealed_columns import sealed_columns
from bot.store.tables import Base

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "privacy.md").read_text("utf-8")
WORDS, NO_WORDS = re.split(r"(?m)^No words of members:$", PAGE)


def text_columns() -> set[str]:
    return {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(kept_as(column), String | JSON)
    }


def kept_as(column: Column[object]) -> object:
    """The type in the database itself."""
    return column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type


def named(text: str) -> list[str]:
    return re.findall(r"`([a-z_]+\.[a-z_]+)`", text)


def test_every_column_that_can_hold_text_is_named_once() -> None:
    assert sorted(named(PAGE)) == sorted(text_columns())


def test_all_that_holds_members_words_is_sealed_where_a_key_is_set_and_nothing_else_is() -> None:
    sealed = {
        f"{table.name}.{column.name}"
        for table, columns in sealed_columns(Base.metadata.sorted_tables)
        for column in columns
    }
    assert sealed == set(named(WORDS))


def test_what_forgetting_blanks_is_named_among_members_words() -> None:
    assert {"submissions.text", "submissions.context", "verdicts.quote", "reviews.note"} <= set(named(WORDS))


def test_times_and_numbers_are_those_of_the_program() -> None:
    defaults = GuildSettings(0)
    assert f"cases | {defaults.keep_case_days} days unless" in PAGE
    assert f"allowed | {defaults.keep_allowed_days} days unless" in PAGE
    assert f"removed {KEPT_AFTER_LEAVING.days} days after" in PAGE
    assert f"last {MOST_REPEATS:,} questions" in PAGE
    assert (MOST_KINDS, SECONDS) == (1_024, 60.0)
    assert "judged in the last minute" in PAGE
    assert f"last {MOST_KINDS:,} kinds" in PAGE
    assert CONTEXT_MESSAGES == 4
    assert "the last four messages" in PAGE
