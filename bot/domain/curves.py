"""What a page on a judge draws: how its figures go with the threshold, and where its probabilities lie. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.evaluation import Judged

BARS = 20


@dataclass(frozen=True, slots=True)
class AtThreshold:
    """Precision and recall, were texts caught from this probability on; precision is None where none is caught."""

    at: float
    precision: float | None
    recall: float


@dataclass(frozen=True, slots=True)
class Bar:
    """How many breaking and fine texts have a probability from `low` on and below `high`; the last holds 1.0 too."""

    low: float
    high: float
    breaking: int
    fine: int


def over_thresholds(judged: Sequence[Judged], steps: int = 100) -> list[AtThreshold]:
    """Precision and recall at the thresholds 0, 1/steps, … 1; recall is 0 where no text breaks the policy."""
    breaking = sorted(one.probability for one in judged if one.breaks)
    fine = sorted(one.probability for one in judged if not one.breaks)
    found = []
    for step in range(steps + 1):
        at = step / steps
        caught = len(breaking) - bisect_left(breaking, at)
        wrongly = len(fine) - bisect_left(fine, at)
        precision = caught / (caught + wrongly) if caught + wrongly else None
        found.append(AtThreshold(at, precision, caught / len(breaking) if breaking else 0.0))
    return found


def roc(judged: Sequence[Judged]) -> list[tuple[float, float]]:
    """(share of fine texts caught, share of breaking texts caught) at every threshold, from (0, 0) to (1, 1).

    Empty where there is only one kind of text.
    """
    breaking = sum(one.breaks for one in judged)
    fine = len(judged) - breaking
    if not breaking or not fine:
        return []
    points = [(0.0, 0.0)]
    ordered = sorted(judged, key=lambda one: -one.probability)
    caught = wrongly = 0
    for place, one in enumerate(ordered):
        caught += one.breaks
        wrongly += not one.breaks
        # Texts of one probability are caught together.
        if place + 1 == len(ordered) or ordered[place + 1].probability != one.probability:
            points.append((wrongly / fine, caught / breaking))
    return points


def histogram(judged: Sequence[Judged], bars: int = BARS) -> list[Bar]:
    """Texts of each kind by probability, in bars of equal width over 0 to 1."""
    counts = [[0, 0] for _ in range(bars)]
    for one in judged:
        counts[min(int(one.probability * bars), bars - 1)][one.breaks] += 1
    return [Bar(at / bars, (at + 1) / bars, breaking, fine) for at, (fine, breaking) in enumerate(counts)]
