"""Figures of the long runs, kept in `build/reliability.json`: a row for each thing that was measured."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path

FILE = Path(__file__).parents[2] / "build" / "reliability.json"


def is_soak() -> bool:
    """Whether the long versions are run, as by `make soak`."""
    return os.environ.get("LAWSPEAKER_SOAK") == "1"


def note(row: str, **figures: float) -> None:
    """Keep figures of a row, of long runs only; whole numbers are added to those there are of this run."""
    if not is_soak():
        return
    FILE.parent.mkdir(exist_ok=True)
    with FILE.open("a+") as file:
        # Several processes may run tests at once.
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        rows = json.loads(file.read() or "{}")
        kept = rows.setdefault(row, {})
        for name, figure in figures.items():
            kept[name] = kept.get(name, 0) + figure if isinstance(figure, int) else figure
        file.seek(0)
        file.truncate()
        json.dump(rows, file, indent=2)
