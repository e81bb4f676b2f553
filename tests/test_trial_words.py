"""What became of a message, in words that moderators know."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.domain.decision import Decision, Mode, Outcome
from bot.domain.policy import Action, ActionKind
from bot.domain.records import ActionOutcome, ActionRecord, CaseRecord, Judgement, ReviewKind
from bot.domain.submission import Submission
from bot.sandbox.marks import LONGEST
from bot.trial.words import PAST, on_answered, on_opened, on_passed_over, on_settled

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SUBMISSION = Submission(1, 2, None, 3, 0, 4, "ann", "hello", "hello", (), NOW)
KINDS = tuple(ActionKind)


def case(decision: Decision, *done: ActionKind, outcome: ActionOutcome = ActionOutcome.DONE, **more: Any) -> CaseRecord:
    records = tuple(ActionRecord(place, Action(kind), outcome) for place, kind in enumerate(done))
    mode = more.pop("mode", Mode.ENFORCE)
    return CaseRecord(1, 7, 1, SUBMISSION, None, decision, mode, 1, records, (), NOW, "nonce", **more)


def words(found: CaseRecord) -> tuple[str, str]:
    return on_settled(found.judgement(NOW), found)


def test_a_message_that_is_let_be_is_allowed() -> None:
    allowed = Judgement(1, SUBMISSION, None, Decision(Outcome.ALLOW), Mode.ENFORCE, 1, None, NOW)
    assert on_settled(allowed, None) == ("allowed", "good")


def test_one_that_the_settings_leave_out_says_why_in_as_many_words_as_a_mark_has() -> None:
    assert on_passed_over("moderators are exempt") == ("not judged: moderators are exempt", "quiet")
    assert len(on_passed_over("x" * 200)[0]) == LONGEST


def test_one_that_nobody_judged_says_why() -> None:
    dropped = Judgement(
        1, SUBMISSION, None, Decision(Outcome.ALLOW, reason="the server has no policy"), Mode.OFF, None, None, NOW
    )
    assert on_settled(dropped, None) == ("not judged: the server has no policy", "warning")


@pytest.mark.parametrize(
    ("done", "expected"),
    [
        ((ActionKind.DELETE, ActionKind.TIMEOUT), ("deleted, author timed out: rule 2, case 7", "bad")),
        ((ActionKind.FLAG,), ("flagged: rule 2, case 7", "warning")),
        ((ActionKind.ESCALATE, ActionKind.HELP), ("moderators called, author offered help: rule 2, case 7", "warning")),
    ],
)
def test_what_was_done_stands_first_and_then_rule_and_case(
    done: tuple[ActionKind, ...], expected: tuple[str, str]
) -> None:
    assert words(case(Decision(Outcome.ACT, "2"), *done)) == expected


def test_what_failed_is_not_said_to_be_done() -> None:
    failed = case(Decision(Outcome.ACT, "2"), ActionKind.DELETE, outcome=ActionOutcome.FAILED)
    assert words(failed) == ("nothing could be done: rule 2, case 7", "warning")


def test_in_shadow_mode_nothing_is_done() -> None:
    shadow = case(Decision(Outcome.ACT, "2"), ActionKind.DELETE, outcome=ActionOutcome.SKIPPED, mode=Mode.SHADOW)
    assert words(shadow) == ("shadow mode, nothing done: rule 2, case 7", "warning")


def test_what_a_human_decides_is_for_a_moderator() -> None:
    assert words(case(Decision(Outcome.REVIEW, "3"))) == ("for a moderator: rule 3, case 7", "warning")
    assert words(case(Decision(Outcome.REVIEW, None, (), "the judge is away"))) == (
        "for a moderator: case 7",
        "warning",
    )


def test_while_a_case_is_written_its_rule_is_named() -> None:
    assert on_opened(case(Decision(Outcome.ACT, "2"))) == ("breaks rule 2: the case is being written", "waiting")
    assert on_opened(case(Decision(Outcome.REVIEW, "2")))[0] == "may break rule 2: the case is being written"
    assert on_opened(case(Decision(Outcome.REVIEW)))[0] == "for a moderator: the case is being written"


def test_an_answer_is_a_moderators_own() -> None:
    of_rule = case(Decision(Outcome.ACT, "2"), ActionKind.DELETE)
    assert on_answered(of_rule, ReviewKind.CONFIRM) == ("confirmed by a moderator: rule 2, case 7", "bad")
    assert on_answered(of_rule, ReviewKind.OVERTURN) == ("overturned by a moderator: rule 2, case 7", "good")
    assert on_answered(of_rule, ReviewKind.OTHER) == ("decided by a moderator: rule 2, case 7", "bad")


def test_every_action_has_a_word_and_all_of_them_together_fit_into_a_mark() -> None:
    assert set(PAST) == set(ActionKind)
    text, _ = words(case(Decision(Outcome.ACT, "12"), *KINDS))
    assert len(text) <= LONGEST
    assert text.endswith(": rule 12, case 7")
