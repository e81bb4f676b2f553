"""How good a judge is, measured against labels: rates, ranking, calibration, and how sure each figure is. Pure."""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

BINS = 15
RESAMPLES = 1_000
_INSIDE = 0.95


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled text and its verdict: the likeliest rule with its probability, and the rule that the label names."""

    breaks: bool
    probability: float
    likeliest: str | None = None
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Confusion:
    """How many breaking and fine texts were caught and let pass."""

    caught: int
    missed: int
    wrongly_caught: int
    let_pass: int


@dataclass(frozen=True, slots=True)
class Bin:
    """Texts of much the same probability: how many, the mean of what was said, and the share that breaks the policy."""

    texts: int
    said: float
    broken: float


@dataclass(frozen=True, slots=True)
class Measured:
    """What one way of judging made of labelled texts: each figure with its interval, and the counts."""

    judged: tuple[Judged, ...]
    figures: dict[str, float]
    ci: dict[str, tuple[float, float]]
    confusion: Confusion


def measure(judged: Sequence[Judged], caught_from: float, seed: int) -> Measured:
    """All figures of at least one text; `seed` is that of the intervals' resamples."""
    return Measured(
        tuple(judged),
        figures(judged, caught_from),
        intervals(judged, caught_from, seed),
        confusion(judged, caught_from),
    )


def confusion(judged: Sequence[Judged], caught_from: float) -> Confusion:
    """Count; a text is caught from the probability `caught_from` on."""
    caught = sum(one.breaks for one in judged if one.probability >= caught_from)
    wrongly = sum(not one.breaks for one in judged if one.probability >= caught_from)
    breaking = sum(one.breaks for one in judged)
    return Confusion(caught, breaking - caught, wrongly, len(judged) - breaking - wrongly)


def rates(counts: Confusion) -> dict[str, float]:
    """Accuracy, precision, recall and F1; one of nothing is 0."""
    found = counts.caught
    return {
        "accuracy": _share(found + counts.let_pass, found + counts.missed + counts.wrongly_caught + counts.let_pass),
        "precision": _share(found, found + counts.wrongly_caught),
        "recall": _share(found, found + counts.missed),
        "f1": _share(2 * found, 2 * found + counts.missed + counts.wrongly_caught),
    }


def auroc(breaking: Sequence[float], fine: Sequence[float]) -> float:
    """The chance that a breaking text scores above a fine one, ties counting half; 0.5 where there is only one kind.

    By the sum of ranks (Mann and Whitney, 1947).
    """
    if not breaking or not fine:
        return 0.5
    ordered = sorted([*breaking, *fine])
    # All of a tie have the mean of their ranks, counted from 1.
    ranks = sum((bisect_left(ordered, score) + 1 + bisect_right(ordered, score)) / 2 for score in breaking)
    return (ranks - len(breaking) * (len(breaking) + 1) / 2) / (len(breaking) * len(fine))


def reliability(judged: Sequence[Judged], bins: int = BINS) -> list[Bin]:
    """Texts by rising probability in bins of equal count, fewer where there are fewer texts than bins."""
    ordered = sorted(judged, key=lambda one: one.probability)
    bins = min(bins, len(ordered))
    found = []
    for number in range(bins):
        some = ordered[len(ordered) * number // bins : len(ordered) * (number + 1) // bins]
        said = sum(one.probability for one in some) / len(some)
        found.append(Bin(len(some), said, sum(one.breaks for one in some) / len(some)))
    return found


def ece(judged: Sequence[Judged], bins: int = BINS) -> float:
    """Expected calibration error: how far the bins' probabilities are from their shares, the mean over texts.

    Bins of equal count, as Nguyen and O'Connor (2015) have them; 0 for no texts.
    """
    return _share(sum(one.texts * abs(one.said - one.broken) for one in reliability(judged, bins)), len(judged))


def figures(judged: Sequence[Judged], caught_from: float) -> dict[str, float]:
    """All figures by their names."""
    breaking = [one.probability for one in judged if one.breaks]
    fine = [one.probability for one in judged if not one.breaks]
    return {**rates(confusion(judged, caught_from)), "auroc": auroc(breaking, fine), "ece": ece(judged)}


def intervals(judged: Sequence[Judged], caught_from: float, seed: int) -> dict[str, tuple[float, float]]:
    """Between what each figure lies in 95 of 100 samples drawn from these texts with replacement (Efron, 1979)."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    drawn = [figures(chance.choices(judged, k=len(judged)), caught_from) for _ in range(RESAMPLES)]
    outside = (1.0 - _INSIDE) / 2
    found = {}
    for name in drawn[0]:
        values = sorted(one[name] for one in drawn)
        found[name] = (values[round(outside * (RESAMPLES - 1))], values[round((1.0 - outside) * (RESAMPLES - 1))])
    return found


def by_rule(judged: Sequence[Judged], keys: Sequence[str], caught_from: float) -> dict[str, dict[str, float]]:
    """Per rule how many texts break it, and precision, recall and F1 of naming it where a text is caught."""
    found = {}
    for key in keys:
        of_rule = [Judged(one.rule == key, one.probability if one.likeliest == key else 0.0) for one in judged]
        told = rates(confusion(of_rule, caught_from))
        texts = sum(one.breaks for one in of_rule)
        found[key] = {"n": texts, **{name: told[name] for name in ("precision", "recall", "f1")}}
    return found


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
