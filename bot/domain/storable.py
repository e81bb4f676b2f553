"""Text as any database takes it."""

from __future__ import annotations


def storable(text: str) -> str:
    """`text` without NULs, and with half a surrogate pair, which is no character, as a question mark.

    Discord's JSON may hold both: no encoding has the one, and PostgreSQL takes no other.
    """
    return text.replace("\x00", "").encode("utf-8", "replace").decode()
