"""What other thresholds would make of messages that were judged: reckoned from stored probabilities alone. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.backtest import Sample
from bot.domain.decision import Outcome, ThresholdTable, outcome_of

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Made:
    """The outcome, and the rule it rests on, else the likeliest, with its probability."""

    outcome: Outcome
    rule: str | None
    probability: float


@dataclass(frozen=True, slots=True)
class Moved:
    """A message of which other thresholds would make something else."""

    sample: Sample
    now: Made
    then: Made


@dataclass(frozen=True, slots=True)
class WhatIf:
    """How many messages come to what now and then, and those that move, the newest first."""

    judged: int
    now: Mapping[Outcome, int]
    then: Mapping[Outcome, int]
    moved: tuple[Moved, ...]


def made_of(probabilities: Mapping[str, float], thresholds: ThresholdTable) -> Made:
    """What probabilities come to."""
    outcome, keys = outcome_of(probabilities, thresholds)
    rule = keys[0] if keys else max(probabilities, key=lambda key: probabilities[key], default=None)
    return Made(outcome, rule, probabilities[rule] if rule is not None else 0.0)


def what_if(samples: Sequence[Sample], now: ThresholdTable, then: ThresholdTable) -> WhatIf:
    """Of messages with a verdict, the newest first."""
    before: Counter[Outcome] = Counter()
    after: Counter[Outcome] = Counter()
    moved = []
    for sample in samples:
        if sample.verdict is None:
            continue
        old, new = (made_of(sample.verdict.probabilities, table) for table in (now, then))
        before[old.outcome] += 1
        after[new.outcome] += 1
        if old.outcome is not new.outcome:
            moved.append(Moved(sample, old, new))
    return WhatIf(before.total(), _all(before), _all(after), tuple(moved))


def _all(counted: Counter[Outcome]) -> dict[Outcome, int]:
    return {outcome: counted[outcome] for outcome in Outcome}
