"""What was found a moment ago and need not be found again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Fresh(Generic[K, V]):
    """Values by key, each for `seconds` after it was put; at most `most` of them, those that were put last."""

    def __init__(self, seconds: float, most: int, clock: Callable[[], float]) -> None:
        """Time is told by `clock`, in seconds."""
        self._seconds = seconds
        self._most = most
        self._clock = clock
        self._held: OrderedDict[K, tuple[V, float]] = OrderedDict()

    def __len__(self) -> int:
        """How many are held, also of those that are fresh no more."""
        return len(self._held)

    def get(self, key: K) -> V | None:
        """The value; None where there is none that is fresh."""
        held = self._held.get(key)
        return held[0] if held is not None and self._is_fresh(held[1]) else None

    def put(self, key: K, value: V) -> None:
        """Hold a value; what is fresh no more is let go."""
        self._held[key] = value, self._clock()
        self._held.move_to_end(key)
        while len(self._held) > self._most or not self._is_fresh(next(iter(self._held.values()))[1]):
            self._held.popitem(last=False)

    def _is_fresh(self, at: float) -> bool:
        return self._clock() - at < self._seconds
