"""What all who look at the same page share: made once while it is fresh, and not at all where nobody looks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

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
        self._seconds = seconds
        self._clock = clock
        self._held: dict[K, tuple[float, V]] = {}
        self._turns: dict[K, asyncio.Lock] = {}

    async def get(self, key: K) -> V:
        """The value; who asks while it is being made waits for it."""
        async with self._turns.setdefault(key, asyncio.Lock()):
            held = self._held.get(key)
            if held is None or self._clock() - held[0] >= self._seconds:
                value = await self._make(key)
                self._drop_old()
                held = self._held[key] = (self._clock(), value)
            return held[1]

    def _drop_old(self) -> None:
        if len(self._held) >= MOST:
            for key in [one for one, (at, _) in self._held.items() if self._clock() - at >= self._seconds]:
                del self._held[key]
        for key in [one for one, lock in self._turns.items() if one not in self._held and not lock.locked()]:
            del self._turns[key]
