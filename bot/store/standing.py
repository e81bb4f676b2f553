"""A member's cases as the server's ladder looks at them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, select

from bot.domain.decision import Outcome
from bot.domain.policy import CALLING
from bot.domain.records import ReviewKind
from bot.domain.standing import PastCase
from bot.store import tables
from bot.store.sessions import Sessions


class StandingRepository:
    """Reads only; a server's cases of a time are found by an index of their own."""

    def __init__(self, sessions: Sessions) -> None:
        """Read with the store's sessions."""
        self._sessions = sessions

    async def of(self, guild_id: int, member_id: int, since: datetime) -> list[PastCase]:
        """A member's cases on a server that were opened after `since`, oldest first."""
        row, verdict, case = tables.Submission, tables.Verdict, tables.Case
        review, action = tables.Review, tables.Action
        answer = (
            select(review.kind)
            .where(review.case_id == case.id)
            .order_by(review.id.desc())
            .limit(1)
            .correlate(case)
            .scalar_subquery()
        )
        in_need = exists().where(action.case_id == case.id, action.kind.in_(CALLING), action.asked_by.is_(None))
        query: Select[Any] = (
            select(row.message_id, case.created_at, verdict.decided_rule, verdict.outcome, answer, in_need)
            .select_from(case)
            .join(row, row.id == case.submission_id)
            .join(verdict, verdict.submission_id == case.submission_id)
            .where(case.guild_id == guild_id, case.created_at > since, row.author_id == member_id)
            .order_by(case.id)
        )
        async with self._sessions.read() as session:
            return [
                PastCase(message_id, at, rule, Outcome(outcome), ReviewKind(kind) if kind else None, bool(needs))
                for message_id, at, rule, outcome, kind, needs in await session.execute(query)
            ]
