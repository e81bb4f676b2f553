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

    `bias`, shape (labels,), is taken from each label's log-probability; `scale` and `shift` make of a rule's
    log-odds a probability (Platt, 1999).
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


def rule_odds(labels: Sequence[CardLabel], scores: Floats) -> Floats:
    """Log-odds of each rule's label against the fine ones, from unbiased scores; shape (rules,).

    Each rule stands against "fine" by itself, not against the other rules: a message may break several, and
    one that certainly breaks one of two must not look doubtful.
    """
    breaking = np.array([label.rule is not None for label in labels])
    odds: Floats = scores[breaking] - np.logaddexp.reduce(scores[~breaking])
    return odds


def rule_probabilities(
    labels: Sequence[CardLabel], log_probabilities: Floats, calibration: Calibration
) -> dict[str, float]:
    """Probability per rule from the labels' log-probabilities, shape (labels,)."""
    odds = rule_odds(labels, log_probabilities - np.array(calibration.bias))
    probabilities = 1.0 / (1.0 + np.exp(-np.clip(calibration.scale * odds + calibration.shift, -30.0, 30.0)))
    rules = [label.rule for label in labels if label.rule is not None]
    return {rule: float(probability) for rule, probability in zip(rules, probabilities, strict=True)}
