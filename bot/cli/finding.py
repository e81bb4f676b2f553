"""What `lawspeaker doctor` finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it is fine, what was found, and what to do where it is not."""

    name: str
    ok: bool
    found: str
    advice: str = ""
