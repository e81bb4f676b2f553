"""What was done and said about a case, line by line. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bot.discord_io.text import plain
from bot.domain.case_terms import ANSWERED, BECAME, UNDONE
from bot.domain.records import CaseRecord, Undoing
from bot.language import tr
from bot.web.console.names import Names
from bot.web.console.times import written


@dataclass(frozen=True, slots=True)
class ActionLine:
    """What became of an action, why, and what became of taking it back; the last two are mostly empty."""

    became: str
    note: str
    undoing: str


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """A human's answer, with who and when, and what they wrote with it."""

    said: str
    note: str


def action_lines(case: CaseRecord, names: Names) -> list[ActionLine]:
    """A line for each action, in their order."""
    lines = []
    for one in case.actions:
        became = tr(BECAME[one.outcome], action=one.action)
        if one.asked_by is not None:
            asked_by = names.moderator(one.asked_by)
            became = tr("{became}, asked for by {moderator}", became=became, moderator=asked_by)
        undoing = undoing_words(one.undoing, names) if one.undoing is not None else ""
        lines.append(ActionLine(became, names.sentence(plain(one.note)), undoing))
    return lines


def answer_lines(case: CaseRecord, names: Names) -> list[AnswerLine]:
    """A line for each answer, oldest first."""
    return [
        AnswerLine(
            tr(ANSWERED[one.kind], moderator=names.moderator(one.reviewer_id), time=written(one.at)), plain(one.note)
        )
        for one in case.reviews
    ]


def undoing_words(undoing: Undoing, names: Names) -> str:
    """What became of taking an action back."""
    note = names.sentence(plain(undoing.note))
    return tr(UNDONE[undoing.outcome]) + (f": {note}" if note else "")
