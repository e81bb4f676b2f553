"""Discord's ids: 64 bits, the time in milliseconds since 2015 in the upper 42."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def parse(value: Any) -> int | None:
    """The id that a body or path gives, as text or as a number; None for what is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 <= value < 1 << 64 else None
    # The length comes first: Python refuses to read numbers of thousands of digits.
    if isinstance(value, str) and len(value) <= 20 and value.isascii() and value.isdecimal():
        return parse(int(value))
    return None


def time_of(snowflake: int) -> datetime:
    """When an id was made."""
    return EPOCH + (snowflake >> 22) * _MILLISECOND


class Snowflakes:
    """Makes ids that are unique, and increase as long as the times do."""

    def __init__(self) -> None:
        """Start with nothing made."""
        self._made: dict[int, int] = {}
        self._latest = 0

    def at(self, moment: datetime) -> int:
        """A new id for a moment; when 4,096 were made in one millisecond the next one is used."""
        millisecond = (moment - EPOCH) // _MILLISECOND
        while self._made.get(millisecond, 0) > 0xFFF:
            millisecond += 1
        count = self._made.get(millisecond, 0)
        if millisecond > self._latest and len(self._made) > 10_000:
            self._made.clear()
        self._latest = max(self._latest, millisecond)
        self._made[millisecond] = count + 1
        return (millisecond << 22) | count
