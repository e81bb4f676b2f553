"""Probabilities as log-odds and back."""

from __future__ import annotations

import math


def log_odds(probability: float, closest: float) -> float:
    """The log-odds of a probability, which counts as at least `closest` away from 0 and from 1."""
    bounded = min(max(probability, closest), 1.0 - closest)
    return math.log(bounded) - math.log1p(-bounded)


def probability_of(odds: float) -> float:
    """The probability in [0, 1] that has these log-odds, however large they are."""
    if odds >= 0:
        return 1 / (1 + math.exp(-odds))
    return math.exp(odds) / (1 + math.exp(odds))
