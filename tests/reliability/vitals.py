"""What a bot's process holds, noted by itself: memory, files, threads, tasks, objects, and what it collects.

A line in JSON each time, so that a process that ends leaves what it noted.
"""

from __future__ import annotations

import asyncio
import functools
import gc
import json
import os
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from bot.app import App

_PAGE = os.sysconf("SC_PAGE_SIZE")
_OURS = ("bot.", "cogs.", "discord.", "aiohttp.", "sqlalchemy.pool", "aiosqlite.")
_COLLECTIONS = (dict, list, set, deque, WeakValueDictionary)


@dataclass(frozen=True, slots=True)
class Vitals:
    """At one moment: seconds since the first, resident memory in megabytes, and numbers.

    `held` has the number of entries of each collection that an object of ours or of a library has as an attribute, all
    objects of a class together, as `Intake._recent`.
    """

    at: float
    memory: float
    files: int
    threads: int
    tasks: int
    objects: int
    held: Mapping[str, int]


def note_vitals(file: Path, seconds: float) -> None:
    """Let an app note its vitals in a file every so many seconds from when it is ready."""
    start = App.start

    async def started(self: App) -> None:
        await start(self)
        self._chores.append(asyncio.create_task(_note(file, seconds), name="vitals"))

    App.start = started  # type: ignore[method-assign]


def noted(file: Path) -> list[Vitals]:
    """What stands in a file."""
    return [Vitals(**json.loads(line)) for line in file.read_text().splitlines()] if file.exists() else []


async def _note(file: Path, seconds: float) -> None:
    began = time.monotonic()
    while True:
        with file.open("a") as lines:
            lines.write(json.dumps(asdict(_vitals(time.monotonic() - began))) + "\n")
        await asyncio.sleep(seconds)


def _vitals(at: float) -> Vitals:
    # What nothing refers to any more but itself is no growth; what a bot that serves passes over is looked at, too.
    gc.unfreeze()
    gc.collect()
    objects = gc.get_objects()
    return Vitals(
        at=round(at, 1),
        memory=round(int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE / 2**20, 2),
        files=len(os.listdir("/proc/self/fd")),  # noqa: PTH208 - the names are not paths that last
        threads=threading.active_count(),
        tasks=len(asyncio.all_tasks()),
        objects=len(objects),
        held=dict(_held(objects)),
    )


def _held(objects: list[Any]) -> Counter[str]:
    found: Counter[str] = Counter()
    for one in objects:
        kind = type(one)
        if isinstance(one, functools._lru_cache_wrapper):
            # One without a name is SQLite's: of each connection's statements, 128 at most.
            if hasattr(one, "__qualname__") and str(one.__module__).startswith(_OURS):
                found[f"{one.__module__}.{one.__qualname__}"] += one.cache_info().currsize
        elif str(getattr(kind, "__module__", "")).startswith(_OURS):
            for name, value in _attributes(one):
                if isinstance(value, _COLLECTIONS):
                    found[f"{kind.__qualname__}.{name}"] += len(value)
    return found


def _attributes(one: object) -> Iterator[tuple[str, object]]:
    yield from list(getattr(one, "__dict__", {}).items())
    for kind in type(one).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            value = getattr(one, name, None) if not name.startswith("__") else None
            if value is not None:
                yield name, value
