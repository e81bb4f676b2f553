"""Logs: one stream for our events and the libraries', with no secret and no content in it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from bot.logs import REDACTED, configure_logs
from bot.settings import Settings

TOKEN = "MTAx.Gx7.verysecretindeed"


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    levels = {name: logging.getLogger(name).level for name in ("bot", "cogs", "discord", "alembic")}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    structlog.reset_defaults()


def settings(**given: Any) -> Settings:
    return Settings(**{"discord_token": TOKEN, "log_level": "debug", "log_format": "json", **given})


def configured(stream: io.StringIO | None = None, **given: Any) -> io.StringIO:
    stream = stream or io.StringIO()
    configure_logs(settings(**given), stream=stream)
    return stream


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_our_events_and_the_libraries_come_in_one_form() -> None:
    stream = configured()
    structlog.get_logger("bot.app").info("ready", servers=2)
    logging.getLogger("discord.gateway").info("Shard %s is there.", 0)
    logging.getLogger("alembic.runtime").info("Running upgrade")
    logging.getLogger("alembic.runtime").warning("Something is amiss")
    ours, discord, alembic = lines(stream)
    assert (ours["event"], ours["servers"], ours["level"], ours["logger"]) == ("ready", 2, "info", "bot.app")
    assert (discord["event"], discord["logger"]) == ("Shard 0 is there.", "discord.gateway")
    assert alembic["event"] == "Something is amiss"
    assert all(line["timestamp"].endswith("Z") for line in (ours, discord, alembic))


def test_the_token_is_blanked_wherever_it_stands() -> None:
    stream = configured()
    log = structlog.get_logger("bot.app")
    log.info("login", header=f"Bot {TOKEN}", nested={"list": [TOKEN]}, odd=ValueError(TOKEN))
    logging.getLogger("discord.http").warning("refused %s", TOKEN)
    try:
        {}[TOKEN]
    except KeyError:
        log.exception("failed")
    assert TOKEN not in stream.getvalue()
    assert stream.getvalue().count(REDACTED) == 5
    assert "KeyError" in lines(stream)[-1]["exception"]


def test_the_databases_password_is_blanked_as_written_and_as_meant() -> None:
    stream = configured(database_url="postgresql+asyncpg://me:p%40ss-word@localhost/db")
    structlog.get_logger("bot.app").info("trouble", url="postgresql://me:p%40ss-word@localhost", said="p@ss-word")
    assert "p%40ss-word" not in stream.getvalue()
    assert "p@ss-word" not in stream.getvalue()


def test_keys_that_hold_what_members_wrote_are_dropped() -> None:
    stream = configured()
    structlog.get_logger("bot.app").info("judged", text="my words", quote="my", nested={"content": "my words"}, case=4)
    assert "my" not in stream.getvalue()
    assert lines(stream)[0]["case"] == 4


def test_at_debug_discord_py_and_the_database_driver_do_not_log_messages() -> None:
    stream = configured()
    logging.getLogger("discord.gateway").debug("WebSocket Event: my words")
    logging.getLogger("aiosqlite").debug("executing INSERT my words")
    structlog.get_logger("bot.app").debug("seen")
    assert [line["event"] for line in lines(stream)] == ["seen"]


def test_the_level_is_the_settings_unless_another_is_given() -> None:
    stream = configured(log_level="warning")
    structlog.get_logger("bot.app").info("quiet")
    structlog.get_logger("bot.app").warning("loud")
    assert [line["event"] for line in lines(stream)] == ["loud"]
    stream = io.StringIO()
    configure_logs(settings(log_level="info"), "error", stream)
    structlog.get_logger("bot.app").warning("quiet")
    assert stream.getvalue() == ""


def test_auto_is_json_where_there_is_no_terminal_and_text_with_colours_where_there_is() -> None:
    stream = configured(log_format="auto")
    structlog.get_logger("bot.app").info("ready")
    assert lines(stream)[0]["event"] == "ready"
    terminal = configured(Terminal(), log_format="auto")
    structlog.get_logger("bot.app").info("ready")
    assert "ready" in terminal.getvalue()
    assert "\x1b[" in terminal.getvalue()


def test_there_are_no_colours_where_there_is_no_terminal() -> None:
    stream = configured(log_format="console")
    structlog.get_logger("bot.app").warning("ready", servers=2)
    assert "\x1b" not in stream.getvalue()
    assert "servers=2" in stream.getvalue()


def test_control_characters_do_nothing_to_a_terminal_and_make_no_second_line() -> None:
    stream = configured(log_format="console")
    structlog.get_logger("bot.app").warning("name", member="a\x1b[2Jb\nfake line\u202e")
    assert stream.getvalue().count("\n") == 1
    assert "\x1b" not in stream.getvalue()
    assert "\u202e" not in stream.getvalue()


def test_a_failure_shows_its_traceback_without_local_values() -> None:
    stream = configured(Terminal(), log_format="console")
    words = "what a member wrote"
    try:
        [][len(words)]
    except IndexError:
        structlog.get_logger("bot.app").exception("failed")
    assert "IndexError" in stream.getvalue()
    assert "what a member wrote" not in stream.getvalue()


def test_the_password_of_an_address_that_is_none_is_blanked_too() -> None:
    stream = configured(database_url="postgresql+asyncpg://me:hush-hush@[localhost/db")
    structlog.get_logger("bot").error("database_away", error="no hush-hush for me")
    assert "hush-hush" not in stream.getvalue()
    assert REDACTED in stream.getvalue()
