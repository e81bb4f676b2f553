"""A circuit breaker: a server that keeps failing is left alone for a while, then tried once. Pure but for its clock.

Closed, it lets everything through. Open, it lets nothing through until a time has passed. Half open, it lets one trial
through, whose outcome closes it or opens it for twice as long (M. Nygard, "Release It!", 2007, describes the pattern).
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

MOST_FAILURES = 3
FIRST_SECONDS = 10.0
LONGEST_SECONDS = 300.0


class State(StrEnum):
    """Where a breaker stands."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half open"


class Breaker:
    """Counts failures in a row; `clock` gives seconds that never go back."""

    def __init__(self, clock: Callable[[], float], first_seconds: float = FIRST_SECONDS) -> None:
        """Closed at first; the first time it opens it stays so for `first_seconds`."""
        self._clock = clock
        self._first_seconds = first_seconds
        self._seconds = first_seconds
        self._failures = 0
        self._opened_at = 0.0
        self.state = State.CLOSED

    @property
    def might_answer(self) -> bool:
        """Whether nothing is known against asking now; unlike `admits` this changes nothing."""
        return self.state is State.CLOSED or (self.state is State.OPEN and self._rested())

    def admits(self) -> bool:
        """Whether to ask now. Where this opens it by half, the outcome must be told, by one of the methods below."""
        if self.state is State.OPEN and self._rested():
            self.state = State.HALF_OPEN
            return True
        return self.state is State.CLOSED

    def succeeded(self) -> None:
        """A question was answered. Late answers to what was asked before it opened change nothing."""
        if self.state is not State.OPEN:
            self.state = State.CLOSED
            self._failures = 0
            self._seconds = self._first_seconds

    def failed(self) -> None:
        """A question was not answered."""
        self._failures += 1
        if self.state is State.HALF_OPEN:
            self._seconds = min(self._seconds * 2, LONGEST_SECONDS)
            self.trip()
        elif self.state is State.CLOSED and self._failures >= MOST_FAILURES:
            self.trip()

    def trip(self) -> None:
        """Open now, whatever was counted."""
        self.state = State.OPEN
        self._opened_at = self._clock()

    def gave_up(self) -> None:
        """The trial was broken off without an outcome: another one may be made at once."""
        if self.state is State.HALF_OPEN:
            self.state = State.OPEN

    def _rested(self) -> bool:
        return self._clock() - self._opened_at >= self._seconds
