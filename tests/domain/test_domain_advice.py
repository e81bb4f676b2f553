"""Where moderators keep overturning a rule, a threshold or an example is suggested, with the numbers."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bot.domain.advice import AddExample, RaiseActAt, advice_on, advise
from bot.domain.decision import Thresholds, ThresholdTable
from bot.domain.figures import ReviewedCase
from bot.domain.policy_text import parse_policy
from bot.domain.records import ReviewKind

CONFIRM, OVERTURN, OTHER = ReviewKind.CONFIRM, ReviewKind.OVERTURN, ReviewKind.OTHER
USUAL = Thresholds()


def cases(confirmed: Sequence[float], overturned: Sequence[float], other: Sequence[float] = ()) -> list[ReviewedCase]:
    """Reviewed cases of rule 1 with these probabilities, numbered from 1 on in this order."""
    given = [(CONFIRM, p) for p in confirmed] + [(OVERTURN, p) for p in overturned] + [(OTHER, p) for p in other]
    return [ReviewedCase(number, 1, "1", p, kind) for number, (kind, p) in enumerate(given, start=1)]


def test_the_act_at_above_which_they_agreed_is_suggested_with_the_numbers() -> None:
    found = advise("1", cases([0.95, 0.97, 0.99], [0.86, 0.88, 0.91]), USUAL)
    assert found == RaiseActAt(
        "1", reviewed=6, overturned=3, act_at=0.85, to=0.93, above=3, confirmed_above=3, below=3, overturned_below=3
    )


def test_where_no_threshold_parts_them_an_example_is_suggested_with_the_worst_cases_first() -> None:
    found = advise("1", cases([0.86, 0.9, 0.95], [0.87, 0.99, 0.93]), USUAL)
    assert found == AddExample("1", reviewed=6, overturned=3, cases=(5, 6, 4))


@pytest.mark.parametrize(
    ("reviewed", "is_advised"),
    [
        ([], False),
        (cases([], [0.9] * 4), False),
        (cases([], [0.9] * 5), True),
        (cases([0.9] * 4, [0.9] * 2), False),
        (cases([0.9] * 3, [0.9] * 2), True),
        (cases([0.9] * 6, [0.9] * 3), False),
        (cases([0.9] * 5, [0.9] * 3), True),
        (cases([0.9], [0.9] * 2, [0.9] * 5), False),
    ],
)
def test_it_takes_five_reviews_and_more_than_a_third_overturned(reviewed: list[ReviewedCase], is_advised: bool) -> None:
    assert (advise("1", reviewed, USUAL) is not None) is is_advised


def test_one_wrong_in_ten_above_a_threshold_is_still_agreement_and_two_are_not() -> None:
    one = advise("1", cases([0.95] * 9, [0.97] + [0.86] * 6), USUAL)
    assert isinstance(one, RaiseActAt)
    assert (one.above, one.confirmed_above) == (10, 9)
    assert isinstance(advise("1", cases([0.95] * 9, [0.97] * 2 + [0.86] * 6), USUAL), AddExample)


class Counted(float):
    """A probability that counts how often it is held against another."""

    compared = 0

    def _hold(self) -> None:
        Counted.compared += 1

    def __lt__(self, other: float) -> bool:
        self._hold()
        return float(self) < float(other)

    def __ge__(self, other: float) -> bool:
        self._hold()
        return float(self) >= float(other)


def test_each_of_many_answers_is_looked_at_a_few_times() -> None:
    many = [Counted(0.86 + number / 100_000) for number in range(2_000)]
    Counted.compared = 0
    assert isinstance(advise("1", cases(many[::2], many[1::2]), USUAL), AddExample)
    assert Counted.compared < 50 * len(many)


def test_a_threshold_that_most_of_what_was_confirmed_lies_below_parts_nothing() -> None:
    assert isinstance(advise("1", cases([0.86] * 5 + [0.99] * 2, [0.9] * 5), USUAL), AddExample)


def test_a_threshold_below_which_most_was_confirmed_parts_nothing() -> None:
    assert isinstance(advise("1", cases([0.86, 0.86, 0.95, 0.97], [0.86, 0.6, 0.6, 0.6]), USUAL), AddExample)


def test_a_single_confirmed_case_above_is_no_ground_for_a_threshold() -> None:
    assert isinstance(advise("1", cases([0.99], [0.9] * 5), USUAL), AddExample)


def test_where_only_questions_to_a_human_were_overturned_act_at_parts_them_already() -> None:
    assert isinstance(advise("1", cases([0.9, 0.95, 0.99], [0.55, 0.6, 0.7]), USUAL), AddExample)
    hardly = advise("1", cases([0.9] * 10, [0.86] + [0.6] * 9), USUAL)
    assert isinstance(hardly, AddExample)


def test_what_was_acted_on_is_what_the_servers_own_threshold_says() -> None:
    reviewed = cases([0.9, 0.95, 0.99], [0.55, 0.6, 0.7])
    found = advise("1", reviewed, Thresholds(act_at=0.5, review_at=0.3))
    assert isinstance(found, RaiseActAt)
    assert (found.act_at, found.to, found.below, found.overturned_below) == (0.5, 0.8, 3, 3)


def test_cases_close_together_are_parted_by_as_many_digits_as_that_takes() -> None:
    close = advise("1", cases([0.9963] * 3, [0.9957] * 3), USUAL)
    assert isinstance(close, RaiseActAt)
    assert close.to == 0.996
    closer = advise("1", cases([0.99999998] * 3, [0.99999997] * 3), USUAL)
    assert isinstance(closer, RaiseActAt)
    assert closer.to == 0.99999998


def test_advice_is_on_rules_as_they_read_now_and_by_their_own_thresholds() -> None:
    then = parse_policy("1. No spam. [flag]\n2. No scams. [delete]\n")
    live = parse_policy("1. No ads. [flag]\n2. No spam. [flag]\n3. No scams. [delete]\n")
    spam = cases([0.95, 0.97, 0.99], [0.86, 0.88, 0.91])
    scams = [ReviewedCase(case.number + 10, 1, "2", case.probability, case.review) for case in spam]
    unknown = [ReviewedCase(case.number + 20, 9, "1", case.probability, case.review) for case in spam]
    table = ThresholdTable(by_rule={"3": Thresholds(act_at=0.93)})
    on_spam, on_scams = advice_on([*spam, *scams, *unknown], live, {(1,): then, (2,): live}, table)
    assert isinstance(on_spam, RaiseActAt)
    assert (on_spam.rule, on_spam.to) == ("2", 0.93)
    assert on_scams == AddExample("3", 6, 3, (16, 15, 14))
