"""A judging card: a policy compiled into labels with meanings, examples and measured bias."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CardLabel:
    """One category: its word, its line of meaning, and the rule it stands for (None: fine)."""

    word: str
    meaning: str
    rule: str | None
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class Calibration:
    """How log-probabilities of labels become probabilities of rules.

    `bias`, shape (labels,), is taken from each label's log-probability; `scale` and `shift` make of the
    log-odds of "some rule is broken" a probability (Platt, 1999).
    """

    bias: tuple[float, ...]
    scale: float = 1.0
    shift: float = 0.0


@dataclass(frozen=True, slots=True)
class Card:
    """A compiled policy. `tokens[i]` is the first token of label i's word, distinct for each."""

    policy_digest: str
    prefix: str
    labels: tuple[CardLabel, ...]
    tokens: tuple[int, ...]
    calibration: Calibration

    def probabilities(self, log_probabilities: Floats) -> dict[str, float]:
        """Probability per rule from the labels' log-probabilities, shape (labels,)."""
        return rule_probabilities(self.labels, log_probabilities, self.calibration)


def violation_odds(labels: Sequence[CardLabel], scores: Floats) -> float:
    """Log-odds that some rule is broken, from unbiased label scores, shape (labels,)."""
    breaking = np.array([label.rule is not None for label in labels])
    return float(np.logaddexp.reduce(scores[breaking]) - np.logaddexp.reduce(scores[~breaking]))


def rule_probabilities(
    labels: Sequence[CardLabel], log_probabilities: Floats, calibration: Calibration
) -> dict[str, float]:
    """Split the calibrated probability of a violation over the rules by their own scores."""
    scores = log_probabilities - np.array(calibration.bias)
    odds = calibration.scale * violation_odds(labels, scores) + calibration.shift
    broken = 1.0 / (1.0 + np.exp(-np.clip(odds, -30.0, 30.0)))
    breaking = [(label.rule, score) for label, score in zip(labels, scores, strict=True) if label.rule]
    total = np.logaddexp.reduce([score for _, score in breaking])
    shares: dict[str, float] = {}
    for rule, score in breaking:
        shares[rule] = shares.get(rule, 0.0) + float(broken * np.exp(score - total))
    return shares
