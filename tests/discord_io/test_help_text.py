"""The direct message with help lines fits, and is found again by the address of what it is about."""

from __future__ import annotations

from bot.discord_io.help_text import help_greeting, help_text
from bot.discord_io.limits import CONTENT
from bot.domain.help_lines import MOST_CHARACTERS
from bot.language import LANGUAGES, speaking

LONGEST = "https://discord.com/channels/" + "/".join(["9" * 19] * 3)


def test_the_message_fits_with_the_longest_help_lines_and_name() -> None:
    assert len(help_text("*" * 100, "x" * MOST_CHARACTERS, LONGEST)) <= CONTENT


def test_it_leads_to_what_the_member_wrote_in_every_language() -> None:
    for language in LANGUAGES:
        with speaking(language):
            assert f"]({LONGEST})" in help_text("A server", "000", LONGEST)


def test_it_begins_with_the_greeting_whatever_the_help_lines() -> None:
    for lines in ("000", "Ask\nus"):
        assert help_text("A server", lines, LONGEST).startswith(help_greeting("A server"))
