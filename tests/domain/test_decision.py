"""The decision is a pure function of verdict and settings."""

from __future__ import annotations

import pytest

from bot.domain.decision import Outcome, Thresholds, ThresholdTable, decide, planned, review_for
from bot.domain.policy import Action, ActionKind
from bot.domain.policy_text import parse_policy
from bot.domain.verdict import Verdict

POLICY = parse_policy("1. No scams. [delete, timeout 1h]\n2. Self-harm. [escalate, delete, ban]\n3. Ads")


def verdict(digest: str = POLICY.digest, **probabilities: float) -> Verdict:
    rules = {key.removeprefix("r"): value for key, value in probabilities.items()}
    return Verdict(max(rules, key=rules.__getitem__), rules, digest, "tiny", "0" * 64)


@pytest.mark.parametrize(
    ("probability", "outcome"),
    [(0.0, Outcome.ALLOW), (0.499, Outcome.ALLOW), (0.5, Outcome.REVIEW), (0.849, Outcome.REVIEW), (0.85, Outcome.ACT)],
)
def test_at_act_at_the_actions_between_a_human_below_nothing(probability: float, outcome: Outcome) -> None:
    decision = decide(verdict(r1=probability, r2=0.0, r3=0.0), POLICY, ThresholdTable())
    assert decision.outcome is outcome
    assert bool(planned(decision)) == (outcome is Outcome.ACT)


def test_each_rule_has_thresholds_of_its_own() -> None:
    table = ThresholdTable(Thresholds(), {"1": Thresholds(act_at=0.99, review_at=0.95)})
    decision = decide(verdict(r1=0.94, r2=0.0, r3=0.90), POLICY, table)
    assert (decision.outcome, decision.rule) == (Outcome.ACT, "3")


def test_a_rule_that_escalates_never_deletes_or_punishes() -> None:
    decision = decide(verdict(r1=0.1, r2=0.99, r3=0.0), POLICY, ThresholdTable())
    assert planned(decision) == (Action(ActionKind.ESCALATE),)


def test_an_uncertain_verdict_on_a_rule_that_escalates_calls_a_human_too_and_does_nothing_else() -> None:
    decision = decide(verdict(r1=0.1, r2=0.6, r3=0.0), POLICY, ThresholdTable())
    assert decision.outcome is Outcome.REVIEW
    assert planned(decision) == (Action(ActionKind.ESCALATE),)


def test_a_verdict_under_another_version_goes_to_a_human() -> None:
    decision = decide(verdict(digest="f" * 64, r1=0.99, r2=0.0, r3=0.0), POLICY, ThresholdTable())
    assert decision.outcome is Outcome.REVIEW
    assert planned(decision) == ()


def test_no_failure_ever_acts() -> None:
    assert planned(review_for("the judge is away")) == ()


@pytest.mark.parametrize(("act_at", "review_at"), [(0.4, 0.5), (1.2, 0.5), (0.8, -0.1)])
def test_thresholds_out_of_order_are_refused(act_at: float, review_at: float) -> None:
    with pytest.raises(ValueError, match="thresholds"):
        Thresholds(act_at=act_at, review_at=review_at)


def test_a_human_is_called_too_where_a_likelier_rule_is_acted_on() -> None:
    decision = decide(verdict(r1=0.96, r2=0.95, r3=0.0), POLICY, ThresholdTable())
    assert decision.rule == "1"
    assert [action.kind for action in planned(decision)] == [
        ActionKind.DELETE,
        ActionKind.TIMEOUT,
        ActionKind.ESCALATE,
    ]
    alone = decide(verdict(r1=0.96, r2=0.84, r3=0.0), POLICY, ThresholdTable())
    assert ActionKind.ESCALATE not in {action.kind for action in planned(alone)}


def test_a_human_is_called_once() -> None:
    policy = parse_policy("1. No scams. [delete]\n2. Self-harm. [escalate]\n3. Threats. [escalate]")
    for first in ("r1", "r2"):
        odds = {"r1": 0.9, "r2": 0.9, "r3": 0.9} | {first: 0.99}
        planned_now = planned(decide(verdict(policy.digest, **odds), policy, ThresholdTable()))
        assert [action.kind for action in planned_now].count(ActionKind.ESCALATE) == 1
