"""How answers shift what the judge says of a rule: bounded, held back, from enough answers only, and by its words."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from bot.domain.calibration import (
    FEWEST_ANSWERS,
    LEAST_SHIFT,
    MOST_ANSWERS,
    MOST_SHIFT,
    PRIOR_SD,
    Answered,
    Judged,
    RuleShift,
    calibrated,
    fitted,
    in_force,
    learned_shifts,
    rescaled,
    shifted,
    taken_away,
)
from bot.domain.figures import ReviewedCase
from bot.domain.policy_text import parse_policy
from bot.domain.records import ReviewKind
from bot.domain.verdict import Verdict

CONFIRM, OVERTURN, OTHER = ReviewKind.CONFIRM, ReviewKind.OVERTURN, ReviewKind.OTHER
MODEL, ANOTHER = "a" * 64, "b" * 64
POLICY = parse_policy("1. No spam.\n2. No ads.\n")
THEN = {(1,): Judged(POLICY)}


def odds(probability: float) -> float:
    return math.log(probability / (1 - probability))


def answered(probability: float, confirmed: int, overturned: int) -> list[Answered]:
    return [Answered(probability, True)] * confirmed + [Answered(probability, False)] * overturned


def cases(
    confirmed: int,
    overturned: int,
    other: int = 0,
    *,
    rule: str = "2",
    probability: float = 0.7,
    model: str = MODEL,
    version: int = 1,
) -> list[ReviewedCase]:
    kinds = [CONFIRM] * confirmed + [OVERTURN] * overturned + [OTHER] * other
    return [
        ReviewedCase(number, version, rule, probability, kind, model_digest=model) for number, kind in enumerate(kinds)
    ]


def verdict(rule: str = "2", model: str = MODEL, **probabilities: float) -> Verdict:
    return Verdict(rule, {key[1:]: one for key, one in probabilities.items()}, "d" * 64, "m", model)


def shift(by: float, rule: str = "2", model: str = MODEL) -> RuleShift:
    return RuleShift(rule, by, 5, 9, model)


# -- the fit -----------------------------------------------------------------------------------------------


def test_nothing_is_shifted_by_no_answers_or_by_answers_that_say_what_the_judge_says() -> None:
    assert fitted([]) == 0.0
    assert fitted(answered(0.5, 10, 10)) == pytest.approx(0.0, abs=1e-9)
    assert fitted(answered(0.75, 30, 10)) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(("probability", "confirmed", "overturned"), [(0.5, 6, 14), (0.7, 5, 9), (0.6, 20, 2)])
def test_the_most_probable_shift_is_where_the_answers_and_the_prior_pull_alike(
    probability: float, confirmed: int, overturned: int
) -> None:
    found = fitted(answered(probability, confirmed, overturned))
    expected = 1 / (1 + math.exp(-odds(probability) - found))
    assert confirmed - (confirmed + overturned) * expected == pytest.approx(found / PRIOR_SD**2, abs=1e-6)


def test_with_very_many_answers_what_the_judge_says_becomes_the_share_confirmed() -> None:
    found = fitted(answered(0.8, 6_000, 4_000))
    assert found == pytest.approx(odds(0.6) - odds(0.8), abs=0.01)


def test_the_prior_holds_back_the_more_the_fewer_the_answers() -> None:
    few, more, many = (fitted(answered(0.8, 3 * times, 3 * times)) for times in (1, 4, 40))
    assert 0 > few > more > many > odds(0.5) - odds(0.8)


@pytest.mark.parametrize("probability", [1e-12, 0.0, 0.02, 0.98, 1.0])
def test_no_answers_shift_further_than_the_bound(probability: float) -> None:
    assert fitted(answered(probability, 0, 500)) >= -MOST_SHIFT
    assert fitted(answered(probability, 500, 0)) <= MOST_SHIFT
    assert fitted(answered(0.98, 0, 500)) == pytest.approx(-MOST_SHIFT, abs=1e-6)
    assert fitted(answered(0.02, 500, 0)) == pytest.approx(MOST_SHIFT, abs=1e-6)


def test_a_shift_is_taken_off_again_and_what_is_certain_stays() -> None:
    for probability in (0.001, 0.3, 0.85, 0.9999):
        assert shifted(shifted(probability, -1.2), 1.2) == pytest.approx(probability)
    assert (shifted(0.0, 1.0), shifted(1.0, -1.0), shifted(0.3, 0.0)) == (0.0, 1.0, 0.3)


# -- from cases --------------------------------------------------------------------------------------------


def learned(*found: Sequence[ReviewedCase]) -> dict[str, RuleShift]:
    return {one.rule: one for one in learned_shifts(POLICY, [case for some in found for case in some], THEN)}


def test_a_rule_that_moderators_keep_overturning_is_taken_as_less_likely_and_no_other() -> None:
    (found,) = learned(cases(5, 9), cases(FEWEST_ANSWERS, 0, rule="1", probability=0.995)).values()
    assert (found.rule, found.confirmed, found.overturned, found.model_digest) == ("2", 5, 9, MODEL)
    assert found.shift == pytest.approx(fitted(answered(0.7, 5, 9)))
    assert -MOST_SHIFT < found.shift < -LEAST_SHIFT


def test_fewer_answers_than_the_fewest_change_nothing_and_another_action_is_no_answer() -> None:
    assert learned(cases(0, FEWEST_ANSWERS - 1, other=20)) == {}
    assert learned(cases(0, FEWEST_ANSWERS, other=20))["2"].answers == FEWEST_ANSWERS


def test_the_newest_answers_of_a_rule_count() -> None:
    found = learned(cases(0, MOST_ANSWERS), cases(MOST_ANSWERS, 0))["2"]
    assert (found.confirmed, found.overturned) == (0, MOST_ANSWERS)


def test_a_rule_is_its_words_and_begins_anew_with_others() -> None:
    moved = learned_shifts(parse_policy("1. No ads.\n2. No scams.\n"), cases(5, 9), THEN)
    assert [one.rule for one in moved] == ["1"]
    assert learned_shifts(parse_policy("1. No spam.\n2. No ads, please.\n"), cases(5, 9), THEN) == ()
    assert learned_shifts(POLICY, cases(5, 9, version=2), THEN) == (), "that version is gone"


def test_only_answers_about_the_model_that_was_answered_last_count() -> None:
    found = learned(cases(0, FEWEST_ANSWERS), cases(50, 0, model=ANOTHER))["2"]
    assert (found.answers, found.model_digest) == (FEWEST_ANSWERS, MODEL)
    assert learned(cases(0, 1), cases(0, 50, model=ANOTHER)) == {}


def test_what_was_calibrated_before_is_not_calibrated_twice() -> None:
    plain = learned(cases(5, 9))["2"]
    calibrated_then = {(1,): Judged(POLICY, {"2": plain})}
    (again,) = learned_shifts(POLICY, cases(5, 9, probability=shifted(0.7, plain.shift)), calibrated_then)
    assert again.shift == pytest.approx(plain.shift)


def test_what_moderators_took_away_stays_away_and_says_so() -> None:
    (found,) = learned_shifts(POLICY, cases(5, 9), THEN, {"2"})
    assert found.is_taken_away
    assert (found.confirmed, found.overturned) == (5, 9)
    assert learned_shifts(POLICY, cases(1, 1), THEN, {"2"}) == ()
    assert taken_away([shift(-0.6)])[0].is_taken_away


# -- applied -----------------------------------------------------------------------------------------------


def test_a_verdict_is_shifted_and_another_rule_may_be_likeliest_then() -> None:
    said = calibrated(verdict("2", _1=0.6, _2=0.7), {"2": shift(-1.0)})
    assert said.probabilities == {"1": 0.6, "2": pytest.approx(1 / (1 + math.exp(1 - odds(0.7))))}
    assert said.rule == "1"


def test_reasons_for_a_rule_that_is_no_longer_the_likeliest_are_left_out() -> None:
    told = Verdict("2", {"1": 0.6, "2": 0.7}, "d" * 64, "m", MODEL, rationale="It sells.", quote="buy")
    assert calibrated(told, {"2": shift(-1.0)}).rationale == ""
    assert calibrated(told, {"2": shift(1.0)}).rationale == "It sells."


def test_without_a_shift_for_its_model_and_rules_a_verdict_is_itself() -> None:
    said = verdict("2", _1=0.6, _2=0.7)
    for shifts in ({}, {"2": shift(-1.0, model=ANOTHER)}, {"3": shift(-1.0, "3")}, {"2": shift(0.0)}):
        assert calibrated(said, shifts) is said


def test_a_case_is_seen_as_it_would_count_now() -> None:
    (case,) = cases(1, 0, probability=shifted(0.9, -0.5))
    then, now = {"2": shift(-0.5)}, {"1": shift(-1.0, "1")}
    assert rescaled(case, then, now, "1").probability == pytest.approx(shifted(0.9, -1.0))
    assert rescaled(case, then, then, "2") == case


def test_where_policies_extend_one_another_a_rule_goes_by_the_version_that_wrote_it() -> None:
    outer = parse_policy("1. No spam.\n2. No ads.\n"), {"1": shift(-1.0, "1"), "2": shift(-0.8)}
    inner = parse_policy("2. No cats.\n3. No dogs.\n"), {"3": shift(0.7, "3")}
    whole = parse_policy("1. No spam.\n2. No cats.\n3. No dogs.\n")
    assert in_force([outer, inner], whole) == {"1": outer[1]["1"], "3": inner[1]["3"]}, "rule 2 is another there"
    same = parse_policy("1. No spam.\n"), {}
    assert in_force([outer, same], whole) == {}, "the channel has the rule of its own, uncalibrated"
