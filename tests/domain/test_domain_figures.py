"""Agreement, and which cases count for which rule of the live policy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.figures import Answers, ByRule, Span, Tally, answers, by_rule, live_key
from bot.domain.policy_text import parse_policy
from bot.domain.records import ReviewKind

THEN = parse_policy("1. No spam. [flag]\n2. No scams. [delete]\n3. No insults. [flag]\n")
LIVE = parse_policy("1. No spam, ever. [flag]\n2. No insults. [delete]\n3. No   scams. [delete]\n")


@pytest.mark.parametrize(
    ("given", "agreement"),
    [
        (Answers(cases=10), None),
        (Answers(cases=10, other=3), None),
        (Answers(cases=10, confirmed=3, overturned=1), 0.75),
        (Answers(cases=10, confirmed=3, overturned=1, other=6), 0.75),
        (Answers(cases=2, overturned=2), 0.0),
    ],
)
def test_agreement_is_the_share_confirmed_of_what_was_confirmed_or_overturned(
    given: Answers, agreement: float | None
) -> None:
    assert given.agreement == agreement


def test_answers_are_counted_by_what_was_said() -> None:
    kinds = (ReviewKind.CONFIRM, ReviewKind.OVERTURN, ReviewKind.OTHER, None)
    assert sum((answers(kind, 2) for kind in kinds), Answers()) == Answers(8, 2, 2, 2)


def test_a_rule_is_known_by_its_words_wherever_it_stands_now() -> None:
    assert live_key("2", THEN, LIVE) == "3"
    assert live_key("3", THEN, LIVE) == "2"
    assert live_key("1", THEN, LIVE) is None
    assert live_key("9", THEN, LIVE) is None
    assert live_key("1", None, LIVE) is None
    assert live_key("1", THEN, None) is None


def test_a_rule_is_looked_up_in_what_the_versions_judged_by_came_to() -> None:
    extended = parse_policy("2. No scams. [delete]\n9. No insults. [delete]\n")
    counted = by_rule([Tally(4, "9", Answers(2), (1,)), Tally(4, "9", Answers(5))], LIVE, {(1, 4): extended})
    assert counted == ByRule({"2": Answers(2)}, gone=Answers(5))


def test_of_two_rules_with_the_same_words_each_keeps_its_number() -> None:
    twice = parse_policy("1. No spam. [flag]\n2. No spam. [delete]\n")
    assert [live_key(key, twice, twice) for key in ("1", "2")] == ["1", "2"]


def test_cases_count_for_the_rule_that_has_their_words_now_and_else_for_those_that_are_gone() -> None:
    now = by_rule(
        [
            Tally(1, "1", Answers(4, 1)),
            Tally(1, "2", Answers(3, 2)),
            Tally(2, "3", Answers(2, 1, 1)),
            Tally(7, "3", Answers(5)),
            Tally(None, None, Answers(1)),
        ],
        LIVE,
        {(1,): THEN, (2,): LIVE},
    )
    assert now == ByRule({"3": Answers(5, 3, 1)}, gone=Answers(9, 1), unjudged=Answers(1))
    assert now.together == Answers(15, 4, 1)


def test_without_a_live_policy_every_rule_is_gone() -> None:
    assert by_rule([Tally(1, "1", Answers(4))], None, {(1,): THEN}) == ByRule(gone=Answers(4))


def test_the_span_before_is_as_long_and_ends_where_this_one_begins() -> None:
    until = datetime(2026, 1, 31, tzinfo=UTC)
    span = Span(until - timedelta(days=30), until)
    assert span.before() == Span(until - timedelta(days=60), until - timedelta(days=30))
