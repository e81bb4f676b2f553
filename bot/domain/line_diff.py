"""What differs between two texts, line by line. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

CONTEXT = 3
MOST_ALIKE = 50_000
"""Pairs of a line of the old text and one like it in the new."""
MOST_PAIRS = 4_000_000
"""Pairs of any lines. Beyond either, finding what is alike would take seconds: texts made for it take minutes."""


_Step = tuple[str, int, int, int, int]


class Change(StrEnum):
    """What became of a line; a gap stands for lines that are alike and not shown."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its number in the old and the new text, from 1 on; None where it is not there."""

    change: Change
    old: int | None
    new: int | None
    text: str


def line_diff(before: str, after: str, context: int = CONTEXT) -> list[Line]:
    """The lines that were removed and added, with so many lines around them; empty where no line differs."""
    return list(_lines(before.splitlines(), after.splitlines(), context))


def _lines(old: list[str], new: list[str], context: int) -> Iterator[Line]:
    is_first = True
    for group in _groups(old, new, context):
        if not is_first:
            yield Line(Change.GAP, None, None, "")
        is_first = False
        for tag, old_from, old_to, new_from, new_to in group:
            if tag == "equal":
                for at in range(old_from, old_to):
                    yield Line(Change.SAME, at + 1, new_from + at - old_from + 1, old[at])
                continue
            for at in range(old_from, old_to):
                yield Line(Change.REMOVED, at + 1, None, old[at])
            for at in range(new_from, new_to):
                yield Line(Change.ADDED, None, at + 1, new[at])


def _groups(old: list[str], new: list[str], context: int) -> Iterable[Sequence[_Step]]:
    """What is to be shown, as `SequenceMatcher` groups it; between what begins and ends alike all, where that is much.

    A mark for lines that are alike within is worth no minute in which nobody's message is judged.
    """
    if _is_much(old, new):
        return [_between(old, new, context)]
    return SequenceMatcher(None, old, new).get_grouped_opcodes(context)


def _is_much(old: list[str], new: list[str]) -> bool:
    counts = Counter(new)
    return len(old) * len(new) > MOST_PAIRS or sum(counts[line] for line in old) > MOST_ALIKE


def _between(old: list[str], new: list[str], context: int) -> list[_Step]:
    """All between what both texts begin and end with, which they do not do altogether alike."""
    if old == new:
        return []
    shorter = min(len(old), len(new))
    head = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    tail = next((at for at in range(shorter - head) if old[-1 - at] != new[-1 - at]), shorter - head)
    old_to, new_to = len(old) - tail, len(new) - tail
    before, after = min(head, context), min(tail, context)
    return [
        ("equal", head - before, head, head - before, head),
        ("replace", head, old_to, head, new_to),
        ("equal", old_to, old_to + after, new_to, new_to + after),
    ]
