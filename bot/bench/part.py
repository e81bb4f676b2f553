"""A part of the benchmark in a process of its own, so that never two models or two llama.cpp libraries are loaded.

The job comes as JSON on stdin. What has been measured so far goes to stdout, one JSON object a line, each in the place
of the one before: whoever has to end the process early keeps the last. `{"error": "…"}` says why nothing can be.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from bot.bench.machine import peak_rss_mb
from bot.own_stdout import own_stdout

Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Job:
    """What to measure: the model's file, how it is run, for how long, by which policies, on which messages.

    `seconds` counts from the start of the process, `most` is the most messages; one is measured whatever it takes.
    `ask` is which question of several a part can ask. `rationales` are what the judge wrote. `laid_out_anew` is
    llama.cpp's own default: weights rearranged for this kind of CPU where it can.
    """

    model: str
    threads: int
    gpu_layers: int
    seconds: float
    most: int
    policies: list[str]
    messages: list[tuple[int, str]]
    ask: str = ""
    rationales: tuple[str, ...] = ()
    laid_out_anew: bool = True

    def as_json(self) -> str:
        """The job as one line."""
        return json.dumps(asdict(self))


class Clock:
    """Tells when a part has had its time: a step that would end too late is not begun."""

    def __init__(self, seconds: float) -> None:
        """Count from now."""
        self._end = time.monotonic() + seconds
        self._longest = 0.0

    def room(self) -> bool:
        """Whether a step as long as the longest so far would still end in time."""
        return time.monotonic() + self._longest <= self._end

    def step(self, seconds: float) -> None:
        """Note how long a step took."""
        self._longest = max(self._longest, seconds)


class UnmeasurableError(Exception):
    """Nothing can be measured; the message is one sentence that says what to do."""


def serve(measure: Callable[[Job, Clock], Iterator[Result]]) -> None:
    """Read a job from stdin, and write each result of `measure` with the process's peak memory in MB."""
    job = Job(**json.loads(sys.stdin.read()))
    clock = Clock(job.seconds)
    answers = own_stdout()
    try:
        for result in measure(job, clock):
            answers.write(json.dumps({**result, "peak_rss_mb": peak_rss_mb(os.getpid())}) + "\n")
    except UnmeasurableError as error:
        answers.write(json.dumps({"error": str(error)}) + "\n")
