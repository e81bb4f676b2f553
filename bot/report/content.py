"""What an evaluation found, as the terminal, JSON and the page tell it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.evaluation import Judged, Measured
from bot.domain.policy import Policy


@dataclass(frozen=True, slots=True)
class Row:
    """A labelled text and what the judge made of it, None where it could not judge it."""

    text: str
    breaks: bool
    judged: Judged | None


@dataclass(frozen=True, slots=True)
class Way:
    """One way of judging the same texts: its key in JSON and name for people, its figures, texts a second.

    `cut` counts texts of which it could only read the beginning.
    """

    key: str
    name: str
    measured: Measured
    messages_per_second: float
    cut: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """How the texts were judged: the data's file name, the command line, the program's version, when it was done."""

    data: str
    command: str
    version: str
    made: datetime
    seed: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All that one run of `lawspeaker eval` found.

    `ways` begins with the judge; the others judged the same texts. `rules` are the figures per rule, empty where the
    data name none. `screening` is what `bot.cli.screening` chose, where a recall was asked for.
    """

    policy: Policy
    model: str
    model_digest: str
    run: Run
    rows: tuple[Row, ...]
    ways: tuple[Way, ...]
    rules: Mapping[str, Mapping[str, float]]
    screening: Mapping[str, Any] | None = None

    @property
    def judge(self) -> Way:
        """The judge's own figures."""
        return self.ways[0]

    @property
    def base_rate(self) -> float:
        """The share of the judged texts that break the policy."""
        judged = self.judge.measured.judged
        return sum(one.breaks for one in judged) / len(judged)

    @property
    def not_judged(self) -> int:
        """How many texts the judge could not judge: they are in no figure."""
        return sum(row.judged is None for row in self.rows)
