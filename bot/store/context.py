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
