"""What all who look at the same page share: made once while it is fresh, and not at all where nobody looks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from bot.web.console.fresh import Fresh

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
MOST = 500


class Kept(Generic[K, V]):
    """Values by key, each made anew when it is asked for `seconds` after it was made."""

    def __init__(
        self, make: Callable[[K], Awaitable[V]], seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Values are made by `make`; time is told by `clock`, in seconds."""
        self._make = make
        self._fresh: Fresh[K, V] = Fresh(seconds, MOST, clock)
        self._turns: dict[K, asyncio.Lock] = {}

    async def get(self, key: K) -> V:
        """The value; who asks while it is being made waits for it."""
        async with self._turns.setdefault(key, asyncio.Lock()):
            value = self._fresh.get(key)
            if value is None:
                value = await self._make(key)
                self._fresh.put(key, value)
                self._drop_turns()
            return value

    def _drop_turns(self) -> None:
        """Of what is fresh no more and nobody waits for."""
        for key in [one for one, lock in self._turns.items() if not lock.locked() and self._fresh.get(one) is None]:
            del self._turns[key]
