"""Growth: what a process held late in a run against what it held when it was warm. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from tests.reliability.vitals import Vitals


@dataclass(frozen=True, slots=True)
class Allowance:
    """By how much a figure may be larger late than when warm: a share of that, and something besides."""

    share: float
    besides: float


ALLOWED = {
    "memory": Allowance(0.05, 4.0),
    "files": Allowance(0.0, 4),
    "threads": Allowance(0.0, 4),
    "tasks": Allowance(0.0, 8),
    "objects": Allowance(0.05, 2_000),
}
ENDS = ("warm", "late")
"""Of a `Change`."""
HELD_ALLOWED = Allowance(0.25, 60)
"""Of the entries of each collection: who writes just then is in some of them."""

AT_REST = {"files": Allowance(0.0, 24), "threads": Allowance(0.0, 8), "tasks": Allowance(0.0, 6)}
"""More than there were before anything was done: connections to Discord and to the database stay open for a while."""
EMPTY_AT_REST = (
    "Backfill._behind",
    "Backfill._fills",
    "Casework._tasks",
    "Dispatcher._in_flight",
    "FairRoom._queues",
    "Intake._in_hand",
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
    """A figure of the second quarter of a run, and the same of the last."""

    warm: float
    late: float

    def grew(self, allowed: Allowance) -> bool:
        return self.late > self.warm * (1 + allowed.share) + allowed.besides


def change(values: Sequence[float], of: Callable[[Sequence[float]], float]) -> Change:
    """Of figures noted at even times over a run, eight at least; the first quarter is for warming up."""
    quarter = len(values) // 4
    assert quarter >= 2, f"{len(values)} are too few"
    return Change(of(values[quarter : 2 * quarter]), of(values[-quarter:]))


def changes(noted: Sequence[Vitals]) -> Mapping[str, Change]:
    """Of each figure, by its name: of what each message adds to for a while the least, of others the median."""
    ways = {name: min if name in AT_REST else median for name in ALLOWED}
    return {name: change([getattr(one, name) for one in noted], of) for name, of in ways.items()}


def held_changes(noted: Sequence[Vitals]) -> Mapping[str, Change]:
    """Of each collection, by its name, the least."""
    names = sorted({name for one in noted for name in one.held})
    return {name: change([one.held.get(name, 0) for one in noted], min) for name in names}


def growths(noted: Sequence[Vitals]) -> list[str]:
    """A sentence for each that grew by more than is allowed."""
    return [
        f"{name} grew from {one.warm:,g} to {one.late:,g}"
        for found, allowed in ((changes(noted), ALLOWED), (held_changes(noted), {}))
        for name, one in found.items()
        if one.grew(allowed.get(name, HELD_ALLOWED))
    ]


def left_over(first: Vitals, rest: Vitals) -> list[str]:
    """A sentence for each thing that a process still holds when nothing is left to be done."""
    found = [f"{name} still holds {rest.held[name]}" for name in EMPTY_AT_REST if rest.held[name]]
    for name, allowed in AT_REST.items():
        one = Change(getattr(first, name), getattr(rest, name))
        if one.grew(allowed):
            found.append(f"there were {one.warm} {name}, and {one.late} are left")
    return found
