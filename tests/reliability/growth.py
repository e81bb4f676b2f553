"""Growth: what a process held late in a run against what it held when it was warm, and what it holds at rest. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from tests.reliability.vitals import Vitals


@dataclass(frozen=True, slots=True)
class Allowance:
    """By how much a figure may be larger later than it was: a share of that, and something besides."""

    share: float
    besides: float


WAYS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "memory": median,
    "objects": median,
    "files": min,
    "threads": min,
    "tasks": min,
}
"""How a quarter of a run is summed up. Of what each message adds to for a while the least is what stays."""
ALLOWED = {"memory": Allowance(0.05, 4.0), "objects": Allowance(0.05, 2_000), "files": Allowance(0.0, 10)}
"""Late in a run against when it was warm. Of threads and tasks there are as many as there is to do just then."""
ALLOWED_AT_REST = {"files": Allowance(0.0, 24), "threads": Allowance(0.0, 8), "tasks": Allowance(0.0, 6)}
"""More than there were before anything was done: connections to Discord and to the database stay open for a while."""
HELD_ALLOWED = Allowance(0.25, 60)
"""Of the entries of a collection at rest, against what it mostly had when it was warm: some hold the last minute's,
which is more or less as it comes, and some remember more each hour."""
EMPTY_AT_REST = (
    "Arrivals._here",
    "Backfill._behind",
    "Backfill._fills",
    "Casework._tasks",
    "Dispatcher._in_flight",
    "FairRoom._queues",
    "ModLog._tried",
    "Reporting._in_hand",
    "Requests._owed",
    "Requests._waiting",
    "Reviews._asked",
    "Tries._failures",
    "Tries._from",
    "Turns._locks",
    "Undoer._open",
    "Undoer._tasks",
)
"""Collections of what is being done."""


@dataclass(frozen=True, slots=True)
class Change:
    """A figure when a process was warm, and the same later."""

    warm: float
    late: float

    def grew(self, allowed: Allowance) -> bool:
        return self.late > self.warm * (1 + allowed.share) + allowed.besides


def changes(noted: Sequence[Vitals]) -> Mapping[str, Change]:
    """Of each figure of a run, by its name, from its second quarter to its last; in the first it warms up."""
    warm, late = _second(noted), noted[-len(noted) // 4 :]
    return {
        name: Change(of([getattr(one, name) for one in warm]), of([getattr(one, name) for one in late]))
        for name, of in WAYS.items()
    }


def growths(noted: Sequence[Vitals], rest: Vitals) -> list[str]:
    """A sentence for each figure of a run that grew by more than is allowed, and each collection: these until rest."""
    warm, found = _second(noted), changes(noted)
    held = {name: Change(median(one.held.get(name, 0) for one in warm), late) for name, late in rest.held.items()}
    return [
        *_told({name: found[name] for name in ALLOWED}, ALLOWED),
        *_told(held, dict.fromkeys(held, HELD_ALLOWED)),
    ]


def left_over(first: Vitals, rest: Vitals) -> list[str]:
    """A sentence for each thing that a process still holds when nothing is left to be done."""
    figures = {name: Change(getattr(first, name), getattr(rest, name)) for name in ALLOWED_AT_REST}
    return [
        *(f"{name} still holds {rest.held[name]}" for name in EMPTY_AT_REST if rest.held[name]),
        *_told(figures, ALLOWED_AT_REST),
    ]


def _second(noted: Sequence[Vitals]) -> Sequence[Vitals]:
    quarter = len(noted) // 4
    assert quarter >= 2, f"{len(noted)} are too few"
    return noted[quarter : 2 * quarter]


def _told(found: Mapping[str, Change], allowed: Mapping[str, Allowance]) -> list[str]:
    return [
        f"{name} grew from {one.warm:,g} to {one.late:,g}" for name, one in found.items() if one.grew(allowed[name])
    ]
