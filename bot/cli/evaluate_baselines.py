"""What `lawspeaker eval --baselines` compares the judge with: a process for each, started here and asked all texts."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from bot.cli.common import CliError
from bot.cli.evaluate_kept import Kept
from bot.domain.policy import Policy
from bot.judge.models import ModelFile
from bot.settings import Settings

_LINE_LIMIT = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Baseline:
    """Another way of judging: its key in JSON, its name for people, and the Python module with its arguments."""

    key: str
    name: str
    arguments: tuple[str, ...]


def usable_baselines(settings: Settings, model: ModelFile) -> tuple[Baseline, ...]:
    """What the judge is compared with, the judge's own model among it; CliError where something is not installed."""
    if find_spec("profanity_check") is None:
        raise CliError('alt-profanity-check is not installed: run `pip install "lawspeaker[baselines]"`.')
    threads = settings.threads or len(os.sched_getaffinity(0))
    asks = ("bot.baselines.yes_or_no", str(model.path), str(threads), str(settings.gpu_layers))
    return (
        Baseline("yes_or_no", "plain question", asks),
        Baseline("alt_profanity_check", "alt-profanity-check", ("bot.baselines.profanity",)),
    )


async def ask(baseline: Baseline, policy: Policy, texts: Sequence[str]) -> AsyncIterator[tuple[str, Kept]]:
    """Run a baseline's process over all texts, and give each with its answer; CliError where it cannot answer."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        *baseline.arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # a library's warnings: what is amiss comes as a line of its own
        limit=_LINE_LIMIT,
        start_new_session=True,  # a Ctrl-C in the terminal ends the command, which ends this
    )
    try:
        await _give(process, [{"policy": policy.source}, *({"text": text} for text in texts)])
        async for answer in _answers(process, baseline, texts):
            yield answer
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _give(process: asyncio.subprocess.Process, lines: Sequence[dict[str, str]]) -> None:
    """Write all that is asked; what ended before it read says so on stdout, or by its end."""
    assert process.stdin is not None
    with suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write("".join(json.dumps(line) + "\n" for line in lines).encode())
        await process.stdin.drain()
    process.stdin.close()


async def _answers(
    process: asyncio.subprocess.Process, baseline: Baseline, texts: Sequence[str]
) -> AsyncIterator[tuple[str, Kept]]:
    assert process.stdout is not None
    waiting = deque(texts)
    since = time.perf_counter()
    while waiting:
        line = await process.stdout.readline()
        told: dict[str, Any] = json.loads(line) if line else {"error": _ended(baseline, await process.wait())}
        if "error" in told:
            raise CliError(str(told["error"]))
        now = time.perf_counter()
        if told.get("event") != "ready":  # loading the model or a library is not what is measured
            answer = Kept(float(told["probability"]), cut=bool(told["cut"]), seconds=now - since)
            yield waiting.popleft(), answer
        since = now


def _ended(baseline: Baseline, status: int) -> str:
    return (
        f"The comparison with {baseline.name} ended with status {status}: free some memory, or leave out --baselines."
    )
