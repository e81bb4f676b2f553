"""Figures: what was judged, done and answered on one server, counted by the database."""

from __future__ import annotations

from sqlalchemy import func, select

from bot.domain.figures import Queue
from bot.domain.records import JournalState
from bot.store import tables
from bot.store.sessions import Sessions

_WAITING = (JournalState.PENDING, JournalState.CLAIMED)


class FigureRepository:
    """Reads only, and of the server that is named only."""

    def __init__(self, sessions: Sessions) -> None:
        """Work with the store's sessions."""
        self._sessions = sessions

    async def queue(self, guild_id: int) -> Queue:
        """What is not through yet."""
        row = tables.Submission
        query = (
            select(row.state, func.count(), func.min(row.received_at))
            .where(row.guild_id == guild_id, row.state.in_([*_WAITING, JournalState.JUDGED]))
            .group_by(row.state)
        )
        async with self._sessions.read() as session:
            found = {JournalState(state): (count, oldest) for state, count, oldest in await session.execute(query)}
        waiting = [found[state] for state in _WAITING if state in found]
        return Queue(
            waiting=sum(count for count, _ in waiting),
            oldest=min((oldest for _, oldest in waiting), default=None),
            unfinished=found[JournalState.JUDGED][0] if JournalState.JUDGED in found else 0,
        )
