"""Numbers as addresses and forms bring them: anybody may have written these."""

from __future__ import annotations

LARGEST_ID = (1 << 63) - 1
"""The largest number that the database takes for an id."""
LARGEST_CASE = 999_999_999
LARGEST_VERSION = (1 << 31) - 1


def number_in(text: str, most: int) -> int | None:
    """A whole number from 0 to `most` in ASCII digits, no more of them than `most` has; None where it is none."""
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(most)):
        return None
    number = int(text)
    return number if number <= most else None
