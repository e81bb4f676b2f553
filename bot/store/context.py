"""The messages before a submission, as they are kept: whose each is. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any


def is_theirs(entry: list[Any], member_id: int, names: Collection[str]) -> bool:
    """Whether a kept context message, as [author, text] or [author, text, author's id], is a member's.

    One from before ids were kept is theirs where its author has a name that they go by: of two with one name it is
    better to take a word too many than to leave one.
    """
    author, _, *ids = entry
    return bool(ids[0] == member_id) if ids and ids[0] else author in names


def mentions(text: str, entry: list[Any]) -> bool:
    """Whether a text names a context message's author or says its words again."""
    folded = text.casefold()
    return any(part and part.casefold() in folded for part in entry[:2])
