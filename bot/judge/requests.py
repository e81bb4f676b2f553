"""What a worker is asked: what waits, what it owes an answer to, and what it may have died of. No process is here.

A worker's death is the work of one request at most, and nobody knows of which. All that were with it are suspects:
from then on each is asked by itself, so that a second death over one of them is that one's doing and no other's.
"""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass
from typing import Any

from bot.judge.interface import JudgeError, NoAnswerError

MOST_DEATHS_PER_REQUEST = 2


@dataclass(slots=True)
class Pending:
    """A request without an answer yet, and how many workers died over it."""

    number: int
    request: dict[str, Any]
    answer: asyncio.Future[dict[str, Any]]
    deaths: int = 0


class Requests:
    """The requests to one worker after another, oldest first."""

    def __init__(self) -> None:
        """Nothing is asked yet."""
        self._numbers = itertools.count(1)
        self._waiting: dict[int, Pending] = {}
        # Those that nobody waits for any more too: the worker is at them all the same, and may die of them.
        self._owed: dict[int, Pending] = {}
        self._one_alone = False

    def __len__(self) -> int:
        return len(self._waiting) + len(self._owed)

    @property
    def owed(self) -> bool:
        """Whether the worker is at anything."""
        return bool(self._owed)

    def add(self, asked: dict[str, Any]) -> Pending:
        """A new request, in a running loop; it gets its number as "id"."""
        number = next(self._numbers)
        pending = Pending(number, {"id": number, **asked}, asyncio.get_running_loop().create_future())
        self._waiting[number] = pending
        return pending

    def drop(self, pending: Pending) -> None:
        """Nobody waits for it any more; the worker need not be asked."""
        self._waiting.pop(pending.number, None)

    def take(self) -> list[Pending]:
        """What to ask the worker now, which owes it from here on.

        Without suspects that is all that waits. With them it is one, and nothing beside it; between two of them all
        that is under no suspicion takes a turn.
        """
        suspects = [one for one in self._waiting.values() if one.deaths]
        if not suspects and not any(one.deaths for one in self._owed.values()):
            taken = list(self._waiting.values())
        elif self._owed:
            taken = []
        else:
            others = [one for one in self._waiting.values() if not one.deaths]
            self._one_alone = not (others and self._one_alone)
            # A verdict before an explanation, which takes longer and holds up nothing but itself.
            alone = min(suspects, key=lambda one: one.request["op"] != "classify")
            taken = [alone] if self._one_alone else others
        for one in taken:
            del self._waiting[one.number]
            self._owed[one.number] = one
        return taken

    def answered(self, number: int, outcome: dict[str, Any] | JudgeError) -> None:
        """The worker answered; nothing where it owed nothing under this number, or nobody waits for it any more."""
        one = self._owed.pop(number, None)
        if one is None or one.answer.done():
            return
        if isinstance(outcome, JudgeError):
            one.answer.set_exception(outcome)
        else:
            one.answer.set_result(outcome)

    def worker_died(self) -> None:
        """Put what the worker owed back as suspects, before all that waits; a second death is one too many."""
        suspects, self._owed = self._owed, {}
        for one in suspects.values():
            one.deaths += 1
            if one.deaths >= MOST_DEATHS_PER_REQUEST and not one.answer.done():
                one.answer.set_exception(NoAnswerError("The judge's process died twice over this message."))
        self._waiting = {one.number: one for one in suspects.values() if not one.answer.done()} | self._waiting

    def refuse(self, reason: str) -> None:
        """Answer everything with a JudgeError."""
        for one in (*self._waiting.values(), *self._owed.values()):
            if not one.answer.done():
                one.answer.set_exception(JudgeError(reason))
        self._waiting.clear()
        self._owed.clear()
