"""Turns: of what belongs to one case, or to one author, nothing happens at once."""

from __future__ import annotations

import asyncio
from weakref import WeakValueDictionary


class Turns:
    """A lock per number, be it a submission's or a member's, which lasts as long as somebody holds or awaits it."""

    def __init__(self) -> None:
        """Nobody holds any yet."""
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    def of(self, number: int) -> asyncio.Lock:
        """The lock of a number."""
        return self._locks.setdefault(number, asyncio.Lock())
