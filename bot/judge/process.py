"""One worker process: a line of JSON in for each request, a line out for each answer."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any

_LINE_LIMIT = 4 * 1024 * 1024
# What a process died of is known a moment after its last word.
_MOMENT_SECONDS = 1.0


class NonsenseError(ValueError):
    """A worker said something that no worker says."""


class WorkerProcess:
    """A process that was started, and when it was last heard, in seconds of `time.monotonic`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        """Talk to `process` over its stdin and stdout; `start` makes both."""
        self.process = process
        self.heard_at = time.monotonic()

    @classmethod
    async def start(cls, command: Sequence[str]) -> WorkerProcess:
        """Run a command; OSError where the machine has no room for another process, or no such program."""
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=None,
            limit=_LINE_LIMIT,
            start_new_session=True,  # a Ctrl-C in the terminal is the bot's to handle, not the worker's
        )
        return cls(process)

    @property
    def listens(self) -> bool:
        """Whether anything can be written to it, as far as is known."""
        return self.process.stdin is not None and not self.process.stdin.is_closing()

    def write(self, request: dict[str, Any]) -> None:
        """Ask something of a process that listens."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(request).encode() + b"\n")

    async def said(self) -> AsyncIterator[dict[str, Any]]:
        """Each thing it says, until it has no more to say. NonsenseError for what is no JSON object, or has no end."""
        assert self.process.stdout is not None
        while True:
            try:
                line = await self.process.stdout.readline()
                said = json.loads(line) if line else None
            except (ValueError, RecursionError) as error:
                raise NonsenseError from error
            if not line:
                return
            if not isinstance(said, dict):
                raise NonsenseError
            self.heard_at = time.monotonic()
            yield said

    async def died_of(self) -> int | None:
        """The status of a process that has said its last word: the number of a signal is negative. None if it lives."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_MOMENT_SECONDS):
                return await self.process.wait()
        return None

    def kill(self) -> None:
        """End it, whatever it is doing."""
        if self.process.returncode is None:
            with suppress(ProcessLookupError):
                self.process.kill()

    async def end(self) -> None:
        """Return when it has ended."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.kill()
        await self.process.wait()
