"""How good a judge is: every figure against one worked out by hand, or by the definition itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.evaluation import (
    Confusion,
    Judged,
    auroc,
    by_rule,
    confusion,
    ece,
    figures,
    intervals,
    rates,
    reliability,
)

some_judged = st.lists(st.builds(Judged, st.booleans(), st.integers(0, 20).map(lambda n: n / 20)), max_size=40)


def judged(*pairs: tuple[bool, float]) -> list[Judged]:
    return [Judged(breaks, probability) for breaks, probability in pairs]


def test_a_text_counts_as_caught_from_the_threshold_on() -> None:
    texts = judged((True, 0.5), (True, 0.49), (False, 0.5), (False, 0.1), (False, 0.2))
    assert confusion(texts, 0.5) == Confusion(caught=1, missed=1, wrongly_caught=1, let_pass=2)


def test_the_rates_are_those_of_the_definitions() -> None:
    assert rates(Confusion(caught=6, missed=2, wrongly_caught=4, let_pass=8)) == {
        "accuracy": pytest.approx(14 / 20),
        "precision": pytest.approx(0.6),
        "recall": pytest.approx(0.75),
        "f1": pytest.approx(2 * 0.6 * 0.75 / 1.35),
    }


def test_rates_of_nothing_are_zero() -> None:
    assert set(rates(Confusion(0, 0, 0, 0)).values()) == {0.0}
    assert figures([], 0.5)["ece"] == 0.0


@given(some_judged)
def test_auroc_is_the_share_of_pairs_in_the_right_order_ties_counting_half(texts: list[Judged]) -> None:
    breaking = [one.probability for one in texts if one.breaks]
    fine = [one.probability for one in texts if not one.breaks]
    if not breaking or not fine:
        assert auroc(breaking, fine) == 0.5
        return
    won = sum((one > other) + 0.5 * (one == other) for one in breaking for other in fine)
    assert auroc(breaking, fine) == pytest.approx(won / (len(breaking) * len(fine)))


@given(some_judged, st.integers(1, 20))
def test_bins_are_of_equal_count_and_hold_every_text_once(texts: list[Judged], bins: int) -> None:
    found = reliability(texts, bins)
    assert sum(one.texts for one in found) == len(texts)
    assert not found or max(one.texts for one in found) - min(one.texts for one in found) <= 1
    assert [one.said for one in found] == sorted(one.said for one in found)


def test_calibration_error_is_how_far_what_was_said_is_from_what_came() -> None:
    honest = judged(*[(number < 8, 0.8) for number in range(10)])
    assert ece(honest, bins=1) == pytest.approx(0.0)
    boasting = judged(*[(number < 5, 0.9) for number in range(10)])
    assert ece(boasting, bins=1) == pytest.approx(0.4)
    # Two bins of five: the lower is 0.1 too high, the upper 0.2.
    mixed = judged(*[(False, 0.1)] * 5, *[(number < 3, 0.8) for number in range(5)])
    assert ece(mixed, bins=2) == pytest.approx(0.15)


def test_intervals_hold_the_figure_and_are_the_same_for_the_same_seed() -> None:
    texts = judged(*[(number % 3 == 0, (number * 7 % 10) / 10) for number in range(60)])
    found = intervals(texts, 0.5, seed=4)
    assert found == intervals(texts, 0.5, seed=4)
    for name, value in figures(texts, 0.5).items():
        low, high = found[name]
        assert low <= high
        # Resampling can only add to the calibration error, so that one's interval may lie above.
        assert name == "ece" or low <= value <= high


def test_intervals_narrow_with_more_texts() -> None:
    few = judged(*[(number % 2 == 0, (number * 3 % 7) / 7) for number in range(20)])
    low, high = intervals(few, 0.5, 1)["accuracy"]
    less, more = intervals(few * 20, 0.5, 1)["accuracy"]
    assert more - less < (high - low) / 2


def test_a_rule_is_found_only_where_it_is_the_one_named() -> None:
    texts = [
        Judged(True, 0.9, likeliest="1", rule="1"),
        Judged(True, 0.9, likeliest="2", rule="1"),
        Judged(True, 0.4, likeliest="2", rule="2"),
        Judged(False, 0.7, likeliest="2", rule=None),
    ]
    found = by_rule(texts, ["1", "2"], 0.5)
    assert found["1"] == {"n": 2, "precision": 1.0, "recall": 0.5, "f1": pytest.approx(2 / 3)}
    assert found["2"] == {"n": 1, "precision": 0.0, "recall": 0.0, "f1": 0.0}
