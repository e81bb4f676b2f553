"""What taking back promises of the kinds of actions; the rest is played on the stage (tests/cogs/cases)."""

from __future__ import annotations

from bot.discord_io.caseview import ASKABLE
from bot.domain.policy import PUNISHING
from bot.pipeline.undo import UNDOINGS


def test_every_action_on_a_message_or_its_author_is_taken_back_or_said_to_be_beyond_that() -> None:
    assert set(UNDOINGS) == PUNISHING


def test_moderators_can_ask_for_every_such_action() -> None:
    assert {action.kind for action in ASKABLE.values()} == PUNISHING
