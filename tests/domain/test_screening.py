"""A screen's threshold is chosen for the recall that is asked for, and says what it rests on."""

from __future__ import annotations

import pytest

from bot.domain.evaluation import Judged
from bot.domain.screening import FEW_BREAKING, lower_bound, threshold_for


def texts(breaking: list[float], fine: list[float]) -> list[Judged]:
    return [*(Judged(True, p) for p in breaking), *(Judged(False, p) for p in fine)]


def test_the_highest_threshold_that_keeps_the_recall_is_chosen() -> None:
    found = threshold_for(texts([0.9, 0.8, 0.4, 0.1], [0.7, 0.3, 0.2, 0.0]), 0.75)
    assert (found.pass_below, found.recall, found.passed_on, found.breaking) == (0.4, 0.75, 0.5, 4)


def test_for_a_recall_of_all_nothing_that_breaks_the_policy_passes() -> None:
    found = threshold_for(texts([0.9, 0.12345], [0.2, 0.1]), 1.0)
    assert found.pass_below == 0.1234
    assert (found.recall, found.passed_on) == (1.0, 0.75)


@pytest.mark.parametrize("recall", [0.05, 0.5, 0.95, 1.0])
def test_the_recall_is_never_less_than_asked_for(recall: float) -> None:
    breaking = [number / 20 for number in range(20)]
    found = threshold_for(texts(breaking, [0.5]), recall)
    assert found.recall >= recall
    assert found.recall == pytest.approx(recall, abs=0.01)


def test_texts_of_the_same_probability_go_on_together() -> None:
    assert threshold_for(texts([0.5, 0.5, 0.5], [0.5]), 0.3).passed_on == 1.0


def test_few_breaking_texts_are_said_to_be_few_and_their_recall_to_be_unsure() -> None:
    few = threshold_for(texts([0.9] * 20, [0.1]), 0.95)
    many = threshold_for(texts([0.9] * FEW_BREAKING, [0.1]), 0.95)
    assert (few.rests_on_few, many.rests_on_few) == (True, False)
    # All of n caught: 0.05 ** (1 / n).
    assert few.recall_at_least == pytest.approx(0.05 ** (1 / 20), abs=1e-6)
    assert few.recall_at_least < many.recall_at_least < 1.0


def test_the_bound_holds_for_many_texts_and_for_none_caught() -> None:
    assert lower_bound(4_750, 5_000) == pytest.approx(0.945, abs=0.002)
    assert lower_bound(0, 10) == 0.0


@pytest.mark.parametrize("recall", [0.0, -1.0, 1.5])
def test_a_recall_that_is_none_is_refused(recall: float) -> None:
    with pytest.raises(ValueError, match="recall"):
        threshold_for(texts([0.5], []), recall)


def test_without_a_text_that_breaks_the_policy_there_is_no_threshold() -> None:
    with pytest.raises(ValueError, match="no text breaks"):
        threshold_for(texts([], [0.1]), 0.9)
