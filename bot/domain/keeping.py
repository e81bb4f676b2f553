"""How long a server may have members' words kept. Pure."""

from __future__ import annotations

CASE_DAYS = range(1, 366)
"""Days for which the words of cases may be kept."""
ALLOWED_DAYS = range(0, 91)
"""Days for which the words of allowed messages may be kept; 0 for not longer than it takes to clear them."""


def refusal(thing: str, days: int, allowed: range) -> str:
    """One sentence where a number of days is out of bounds; empty where it is not."""
    if days in allowed:
        return ""
    return f"The words of {thing} can be kept for {allowed[0]} to {allowed[-1]} days, not {days}: nothing was changed."
