"""`docs/privacy.md` names every column that can hold text, and no other; what else it states is held by tests."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import discord
from sqlalchemy import JSON, Column, String
from sqlalchemy.types import TypeDecorator

from bot.discord_io.client import LawspeakerClient
from bot.domain.guild import GuildSettings
from bot.judge.repeats import MOST_REPEATS
from bot.pipeline.intake import CONTEXT_MESSAGES
from bot.pipeline.likeness import MOST_KINDS, SECONDS
from bot.store.departures import KEPT_AFTER_LEAVING
from bot.store.sealed_columns import sealed_columns
from bot.store.tables import Base

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "privacy.md").read_text("utf-8")
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
    # The index holds tokens where a key is set: it could not be searched otherwise.
    assert sealed | {"case_index.words"} == set(named(WORDS))


def test_what_forgetting_blanks_is_named_among_members_words() -> None:
    assert {"submissions.text", "submissions.context", "verdicts.quote", "reviews.note"} <= set(named(WORDS))


IN_THE_INDEX = {
    "goes": "test_a_member_who_is_forgotten_is_not_found_and_no_file_holds_a_word_of_theirs",
    "is past its time": "test_what_is_past_its_time_is_not_found",
    "is tokens with a key": "test_with_a_key_only_tokens_stand_in_the_tables",
    "is other tokens elsewhere": "test_the_same_word_has_another_token_on_another_server_and_under_another_key",
    "is sealed anew": "test_sealing_and_another_key_make_the_index_anew",
}
"""A test for each thing that the page says of the words in the index of cases."""


def test_what_the_page_says_of_the_index_of_cases_has_a_test() -> None:
    assert "`case_index.words`" in WORDS
    assert "The index by which cases are found holds tokens" in PAGE
    tests = (ROOT / "tests" / "store" / "test_case_text.py").read_text("utf-8")
    assert [test for test in IN_THE_INDEX.values() if f"def {test}(" not in tests] == []


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


# -- elsewhere -----------------------------------------------------------------------------------------------

SHOWN_BY = {
    "Mod log": (
        "cogs/test_live_forget.py",
        "test_no_record_and_no_post_holds_a_word_of_theirs_afterwards_and_the_decision_stays",
    ),
    "Direct messages": (
        "cogs/cases/test_live_undoing.py",
        "test_the_timeout_is_lifted_the_text_is_offered_back_and_the_warning_stays_said",
    ),
    "Memory of the bot": (
        "cogs/test_live_forget.py",
        "test_words_that_the_bot_remembers_do_not_come_back_as_context",
    ),
    "Likeness": (
        "pipeline/test_like_messages.py",
        "test_no_words_are_kept_and_no_more_kinds_than_there_is_room_for",
    ),
    "Memory of the model's process": ("judge/test_repeats.py", "test_the_answers_used_longest_ago_are_forgotten"),
    "Compiled policies": ("judge/test_kept_cards.py", "test_nothing_of_the_policys_words_is_in_the_file"),
    "Memory of the bot and of the model's process": (
        "cogs/test_live_learning.py",
        "test_forgetting_a_member_takes_what_was_learned_from_them_out_of_the_law",
    ),
    "The log": ("test_logs.py", "test_keys_that_hold_what_members_wrote_are_dropped"),
    "Backups": ("store/test_seal.py", "test_no_word_stands_in_the_tables_or_files_or_in_a_backup"),
    "A remote judge": (
        "judge/remote/test_remote_questions.py",
        "test_the_context_is_apart_and_the_normalised_form_is_shown_only_where_it_differs",
    ),
}
"""A test for each place that the page names beside the database."""


def test_each_place_beside_the_database_has_a_test() -> None:
    elsewhere = PAGE.partition("## Elsewhere")[2].partition("\n## ")[0]
    assert re.findall(r"(?m)^- \*\*(.+?)\*\*", elsewhere) == list(SHOWN_BY)
    for path, test in SHOWN_BY.values():
        assert f"def {test}(" in (ROOT / "tests" / path).read_text("utf-8"), test


async def test_the_library_caches_neither_messages_nor_members() -> None:
    async def nothing() -> None: ...

    client = LawspeakerClient(nothing)
    assert client._connection.max_messages is None
    assert client._connection._messages is None
    assert client._connection.member_cache_flags == discord.MemberCacheFlags.none()


# -- nothing is trained with it -------------------------------------------------------------------------------

WRITERS = ("in_context", "lengthened", "readout")
"""Modules of the judge that hold, beside what reads its weights, what benchmarks/ writes them with."""
WEIGHTS = re.compile(
    rf"save|savez|savez_compressed|savetxt|tofile|save_({'|'.join(WRITERS)})|llama_(opt|model_save|model_quantize|adapter).*"
)
"""What writes arrays or a model, trains one, or lays other weights over it."""
READERS = "import benchmarks, importlib, pkgutil, sys\n" + (
    "for one in pkgutil.iter_modules(benchmarks.__path__):\n"
    "    if one.name.startswith(('pipeline', 'cases_', 'console')): continue\n"
    "    importlib.import_module(f'benchmarks.{one.name}')\n"
    "print(*sorted(sys.modules))"
)
"""All of benchmarks/ but what measures the running bot, with its list of cases and its console."""


def called_in(file: Path) -> Iterator[str]:
    """The names of all that a file calls."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            yield getattr(node.func, "attr", None) or getattr(node.func, "id", "")


def test_the_running_program_writes_no_weights_and_trains_no_model() -> None:
    files = [file for folder in ("bot", "cogs") for file in (ROOT / folder).rglob("*.py")]
    found = [(file.parent.name, file.stem, one) for file in files for one in called_in(file) if WEIGHTS.fullmatch(one)]
    assert sorted(found) == [("judge", writer, "savez_compressed") for writer in WRITERS]


def test_what_fits_the_judges_weights_knows_no_database() -> None:
    loaded = subprocess.run([sys.executable, "-c", READERS], cwd=ROOT, capture_output=True, text=True, check=True)
    modules = set(loaded.stdout.split())
    assert "benchmarks.train" in modules
    barred = ("bot.store", "bot.pipeline", "bot.app", "bot.discord_io", "cogs", "sqlalchemy", "aiosqlite", "asyncpg")
    assert [one for one in modules if one.startswith(barred)] == []
