"""What differs between two texts, line by line. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

CONTEXT = 3


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
    for group in SequenceMatcher(None, old, new).get_grouped_opcodes(context):
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
