"""What the baselines' processes have in common: one JSON object a line, in and out.

On stdin: {"policy": …} first, then {"text": …} for each text, to the end. On stdout: {"event": "ready"} once it can
answer, then {"probability", "cut"} for each text, in order; or, at any time, {"error": …}, which ends it with status 3.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NoReturn, TextIO

FAILED = 3


@dataclass(frozen=True, slots=True)
class Task:
    """A policy as it was written, and the texts to answer for."""

    policy: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """The probability that a text breaks the policy; `cut` where only the text's beginning could be read."""

    probability: float
    cut: bool = False


def read_task(stream: TextIO) -> Task:
    """All that is asked."""
    first, *rest = (json.loads(line) for line in stream)
    return Task(first["policy"], tuple(line["text"] for line in rest))


def write(answers: TextIO, line: dict[str, Any]) -> None:
    """Write one object, at once."""
    answers.write(json.dumps(line) + "\n")
    answers.flush()


def answer(answers: TextIO, told: Iterable[Told]) -> None:
    """Say that the process is ready, then write each answer as it is known."""
    write(answers, {"event": "ready"})
    for one in told:
        write(answers, {"probability": one.probability, "cut": one.cut})


def fail(answers: TextIO, reason: str) -> NoReturn:
    """Say in one sentence why there is no answer, and end the process."""
    write(answers, {"error": reason})
    sys.exit(FAILED)
