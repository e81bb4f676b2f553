"""What administrators and moderators set and press: each value is taken, or one sentence says why not."""

from __future__ import annotations

import os
import re
from collections.abc import Coroutine
from dataclasses import fields
from datetime import date
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qsl

import discord
import pytest

import cogs
from bot.cli.common import CliError
from bot.cli.ids import snowflake
from bot.discord_io.day_range import parse_range
from bot.discord_io.limits import CUSTOM_ID
from bot.discord_io.refusal import RefusedError
from bot.domain.case_filter import CaseFilter
from bot.domain.setting_fields import PAGES
from bot.domain.setting_values import SettingError
from bot.logs import secrets_of
from bot.settings import Settings, SettingsError, load_settings
from bot.store.engine import StoreError, parse_url, sqlite_file
from bot.web.console.case_query import CaseQuery
from cogs.case_codec import read, written
from cogs.members import person_meant
from cogs.reviewing import CaseSelect
from cogs.settings_view import TYPED
from cogs.targets import parse_target
from tests.fuzz.growth import LENGTHS, Repeated, grows_no_faster_than_the_text, repeated
from tests.fuzz.inputs import is_one_sentence, tried
from tests.fuzz.makers import any_of, blob, matching, pick, texts

# -- of the program --------------------------------------------------------------------------------------------

VALUES = (
    *(
        "http://",
        "https://",
        "ws://",
        "[",
        "]",
        ":",
        "/",
        "@",
        "?",
        "#",
        "%",
        "~nobody-of-this-name/x",
        "~",
        "host",
        "1",
    ),
    *("sqlite+aiosqlite:///", "postgresql+asyncpg://", "user:pass@", ":99999", ":x", "[::1", ":memory:", "?a=b", "\n"),
    *("-1", "1e9", "nan", "9" * 5_000, "true", "local", "info", "default", "\udcff", "\u2028", " ", "é"),
)
TOML = (
    *(
        "web_port",
        "database_url",
        "discord_token",
        "remote_url",
        "model_dir",
        "threads",
        " = ",
        "\n",
        '"',
        "'''",
        "[",
        "]",
    ),
    *("{", "}", "1", "2026-01-01", "inf", "[[a]]\n", '"~nobody-of-this-name"', "[" * 3_000, "a." * 3_000, "9" * 5_000),
    *("\x00", "\ufeff", "\\ud800", "#", ",", 'data_dir = "x"\n', "web_port = 1\n", 'database_url = "a://[:x"\n'),
)
TOMLS = texts(TOML, 12)
VARIABLES = sorted(f"LAWSPEAKER_{name.upper()}" for name in Settings.model_fields)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("settings")


def load(folder: Path, variables: dict[str, str], file: bytes) -> None:
    """Settings as they are read at a start, and what is read in them then."""
    (folder / "lawspeaker.toml").write_bytes(file)
    with pytest.MonkeyPatch.context() as patch:
        for name in [one for one in os.environ if one.startswith("LAWSPEAKER_")]:
            patch.delenv(name)
        patch.setenv("LAWSPEAKER_DATA_DIR", str(folder))
        for name, value in variables.items():
            patch.setenv(name, value)
        try:
            settings = load_settings()
            secrets_of(settings)
            assert settings.data_dir.is_absolute()
            assert settings.kept_prefixes.is_absolute()
            parse_url(settings.database)
            sqlite_file(settings.database)
        except (SettingsError, StoreError) as error:
            is_one_sentence(error)


VALUE = texts(VALUES, 5)
FILE = any_of(lambda random: TOMLS(random).encode("utf-8", "surrogatepass"), blob(40))


def environment(random: Random) -> dict[str, str]:
    """A few of the variables that are read, each a value that an environment can hold."""
    held = {name: os.fsencode(_held(VALUE(random))) for name in random.sample(VARIABLES, random.randrange(4))}
    return {name: os.fsdecode(value) for name, value in held.items()}


def _held(value: str) -> str:
    """Without NULs; of halves of characters only those that stand for bytes that are no UTF-8."""
    return re.sub("[\0\ud800-\udc7f\udd00-\udfff]", "", value)


# Read once, at a start, and by whoever wrote it.
@tried(short=400, soak=20_000, variables=environment, raw=lambda random: FILE(random) if random.random() < 0.5 else b"")
def test_any_environment_and_file_give_settings_or_one_sentence(
    folder: Path, variables: dict[str, str], raw: bytes
) -> None:
    load(folder, variables, raw)


def test_a_settings_file_whose_name_has_several_lines_gets_one(folder: Path) -> None:
    load(folder, {"LAWSPEAKER_SETTINGS_FILE": "\n\x1b[31m"}, b"")


@tried(scheme=pick(("sqlite+aiosqlite://", "postgresql+asyncpg://", "")), rest=texts(VALUES, 6))
def test_any_address_of_a_database_is_one_or_gets_one_sentence(scheme: str, rest: str) -> None:
    settings = Settings.model_construct(database_url=scheme + rest, discord_token=None, remote_api_key=None)
    secrets_of(settings)
    for read_it in (parse_url, sqlite_file):
        try:
            read_it(settings.database)
        except StoreError as error:
            is_one_sentence(error)


# -- of a server -----------------------------------------------------------------------------------------------

FIELDS = [one for page in PAGES for one in page.fields]
TYPED_VALUES = (
    *("3 cases in 7d: timeout 1h", "; ", ": ", "→", "->", "within ", "99999", "ban", "kick", "warn", "\n", "none", "/"),
    *(
        "85",
        "0.5",
        " %",
        ",",
        "{server}",
        "{",
        "}",
        "{what is this}",
        "<#",
        "<@&",
        ">",
        "9" * 19,
        "9" * 5_000,
        "٣",
        "²",
    ),
    *("\x00", "\ud800", "\u2028", "İ", "yes", "off", "en", " ", "7 days", "timeout 999999w", "in ", "1 time"),
)


@tried(short=1_000, field=pick(FIELDS), text=texts(TYPED_VALUES, 8))
def test_whatever_is_typed_for_a_setting_is_read_or_gets_one_sentence(field: Any, text: str) -> None:
    try:
        value = field.read(text)
    except SettingError as error:
        is_one_sentence(error)
        return
    if value is not None:
        field.show(value)
        field.typed(value)


@tried(short=60, soak=LENGTHS, text=repeated(TYPED_VALUES), field=pick(FIELDS))
def test_what_is_typed_for_a_setting_is_read_in_linear_time(text: Repeated, field: Any) -> None:
    def read_field(typed: str) -> None:
        try:
            field.read(typed)
        except SettingError:
            return

    # What Discord lets be typed at most.
    grows_no_faster_than_the_text(read_field, text, 4_000)


TARGETS = (
    "https://discord.example/channels/",
    "1" * 18,
    "9" * 20,
    "/",
    "-",
    "case ",
    "#",
    "<",
    ">",
    "@",
    "!",
    "٣",
    "7",
    " ",
)


@tried(text=texts(TARGETS, 8))
def test_whatever_is_named_to_a_command_is_an_id_or_gets_one_sentence(text: str) -> None:
    for read_it in (parse_target, lambda given: person_meant(None, given), snowflake):
        try:
            read_it(text)
        except (RefusedError, CliError) as error:
            is_one_sentence(error)


# -- custom_ids ------------------------------------------------------------------------------------------------


def _all(kind: type[Any]) -> list[type[Any]]:
    return [one for below in kind.__subclasses__() for one in (below, *_all(below))]


ITEMS = sorted(
    {one for one in _all(discord.ui.DynamicItem) if one.__module__.startswith("cogs.")}, key=lambda one: one.__name__
)


def test_all_buttons_and_selects_that_outlive_a_restart_are_tried() -> None:
    assert cogs.__name__
    assert len(ITEMS) >= 13


FITTING = {kind: matching(kind.__discord_ui_compiled_template__.pattern) for kind in ITEMS}


def done(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine returns that waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as ended:
        return ended.value
    raise AssertionError("it waits")


def fitting(random: Random) -> tuple[Any, str]:
    """One of them, and a custom_id that its template takes. Discord takes none that is longer."""
    kind = random.choice(ITEMS)
    while len(custom_id := FITTING[kind](random)) > CUSTOM_ID:
        pass
    return kind, custom_id


@tried(short=1_000, forged=fitting)
def test_a_custom_id_that_fits_its_template_is_read(forged: tuple[Any, str]) -> None:
    kind, custom_id = forged
    template = kind.__discord_ui_compiled_template__
    match = template.fullmatch(custom_id)
    item: Any = (discord.ui.Select if kind is CaseSelect else discord.ui.Button)(custom_id=custom_id)
    made = done(kind.from_custom_id(None, item, match))
    assert len(made.item.custom_id) <= CUSTOM_ID


PARTS = ("lawspeaker:", "lawcases:", "case:", "settings:typed:", "page", ":", "1", "a" * 64, ".", "more", "-", "_")


@tried(custom_id=texts(PARTS, 12))
def test_any_other_custom_id_is_left_alone(custom_id: str) -> None:
    for kind in ITEMS:
        kind.__discord_ui_compiled_template__.fullmatch(custom_id)
    TYPED.fullmatch(custom_id)


def day(random: Random) -> date:
    """Any day that can be written, mostly one of the years in which there are cases."""
    first, last = (date(2015, 1, 1), date(2100, 1, 1)) if random.random() < 0.7 else (date.min, date(9999, 12, 30))
    return date.fromordinal(random.randint(first.toordinal(), last.toordinal()))


@tried(one=day, other=day)
def test_any_days_that_can_be_given_to_a_list_of_cases_go_into_its_buttons(one: date, other: date) -> None:
    first, last = sorted((one, other))
    since, until = parse_range(first.isoformat(), last.isoformat())
    wanted = read(written(CaseFilter(since=since, until=until)))
    if first.year >= 1970:
        assert (wanted.since, wanted.until) == (since, until)


@tried(field=pick([one.name for one in fields(CaseQuery)]), given=texts((*VALUES, *TARGETS), 8))
def test_any_address_of_a_list_of_cases_is_read_or_refused_in_one_sentence(field: str, given: str) -> None:
    query = CaseQuery.read({field: given})
    try:
        query.filter()
    except RefusedError as error:
        is_one_sentence(error)
    read_back = CaseQuery.read(dict(parse_qsl(query.with_().partition("?")[2])))
    assert read_back == query
