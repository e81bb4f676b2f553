"""The help lines that a server offers to members who may hurt themselves: its own words. Pure."""

from __future__ import annotations

from bot.domain.setting_values import SettingError
from bot.language import tr

MOST_CHARACTERS = 1_000


def read_help_lines(text: str) -> str | None:
    """Help lines as they were typed; None for nothing. SettingError where they are too long."""
    given = text.replace("\r\n", "\n").strip()
    if len(given) > MOST_CHARACTERS:
        raise SettingError(
            tr(
                "The help lines have {number:,} characters: shorten them to {most:,} or fewer.",
                number=len(given),
                most=MOST_CHARACTERS,
            )
        )
    return given or None
