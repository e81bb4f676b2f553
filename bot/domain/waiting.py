"""What waits for a human, why and since when: this is the one place that says so. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.decision import Outcome
from bot.domain.policy import ActionKind
from bot.domain.records import CaseRecord


class Why(StrEnum):
    """Why a case waits for a human."""

    APPEAL = "appeal"
    ESCALATION = "escalation"
    REPORT = "report"
    FAILURE = "failure"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why a case waits, and since when."""

    why: Why
    since: datetime


def waiting(case: CaseRecord) -> Waiting | None:
    """What a case waits for a human with; None where a human has spoken, or the bot decided by itself.

    An appeal counts before everything else: its author waits too. It waits as well where the case was answered before.
    """
    if case.appeal is not None and case.appeal_waits:
        return Waiting(Why.APPEAL, case.appeal.at)
    if case.answer is not None:
        return None
    if any(action.kind is ActionKind.ESCALATE for action in case.decision.actions):
        return Waiting(Why.ESCALATION, case.created_at)
    if case.reported_at is not None:
        return Waiting(Why.REPORT, case.reported_at)
    if case.decision.outcome is not Outcome.REVIEW:
        return None
    # Of a verdict that was good for nothing, or of none, no rule was decided on.
    return Waiting(Why.UNSURE if case.decision.rule is not None else Why.FAILURE, case.created_at)
