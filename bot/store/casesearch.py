"""Looking for cases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from bot.domain.case_filter import CaseFilter
from bot.domain.records import STATUS_AFTER, CaseRecord, CaseStatus
from bot.store import tables
from bot.store.rows import read_cases
from bot.store.sessions import Sessions

_KIND_OF = {status: kind for kind, status in STATUS_AFTER.items()}
_PAGE = 200


class CaseSearch:
    """Finds a server's cases, newest first."""

    def __init__(self, sessions: Sessions) -> None:
        """Read with the store's sessions."""
        self._sessions = sessions

    async def find(self, guild_id: int, wanted: CaseFilter, limit: int, offset: int = 0) -> list[CaseRecord]:
        """Up to `limit` cases after the first `offset`."""
        query = _matching(select(tables.Case.id), guild_id, wanted).order_by(tables.Case.number.desc())
        query = query.limit(limit).offset(offset)
        return await self._sessions.read_at_once(lambda connection: read_cases(connection, query))

    async def count(self, guild_id: int, wanted: CaseFilter) -> int:
        """How many cases there are."""
        async with self._sessions.read() as session:
            return await session.scalar(_matching(select(func.count(tables.Case.id)), guild_id, wanted)) or 0

    async def all(self, guild_id: int, wanted: CaseFilter) -> AsyncIterator[CaseRecord]:
        """Every case, read a page at a time so that memory holds one page."""
        while page := await self.find(guild_id, wanted, _PAGE):
            for case in page:
                yield case
            wanted = replace(wanted, up_to=page[-1].number - 1)


def _matching(query: Select[Any], guild_id: int, wanted: CaseFilter) -> Select[Any]:
    case, row, verdict = tables.Case, tables.Submission, tables.Verdict
    query = (
        query.join(row, row.id == case.submission_id)
        .join(verdict, verdict.submission_id == case.submission_id)
        .where(case.guild_id == guild_id)
    )
    conditions: list[ColumnElement[bool]] = []
    if wanted.member_id is not None:
        conditions.append(row.author_id == wanted.member_id)
    if wanted.rule is not None:
        conditions.append(verdict.decided_rule == wanted.rule)
    if wanted.channel_id is not None:
        conditions.append(or_(row.channel_id == wanted.channel_id, row.parent_id == wanted.channel_id))
    if wanted.since is not None:
        conditions.append(case.created_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(case.created_at < wanted.until)
    if wanted.status is not None:
        conditions.append(_stands_at(wanted.status))
    if wanted.moderator_id is not None:
        answered = select(tables.Review.id).where(
            tables.Review.case_id == case.id, tables.Review.reviewer_id == wanted.moderator_id
        )
        conditions.append(answered.exists())
    if wanted.up_to is not None:
        conditions.append(case.number <= wanted.up_to)
    if wanted.hidden:
        conditions.append(row.channel_id.not_in(wanted.hidden))
        conditions.append(or_(row.parent_id.is_(None), row.parent_id.not_in(wanted.hidden)))
    return query.where(*conditions)


def _stands_at(status: CaseStatus) -> ColumnElement[bool]:
    """The last answer is of the status's kind; there is none where a case is open."""
    review = tables.Review
    last = (
        select(review.kind)
        .where(review.case_id == tables.Case.id)
        .order_by(review.id.desc())
        .limit(1)
        .correlate(tables.Case)
        .scalar_subquery()
    )
    return last.is_(None) if status is CaseStatus.OPEN else last == _KIND_OF[status]
