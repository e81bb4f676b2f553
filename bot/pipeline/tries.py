"""What is to be tried again: how often each submission failed, and from when on it may be claimed anew.

It holds for the process's life: one that ended had other troubles, and its successor begins to count anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence


class Tries:
    """By the journal's ids; `clock` gives seconds that never go back."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Nothing failed yet."""
        self._clock = clock
        self._failures: dict[int, int] = {}
        self._from: dict[int, float] = {}

    def failed(self, journal_id: int) -> int:
        """Count a failure; how many there are by now."""
        self._failures[journal_id] = self._failures.get(journal_id, 0) + 1
        return self._failures[journal_id]

    def lay_aside(self, journal_id: int, seconds: float) -> None:
        """It stays claimed and takes up no room until so many seconds have passed."""
        self._from[journal_id] = self._clock() + seconds

    def due(self) -> list[int]:
        """What was laid aside and may be claimed anew."""
        now = self._clock()
        return [journal_id for journal_id, since in self._from.items() if since <= now]

    def put_back(self, journal_ids: Sequence[int]) -> None:
        """These are in the queue again."""
        for journal_id in journal_ids:
            self._from.pop(journal_id, None)

    def ended(self, journal_id: int) -> None:
        """It is settled or gone: nothing is to be remembered of it."""
        self._failures.pop(journal_id, None)
