"""Lives: the bot as a process of its own, that starts, dies and starts again."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from tests.reliability.points import Point

ROOT = Path(__file__).parents[2]
BIRTH_SECONDS = 60.0
_READY = '"event": "ready"'


class Life:
    """One process: it has ended when `ended` is set, with `status`; what it wrote is in `stderr`."""

    def __init__(self, pid: int, stderr: Path) -> None:
        self.pid = pid
        self.stderr = stderr
        self.ended = asyncio.Event()
        self.status: int | None = None

    def kill(self) -> None:
        """With SIGKILL: it learns nothing of it."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def stop(self) -> None:
        """With SIGTERM: it ends in order."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)

    def workers(self) -> list[int]:
        """The processes that it has started and that have not ended."""
        with suppress(FileNotFoundError):
            return [int(one) for one in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]
        return []

    async def ready(self) -> bool:
        """Wait until it serves; False where it ended before."""
        while not self.ended.is_set():
            if _READY in self.written:
                return True
            with suppress(TimeoutError):
                await asyncio.wait_for(self.ended.wait(), 0.02)
        return False

    @property
    def written(self) -> str:
        """All that it wrote so far."""
        return self.stderr.read_text() if self.stderr.exists() else ""


class Nursery:
    """Where bots are born: a process that has imported the program, see tests/reliability/process.py."""

    def __init__(self) -> None:
        self._process: Process | None = None
        self._listening: asyncio.Task[None] | None = None
        # In the order in which they were asked for, which is that in which they come.
        self._expected: deque[tuple[Path, asyncio.Future[Life]]] = deque()
        self._lives: dict[int, Life] = {}

    async def open(self) -> None:
        """Return when the process was started; it imports for some seconds yet."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("LAWSPEAKER_")}
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.reliability.process",
            stdin=PIPE,
            stdout=PIPE,
            cwd=ROOT,
            # Threads that are there before a fork are not there after it.
            env={**clean, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )
        self._listening = asyncio.create_task(self._listen(self._process))

    async def close(self) -> None:
        """End it, and every bot with it."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            await self._process.wait()
        if self._listening is not None:
            await self._listening

    async def bear(
        self, environ: Mapping[str, str], stderr: Path, point: Point | None, armed: Path, hits: Path
    ) -> Life:
        """A new bot, which dies at a point once there is a file `armed`, and says so in `hits`."""
        process = self._process
        assert process is not None
        assert process.stdin is not None
        order = {
            "environ": dict(environ),
            "stderr": str(stderr),
            "kill": str(point) if point is not None else None,
            "armed": str(armed),
            "hits": str(hits),
        }
        born: asyncio.Future[Life] = asyncio.get_running_loop().create_future()
        self._expected.append((stderr, born))
        process.stdin.write(json.dumps(order).encode() + b"\n")
        return await asyncio.wait_for(born, BIRTH_SECONDS)

    async def _listen(self, process: Process) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            event = json.loads(line)
            if "born" in event:
                stderr, born = self._expected.popleft()
                self._lives[event["born"]] = life = Life(event["born"], stderr)
                if not born.done():
                    born.set_result(life)
            else:
                life = self._lives.pop(event["ended"])
                life.status = event["status"]
                life.ended.set()
