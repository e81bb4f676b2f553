"""Cases as a table in CSV, for spreadsheets. Pure; every id is text, as spreadsheets round large numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bot.domain.audit import THE_SHELL
from bot.domain.moderators import OPERATOR
from bot.domain.records import CaseRecord
from bot.domain.spreadsheet import csv_table
from bot.domain.submission import message_link
from bot.domain.withholding import NOT_SHOWN, as_shown
from bot.language import tr


def _probability(case: CaseRecord) -> str:
    if case.verdict is None or case.decision.rule is None:
        return ""
    return f"{case.verdict.probabilities.get(case.decision.rule, 0.0):.3f}"


def _who(moderator_id: int) -> str:
    return tr(OPERATOR) if moderator_id == THE_SHELL else str(moderator_id)


def _reviewers(case: CaseRecord) -> str:
    return "; ".join(f"{one.kind} by {_who(one.reviewer_id)} at {one.at.isoformat()}" for one in case.reviews)


def _actions(case: CaseRecord) -> str:
    return "; ".join(
        f"{one.action} {one.outcome}" + (f", undoing {one.undoing.outcome}" if one.undoing else "")
        for one in case.actions
    )


def _text(case: CaseRecord) -> str:
    said = case.submission
    if not case.only_linked:
        return said.text
    return f"{NOT_SHOWN} {message_link(said.guild_id, said.channel_id, said.message_id)}"


_COLUMNS: dict[str, Callable[[CaseRecord], str]] = {
    "case": lambda case: str(case.number),
    "created_at": lambda case: case.created_at.isoformat(),
    "status": lambda case: case.status.value,
    "channel_id": lambda case: str(case.submission.channel_id),
    "message_id": lambda case: str(case.submission.message_id),
    "author_id": lambda case: str(case.submission.author_id),
    "author": lambda case: case.submission.author_name,
    "text": _text,
    "decision": lambda case: case.decision.outcome.value,
    "rule": lambda case: case.decision.rule or "",
    "probability": _probability,
    "rationale": lambda case: case.verdict.rationale if case.verdict else "",
    "quote": lambda case: case.verdict.quote if case.verdict else "",
    "reason": lambda case: case.decision.reason,
    "mode": lambda case: case.mode.value,
    "policy_version": lambda case: str(case.policy_number or ""),
    "policy_extends": lambda case: "; ".join(str(number) for number in case.extends),
    "actions": _actions,
    "reviews": _reviewers,
    "notes": lambda case: "; ".join(f"{_who(note.author_id)}: {note.text}" for note in case.notes),
}


def cases_csv(cases: Iterable[CaseRecord]) -> str:
    """A header and a row per case; made of what members wrote, yet harmless to open."""
    return csv_table(list(_COLUMNS), [[column(case) for column in _COLUMNS.values()] for case in map(as_shown, cases)])
