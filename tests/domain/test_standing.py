"""Repeated violations step up, shown in advance, per rule; overturned cases do not count."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.decision import Ahead, Decision, Outcome, review_for
from bot.domain.ladder import LadderTable, read_ladder
from bot.domain.policy import Action, ActionKind
from bot.domain.records import ReviewKind
from bot.domain.standing import PastCase, counting, counts_now, in_words, step_up, what_is_next

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MESSAGE = 99
FLAG, DELETE, KICK, BAN, ESCALATE, HELP = (
    Action(ActionKind(name)) for name in ("flag", "delete", "kick", "ban", "escalate", "help")
)
TIMEOUT = Action(ActionKind.TIMEOUT, HOUR)
THIRD = LadderTable(read_ladder("3 cases in 7 days: timeout 1h"))
FLAGGED = Decision(Outcome.ACT, "1", (FLAG,))


def past(message_id: int, days: float, rule: str | None = "1", outcome: Outcome = Outcome.ACT) -> PastCase:
    """A case some days ago."""
    return PastCase(message_id, NOW - days * DAY, rule, outcome)


def decided(
    *cases: PastCase, ladder: LadderTable = THIRD, decision: Decision = FLAGGED, message_id: int = MESSAGE
) -> Decision:
    return step_up(decision, ladder, cases, message_id, NOW)


def test_the_third_flag_in_seven_days_brings_the_timeout_and_says_why() -> None:
    assert decided(past(1, 1)) == replace(FLAGGED, ahead=Ahead(TIMEOUT, NOW + 6 * DAY))
    third = decided(past(1, 1), past(2, 6))
    assert third.actions == (FLAG, TIMEOUT)
    assert third.stepped == "3rd case in 7 days: timeout 1h"
    assert decided(past(1, 1), past(2, 7)).stepped == ""


def test_what_comes_next_is_shown_with_the_time_until_which_it_does() -> None:
    assert decided().ahead is None
    assert decided(past(1, 1), past(2, 6)).ahead == Ahead(TIMEOUT, NOW + 6 * DAY)
    ladder = LadderTable(read_ladder("3 in 7 days: timeout 1h; 4 in 30 days: ban"))
    assert decided(past(1, 1), past(2, 20), ladder=ladder).ahead == Ahead(BAN, NOW + 10 * DAY)


def test_who_is_banned_is_told_of_nothing_after_it() -> None:
    assert decided(past(1, 1), past(2, 2), decision=Decision(Outcome.ACT, "1", (BAN,))).ahead is None


@pytest.mark.parametrize(
    ("answer", "outcome", "stands"),
    [
        (None, Outcome.ACT, True),
        (None, Outcome.REVIEW, False),
        (ReviewKind.CONFIRM, Outcome.ACT, True),
        (ReviewKind.CONFIRM, Outcome.REVIEW, True),
        (ReviewKind.OTHER, Outcome.ACT, True),
        (ReviewKind.OTHER, Outcome.REVIEW, True),
        (ReviewKind.OVERTURN, Outcome.ACT, False),
        (ReviewKind.OVERTURN, Outcome.REVIEW, False),
    ],
)
def test_a_case_counts_that_was_acted_on_or_that_a_human_confirmed_and_none_that_was_overturned(
    answer: ReviewKind | None, outcome: Outcome, stands: bool
) -> None:
    case = replace(past(1, 1, outcome=outcome), answer=answer)
    assert case.stands is stands
    assert bool(decided(case, past(2, 1)).stepped) is stands


def test_cases_that_rest_on_no_rule_or_called_a_human_or_offered_help_do_not_count() -> None:
    ruleless = replace(past(1, 1, rule=None), answer=ReviewKind.CONFIRM)
    assert decided(ruleless, past(2, 1)).stepped == ""
    called = replace(past(1, 1), in_need=True, answer=ReviewKind.CONFIRM)
    assert decided(called, past(2, 1)).stepped == ""


@pytest.mark.parametrize("actions", [(ESCALATE,), (FLAG, HELP), (DELETE, HELP)])
def test_whoever_may_need_a_human_or_help_is_neither_punished_more_nor_warned_of_it(
    actions: tuple[Action, ...],
) -> None:
    decision = Decision(Outcome.ACT, "6", actions)
    assert decided(past(1, 1), past(2, 1), decision=decision) == decision


def test_a_message_counts_once_however_often_it_was_edited() -> None:
    assert decided(past(1, 1), past(1, 0.5)).stepped == ""
    assert decided(past(1, 1), past(MESSAGE, 0.5)).stepped == ""
    assert decided(past(1, 8), past(1, 1), past(2, 1)).stepped == "3rd case in 7 days: timeout 1h"


def test_a_rule_with_its_own_ladder_counts_its_own_cases_and_the_general_one_all_others() -> None:
    ladder = LadderTable(THIRD.default, {"2": read_ladder("2 in 1 day: kick"), "3": ()})
    others = (past(1, 1, "1"), past(2, 1, "4"))
    assert decided(*others, ladder=ladder).stepped == "3rd case in 7 days: timeout 1h"
    assert decided(past(1, 1, "2"), past(2, 1, "3"), ladder=ladder).stepped == ""
    of_two, of_three = Decision(Outcome.ACT, "2", (FLAG,)), Decision(Outcome.ACT, "3", (FLAG,))
    assert decided(*others, ladder=ladder, decision=of_two) == replace(of_two, ahead=Ahead(KICK, NOW + DAY, "2"))
    second = decided(past(3, 0.5, "2"), *others, ladder=ladder, decision=of_two)
    assert (second.stepped, second.actions) == ("2nd case of rule 2 in 1 day: kick", (FLAG, KICK))
    assert decided(past(1, 1, "3"), past(2, 1, "3"), ladder=ladder, decision=of_three) == of_three


def test_the_severer_timeout_wins_and_nothing_is_said_where_nothing_is_added() -> None:
    day, week = Action(ActionKind.TIMEOUT, DAY), Action(ActionKind.TIMEOUT, 7 * DAY)
    own = Decision(Outcome.ACT, "1", (DELETE, day))
    assert decided(past(1, 1), past(2, 1), decision=own) == replace(own, ahead=Ahead(TIMEOUT, NOW + 6 * DAY))
    severer = decided(past(1, 1), decision=own, ladder=LadderTable(read_ladder("2 in 7d: timeout 7d")))
    assert severer.actions == (DELETE, week)
    assert severer.stepped == "2nd case in 7 days: timeout 7d"


def test_where_a_human_decides_nothing_is_added() -> None:
    asked = Decision(Outcome.REVIEW, "1")
    assert decided(past(1, 1), past(2, 1), decision=asked) == replace(asked, ahead=Ahead(TIMEOUT, NOW + 6 * DAY))
    assert decided(past(1, 1), past(2, 1), decision=review_for("away")) == review_for("away")
    assert decided(past(1, 1), past(2, 1), decision=Decision(Outcome.ALLOW)) == Decision(Outcome.ALLOW)


@pytest.mark.parametrize(
    ("count", "said"), [(2, "3rd"), (3, "4th"), (10, "11th"), (11, "12th"), (20, "21st"), (21, "22nd"), (22, "23rd")]
)
def test_how_many_cases_there_are_is_said_in_english(count: int, said: str) -> None:
    cases = [past(number, 1) for number in range(count)]
    assert decided(*cases).stepped == f"{said} case in 7 days: timeout 1h"
    assert len(counting(cases, THIRD, "1")) == count


def test_it_is_told_how_many_cases_count_for_each_step_now() -> None:
    ladder = LadderTable(read_ladder("3 in 7 days: timeout 1h; 5 in 30 days: ban"), {"2": read_ladder("2 in 1d: kick")})
    overturned = replace(past(9, 1), answer=ReviewKind.OVERTURN)
    cases = [past(1, 1), past(2, 6), past(3, 7), past(4, 29), past(5, 1, "2"), overturned]
    times = counting(cases, ladder, "1")
    assert [count for _, count in counts_now(ladder, "1", times, NOW)] == [2, 4]
    assert what_is_next(ladder, "1", times, NOW) == Ahead(BAN, NOW + DAY)
    times = counting(cases, ladder, "2")
    assert [(str(step), count) for step, count in counts_now(ladder, "2", times, NOW)] == [("2 cases in 1d: kick", 0)]
    assert what_is_next(ladder, "2", times, NOW) is None


def test_durations_are_said_in_words() -> None:
    durations = (timedelta(minutes=90), HOUR, DAY, 14 * DAY, timedelta(seconds=1))
    assert [in_words(one) for one in durations] == ["90 minutes", "1 hour", "1 day", "14 days", "1 second"]
