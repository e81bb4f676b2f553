"""How much memory a process has, as Linux tells it in /proc."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from pathlib import Path

EVERY = 0.1
"""Seconds between two looks."""


class Watch:
    """Looks at a process's memory time and again. All figures are in MB (1,000,000 bytes).

    `resident` counts what it shares with others in full, `own` (PSS) a part of it: a fork shares the program's pages.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.at_first = resident(pid)
        self.samples: list[float] = []
        self.own = 0.0
        self._task = asyncio.create_task(self._look())

    @property
    def most(self) -> float:
        """The most that was ever resident, between two looks too; the kernel keeps it (VmHWM)."""
        return _status(self._pid, "VmHWM")

    async def stop(self) -> None:
        """Look no longer."""
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def _look(self) -> None:
        while True:
            self.samples.append(resident(self._pid))
            if len(self.samples) % 10 == 1:  # the kernel adds it up page by page
                self.own = max(self.own, _own(self._pid))
            await asyncio.sleep(EVERY)


def resident(pid: int) -> float:
    """VmRSS now."""
    return _status(pid, "VmRSS")


def _status(pid: int, name: str) -> float:
    return _kilobytes(Path(f"/proc/{pid}/status").read_text(), name)


def _own(pid: int) -> float:
    return _kilobytes(Path(f"/proc/{pid}/smaps_rollup").read_text(), "Pss")


def _kilobytes(text: str, name: str) -> float:
    found = re.search(rf"^{name}:\s+(\d+) kB$", text, re.MULTILINE)
    assert found is not None
    return int(found[1]) * 1_024 / 1_000_000
