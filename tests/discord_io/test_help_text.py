"""The direct message with help lines fits, and is found again by a beginning that no help lines change."""

from __future__ import annotations

from bot.discord_io.help_text import help_greeting, help_text
from bot.discord_io.limits import CONTENT
from bot.domain.help_lines import MOST_CHARACTERS


def test_the_message_fits_with_the_longest_help_lines_and_name() -> None:
    assert len(help_text("*" * 100, "x" * MOST_CHARACTERS)) <= CONTENT


def test_it_begins_with_the_greeting_whatever_the_help_lines() -> None:
    for lines in ("000", "Ask\nus"):
        assert help_text("A server", lines).startswith(help_greeting("A server"))
