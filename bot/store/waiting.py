"""The queue of what waits for a human: kept on each case, so that finding its head costs one look into an index."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.records import CLAIM_LASTS, CaseRecord
from bot.store import tables
from bot.store.case_steps import queue
from bot.store.rows import case_record, read_cases
from bot.store.sessions import Sessions, on_connection


async def queued(session: AsyncSession, case: tables.Case) -> CaseRecord:
    """As `queue`, in a session's transaction."""
    return await on_connection(session, lambda connection: queue(connection, case.id))


class WaitingCases:
    """A server's cases that wait for a human, oldest first; those in `hidden` channels are left out."""

    def __init__(self, sessions: Sessions) -> None:
        """Work with the store's sessions."""
        self._sessions = sessions

    async def find(self, guild_id: int, hidden: Collection[int], limit: int, offset: int = 0) -> list[CaseRecord]:
        """Up to `limit` cases after the first `offset`."""
        query = _oldest_first(select(tables.Case.id), guild_id, hidden).limit(limit).offset(offset)
        return await self._sessions.read_at_once(lambda connection: read_cases(connection, query))

    async def count(self, guild_id: int, hidden: Collection[int]) -> int:
        """How many there are."""
        query = _waiting(select(func.count(tables.Case.id)), guild_id, hidden)
        async with self._sessions.read() as session:
            return await session.scalar(query) or 0

    async def claim_next(
        self, guild_id: int, hidden: Collection[int], moderator_id: int, now: datetime
    ) -> CaseRecord | None:
        """Let a moderator hold the oldest case that nobody holds, for `CLAIM_LASTS`; None where there is none.

        Of two who ask at once each gets another.
        """
        case = tables.Case
        is_free = or_(case.claimed_at.is_(None), case.claimed_at <= now - CLAIM_LASTS)
        query = _oldest_first(select(case), guild_id, hidden).where(is_free).limit(1)
        async with self._sessions.write() as session:
            found = await session.scalar(query.with_for_update(of=case, skip_locked=True))
            if found is None:
                return None
            found.claimed_by, found.claimed_at = moderator_id, now
            await session.flush()
            return await case_record(session, found.id)


def _waiting(query: Select[Any], guild_id: int, hidden: Collection[int]) -> Select[Any]:
    case, row = tables.Case, tables.Submission
    query = query.where(case.guild_id == guild_id, case.waiting_since.is_not(None))
    if not hidden:
        return query
    return query.join(row, row.id == case.submission_id).where(
        row.channel_id.not_in(hidden), or_(row.parent_id.is_(None), row.parent_id.not_in(hidden))
    )


def _oldest_first(query: Select[Any], guild_id: int, hidden: Collection[int]) -> Select[Any]:
    return _waiting(query, guild_id, hidden).order_by(tables.Case.waiting_since, tables.Case.id)
