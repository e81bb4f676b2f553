"""A case in which everything is as long as it can be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.domain.decision import Ahead, Decision, Mode, Outcome
from bot.domain.policy import MAX_RULES, Action, ActionKind
from bot.domain.records import (
    ActionOutcome,
    ActionRecord,
    Appeal,
    CaseNote,
    CaseRecord,
    Review,
    ReviewKind,
    Undoing,
)
from bot.domain.submission import ContextMessage, Submission
from bot.domain.verdict import Verdict

LONG = "@everyone *_" * 1_000
ID = 2**63 - 1
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
KEY = "R" * 32
RULES = (KEY, *(f"{number}.".rjust(32, "*") for number in range(1, MAX_RULES)))


TIMEOUT = Action(ActionKind.TIMEOUT, timedelta(days=28))


def full_case(number: int = 999_999_999) -> CaseRecord:
    """Every text is long and full of markup, and there is as much of everything as there may be."""
    undoing = Undoing(ActionOutcome.FAILED, LONG)
    actions = tuple(
        ActionRecord(index, Action(kind, timedelta(days=28)), ActionOutcome.FAILED, LONG, NOW, "", NOW, ID, undoing)
        for index, kind in enumerate(ActionKind)
    )
    return CaseRecord(
        ID, number, 1,
        Submission(ID, ID, ID, 1, ID, LONG, LONG, LONG, (ContextMessage(LONG, LONG),) * 10, NOW),
        Verdict(KEY, dict.fromkeys(RULES, 0.5), "a" * 64, LONG, "b" * 64, rationale=LONG, quote=LONG, reasoning=LONG),
        Decision(Outcome.ACT, KEY, (), LONG, LONG, Ahead(TIMEOUT, NOW, KEY)), Mode.ENFORCE, 1_000_000, actions,
        (Review(ReviewKind.OTHER, ID, LONG, NOW),) * 3, NOW, "", ID, ID, (CaseNote(ID, LONG, NOW),) * 50,
        appeal=Appeal(LONG, NOW, LONG, ID, NOW, LONG), reporters=(ID,) * 1_000,
    )  # fmt: skip
