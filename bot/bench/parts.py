"""Starting a part of the benchmark as a process, and taking what it has measured when it ends or has to."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from bot.bench.part import Job

_LINE_LIMIT = 1024 * 1024


class PartError(Exception):
    """A part measured nothing; the message is one sentence that says why."""


async def run_part(module: str, job: Job, most_seconds: float, progress: Callable[[int], None]) -> dict[str, Any]:
    """The last result of `python -m bot.bench.MODULE`, ended after `most_seconds`; PartError where there is none.

    A part that a signal ends is begun again without weights laid out anew: llama.cpp's code for that ends the process
    on some CPUs (see `bot.judge.engine`). The result says under `laid_out_anew` how it was measured.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + most_seconds
    while True:
        result, status = await _once(module, job, end - loop.time(), progress)
        if "error" in result:
            raise PartError(str(result["error"]))
        if result:
            return {**result, "laid_out_anew": job.laid_out_anew}
        if status is None:
            raise PartError("its time was over before a message was done")
        if status >= 0 or not job.laid_out_anew:
            raise PartError(f"its process ended with status {status}")
        job = replace(job, laid_out_anew=False, seconds=max(end - loop.time(), 0.0))


async def _once(
    module: str, job: Job, most_seconds: float, progress: Callable[[int], None]
) -> tuple[dict[str, Any], int | None]:
    """The last result, empty where there is none, and the exit status, None where the process had to be ended."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        f"bot.bench.{module}",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=_LINE_LIMIT,
    )
    result: dict[str, Any] = {}

    async def talk() -> int:
        nonlocal result
        assert process.stdin is not None and process.stdout is not None  # noqa: PT018
        with suppress(ConnectionError):
            process.stdin.write(job.as_json().encode())
            await process.stdin.drain()
        process.stdin.close()
        while line := await process.stdout.readline():
            result = json.loads(line)
            progress(int(result.get("n", 0)))
        return await process.wait()

    status: int | None = None
    try:
        with suppress(TimeoutError):
            status = await asyncio.wait_for(talk(), max(most_seconds, 0.1))
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return result, status
