"""A sign of life of a process that works long on one thing: without it, it is taken for hanging and ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

ALIVE_SECONDS = 5.0


class SignOfLife:
    """Sends a progress event when it is called, at most one in ALIVE_SECONDS."""

    def __init__(self, send: Callable[[dict[str, Any]], None], what: str) -> None:
        """Send with `send` that the process is at `what`."""
        self._send = send
        self._what = what
        self._told_at = time.monotonic()

    def __call__(self) -> None:
        """Say so, unless it was said a moment ago."""
        now = time.monotonic()
        if now - self._told_at >= ALIVE_SECONDS:
            self._told_at = now
            self._send({"event": "progress", "what": self._what})
