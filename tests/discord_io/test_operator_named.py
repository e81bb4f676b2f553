"""Whoever sits at the bot's machine answers cases under no member's id: nobody is shown as a mention of nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.discord_io.appeal_text import notice_text
from bot.discord_io.embeds import case_embed
from bot.domain.audit import THE_SHELL
from bot.domain.case_csv import cases_csv
from bot.domain.decision import Decision, Mode, Outcome
from bot.domain.moderators import moderator_mention
from bot.domain.policy import Action, ActionKind
from bot.domain.records import (
    ActionOutcome,
    ActionRecord,
    Appeal,
    CaseNote,
    CaseRecord,
    Review,
    ReviewKind,
)
from bot.domain.submission import Submission
from cogs.render_case import appeal_embed, notes_embed
from cogs.render_queue import queue_embed

NOW = datetime(2026, 1, 2, tzinfo=UTC)
NAMED = "the operator of the bot's machine"


def case(appeal: Appeal | None = None) -> CaseRecord:
    said = Submission(1, 2, 3, 0, 4, "ana", "words", "words", (), NOW)
    action = ActionRecord(1, Action(ActionKind.DELETE), ActionOutcome.DONE, asked_by=THE_SHELL)
    return CaseRecord(
        1,
        5,
        1,
        said,
        None,
        Decision(Outcome.REVIEW, "1"),
        Mode.ENFORCE,
        None,
        (action,),
        (Review(ReviewKind.OTHER, THE_SHELL, "delete", NOW),),
        NOW,
        "",
        notes=(CaseNote(THE_SHELL, "noted", NOW),),
        claimed_by=THE_SHELL,
        claimed_at=NOW,
        appeal=appeal,
    )


def test_a_member_is_mentioned_and_the_operator_named() -> None:
    assert moderator_mention(17) == "<@17>"
    assert moderator_mention(THE_SHELL) == NAMED


def test_the_post_of_a_case_names_who_answered_asked_noted_claimed_and_answered_the_appeal() -> None:
    waits = case(Appeal("please", NOW + timedelta(hours=1)))
    answered = case(Appeal("please", NOW, "no", THE_SHELL, NOW))
    for shown in (case_embed(waits, ""), case_embed(answered, "")):
        assert "<@0>" not in str(shown.to_dict())
    fields = {field.name: str(field.value) for field in case_embed(waits, "").fields}
    assert all(NAMED in fields[name] for name in ("Actions", "Claimed", "Answer", "Notes"))
    assert f"answered by {NAMED}" in str(case_embed(answered, "").to_dict())


def test_lists_notes_notices_and_tables_name_the_operator_too() -> None:
    waits = case(Appeal("please", NOW + timedelta(hours=1), "no", THE_SHELL))
    notes, appeal = notes_embed(waits), appeal_embed(case(Appeal("please", NOW, "no", THE_SHELL, NOW)))
    assert notes is not None
    assert appeal is not None
    queue = queue_embed([waits], 1, 0, 1, NOW)
    for text in (notes.description, appeal.description, queue.description, notice_text(waits), cases_csv([waits])):
        assert NAMED in str(text)
        assert "<@0>" not in str(text)
    assert f"other by {NAMED} at" in cases_csv([waits])
    assert f"{NAMED}: noted" in cases_csv([waits])
