"""What would be done about a text, in every mode and for every decision."""

from __future__ import annotations

import pytest

from bot.discord_io.trial_text import would_do
from bot.domain.decision import Decision, Mode, Outcome
from bot.domain.policy import Action, ActionKind

DELETE, CALL = Action(ActionKind.DELETE), Action(ActionKind.ESCALATE)
FINE = "nothing: the message is fine"


@pytest.mark.parametrize(
    ("decision", "enforced", "shadow", "off"),
    [
        (Decision(Outcome.ALLOW), FINE, FINE, FINE),
        (
            Decision(Outcome.ACT, "1", (DELETE, CALL)),
            "delete, escalate",
            "nothing, as the mode is shadow; when enforced: delete, escalate",
            "nothing, as the mode is off; when enforced: delete, escalate",
        ),
        (
            Decision(Outcome.REVIEW, "1", (CALL,)),
            "a human is asked, and called at once",
            "a human is asked",
            "nothing, as the mode is off; when enforced: a human is asked, and called at once",
        ),
        (
            Decision(Outcome.REVIEW, "1"),
            "a human is asked",
            "a human is asked",
            "nothing, as the mode is off; when enforced: a human is asked",
        ),
        (
            Decision(Outcome.ACT, "1"),
            "flag",
            "nothing, as the mode is shadow; when enforced: flag",
            "nothing, as the mode is off; when enforced: flag",
        ),
    ],
)
def test_what_would_be_done_depends_on_decision_and_mode(
    decision: Decision, enforced: str, shadow: str, off: str
) -> None:
    assert [would_do(decision, mode) for mode in (Mode.ENFORCE, Mode.SHADOW, Mode.OFF)] == [enforced, shadow, off]
