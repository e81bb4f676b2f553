"""Probabilities as log-odds and back."""

from __future__ import annotations

import math

import pytest

from bot.domain.odds import log_odds, probability_of


@pytest.mark.parametrize("probability", [1e-6, 0.03, 0.5, 0.85, 1 - 1e-6])
def test_a_probability_comes_back_from_its_log_odds(probability: float) -> None:
    assert probability_of(log_odds(probability, 1e-9)) == pytest.approx(probability)


def test_certainty_counts_as_near_to_it_as_is_said() -> None:
    assert log_odds(1.0, 0.001) == log_odds(0.999, 0.001) == pytest.approx(math.log(999))
    assert log_odds(0.0, 0.001) == pytest.approx(-math.log(999))


def test_no_log_odds_are_too_large() -> None:
    assert (probability_of(-5_000.0), probability_of(5_000.0)) == (0.0, 1.0)
