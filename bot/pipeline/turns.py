"""Turns: what is done and what is taken back of one case never happens at once."""

from __future__ import annotations

import asyncio
from weakref import WeakValueDictionary


class Turns:
    """A lock per case, which lasts as long as somebody holds or awaits it."""

    def __init__(self) -> None:
        """Nobody holds any yet."""
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    def of(self, journal_id: int) -> asyncio.Lock:
        """The lock of the case of a submission."""
        return self._locks.setdefault(journal_id, asyncio.Lock())
