"""How long a server may have members' words kept. Pure."""

from __future__ import annotations

from bot.language import mark, tr

CASE_DAYS = range(1, 366)
"""Days for which the words of cases may be kept."""
ALLOWED_DAYS = range(0, 91)
"""Days for which the words of allowed messages may be kept; 0 for not longer than it takes to clear them."""


CASES_REFUSED = mark("The words of cases can be kept for {least} to {most} days, not {days}: nothing was changed.")
ALLOWED_REFUSED = mark(
    "The words of allowed messages can be kept for {least} to {most} days, not {days}: nothing was changed."
)


def refusal(sentence: str, days: int, allowed: range) -> str:
    """One of the sentences above where a number of days is out of bounds; empty where it is not."""
    if days in allowed:
        return ""
    return tr(sentence, least=allowed[0], most=allowed[-1], days=days)
