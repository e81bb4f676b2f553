"""Other thresholds: what is reckoned from stored probabilities is what a decision would come to."""

from __future__ import annotations

import random
from datetime import UTC, datetime

from bot.domain.backtest import Sample
from bot.domain.decision import Outcome, Thresholds, ThresholdTable, decide
from bot.domain.policy_text import parse_policy
from bot.domain.submission import Submission
from bot.domain.verdict import Verdict
from bot.domain.what_if import made_of, what_if

POLICY = parse_policy("1. No cats.\n2. No dogs.\n3. No birds. [escalate]\n")


def sample(number: int, *shares: float) -> Sample:
    said = Submission(1, 2, number, 0, 3, "someone", "x", "x", (), datetime(2026, 1, 1, tzinfo=UTC))
    probabilities = dict(zip("123", shares, strict=False))
    return Sample(number, said, Verdict(None, probabilities, POLICY.digest, "m", "d") if shares else None)


def test_the_outcome_and_its_rule_are_those_of_the_decision() -> None:
    chance = random.Random(1)

    def thresholds() -> Thresholds:
        review, act = sorted((chance.random(), chance.random()))
        return Thresholds(act, review)

    for _ in range(500):
        probabilities = {key: chance.random() for key in "123"}
        table = ThresholdTable(thresholds(), {"2": thresholds()})
        decided = decide(Verdict("1", probabilities, POLICY.digest, "m", "d"), POLICY, table)
        made = made_of(probabilities, table)
        assert made.outcome is decided.outcome
        assert decided.rule in {None, made.rule}


def test_messages_are_counted_now_and_then_and_those_that_move_are_named_newest_first() -> None:
    samples = [sample(3, 0.9), sample(2, 0.6), sample(1, 0.1), sample(0)]
    now, then = ThresholdTable(Thresholds(0.8, 0.5)), ThresholdTable(Thresholds(0.55, 0.05))
    found = what_if(samples, now, then)
    assert found.judged == 3
    assert found.now == {Outcome.ACT: 1, Outcome.REVIEW: 1, Outcome.ALLOW: 1}
    assert found.then == {Outcome.ACT: 2, Outcome.REVIEW: 1, Outcome.ALLOW: 0}
    assert [one.sample.journal_id for one in found.moved] == [2, 1]


def test_a_verdict_on_no_rule_is_left_alone() -> None:
    assert made_of({}, ThresholdTable()).outcome is Outcome.ALLOW
