"""What the machine is, and how much memory a process took."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path


def processor() -> str:
    """The processor's name, as the system tells it."""
    try:
        told = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        told = ""
    named = re.search(r"(?m)^model name\s*:\s*(.+)$", told)
    return named[1] if named else platform.processor() or platform.machine()


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def peak_rss_mb(pid: int | None) -> float | None:
    """The most memory a living process has held (VmHWM), in MB of 10^6 bytes; None where the system does not tell."""
    try:
        told = Path(f"/proc/{pid}/status").read_text("utf-8")
    except OSError:
        return None
    held = re.search(r"(?m)^VmHWM:\s*(\d+) kB$", told)
    return round(int(held[1]) * 1024 / 1_000_000, 1) if held else None
