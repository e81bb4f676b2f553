"""A judging card: a policy compiled into labels with meanings, examples and measured bias."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# The log-odds that a message which has nothing to do with a rule usually gets of it, and how much of a label's
# distance from that is laid to its wording and taken out. Half, for a label may also be far from neutral
# messages because it fits them least. Chosen on benchmarks/cases; the figures hardly move from -6 to -9.
NEUTRAL_ODDS = -7.0
_OWED_TO_WORDING = 0.5
# What is added for a rule without a topic: its label is seldom given, for no message in the card shows it.
_UNTAUGHT = 1.0


@dataclass(frozen=True, slots=True)
class CardLabel:
    """One category: its word, its line of meaning, and the rule it stands for (None: fine)."""

    word: str
    meaning: str
    rule: str | None
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A compiled policy.

    `tokens[i]` is the first token of label i's word, distinct for each. `bias`, one number a rule in the order
    of the labels, is what a rule's wording adds to its log-odds.
    """

    policy_digest: str
    prefix: str
    labels: tuple[CardLabel, ...]
    tokens: tuple[int, ...]
    bias: tuple[float, ...]

    @property
    def rules(self) -> list[str]:
        """Keys of the rules, in the order of the labels."""
        return [label.rule for label in self.labels if label.rule is not None]

    def odds(self, log_probabilities: Floats) -> Floats:
        """Log-odds per rule, shape (rules,), from the labels' log-probabilities, shape (labels,)."""
        odds: Floats = rule_odds(self.labels, log_probabilities) - np.array(self.bias)
        return odds

    def probabilities(self, odds: Floats) -> dict[str, float]:
        """Probability per rule from log-odds, shape (rules,)."""
        values = 1.0 / (1.0 + np.exp(-np.clip(odds, -30.0, 30.0)))
        return {rule: float(value) for rule, value in zip(self.rules, values, strict=True)}


def rule_odds(labels: Sequence[CardLabel], log_probabilities: Floats) -> Floats:
    """Log-odds of each rule's label against the fine ones together; shape (..., labels) to (..., rules).

    Each rule stands against "fine" by itself, not against the other rules: a message may break several, and
    one that certainly breaks one of two must not look doubtful.
    """
    breaking = np.array([label.rule is not None for label in labels])
    fine = np.logaddexp.reduce(log_probabilities[..., ~breaking], axis=-1, keepdims=True)
    odds: Floats = log_probabilities[..., breaking] - fine
    return odds


def wording_bias(labels: Sequence[CardLabel], neutral: Floats) -> tuple[float, ...]:
    """What each rule's wording adds to its log-odds, from log-probabilities on neutral messages.

    `neutral` has shape (messages, labels). After Zhao et al. (2021), "Calibrate Before Use", but in log-odds
    and in part only.
    """
    usual = rule_odds(labels, neutral).mean(axis=0)
    untaught = np.array([label.topic is None for label in labels if label.rule is not None])
    return tuple(float(value) for value in _OWED_TO_WORDING * (usual - NEUTRAL_ODDS) - _UNTAUGHT * untaught)
