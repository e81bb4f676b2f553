"""Brings the index of cases up to date, after a migration, a new folding or another key, and takes traces out of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from sqlalchemy import Connection, Select, func, or_, select, text

from bot.store import tables
from bot.store.case_index import index_cases
from bot.store.index_tables import CaseIndex
from bot.store.index_words import made_by
from bot.store.seal import Seal
from bot.store.sessions import Sessions

# Between two pages others get to write.
PAGE = 200
_MERGED_PAGES = 500


class Indexing:
    """The index says of each row what made it: whatever ends this, it goes on where it was."""

    def __init__(self, sessions: Sessions, seal: Seal) -> None:
        """Work with the store's sessions and its seal."""
        self._sessions = sessions
        case, index = tables.Case, CaseIndex
        self._due = (
            select(case.id)
            .outerjoin(index, index.case_id == case.id)
            .where(or_(index.case_id.is_(None), index.made_by != made_by(seal)))
        )

    async def remaining(self) -> int:
        """How many cases are not found, or not by all their words, or by words under another than the first key."""
        query = self._due.with_only_columns(func.count(), maintain_column_froms=True)
        return await self._sessions.read_at_once(lambda connection: connection.scalar(query) or 0)

    async def index_all(self, passed: Callable[[int], None]) -> int:
        """Index these, page by page; how many those were. `passed` hears of each page. StoreError for a missing key."""
        count, last = 0, 0
        query = self._due.order_by(tables.Case.id).limit(PAGE)
        # Looked for without the turn to write: where nothing is due, every case was looked at for it.
        while page := await self._sessions.read_at_once(partial(_page, query, last)):
            await self._sessions.write_at_once(partial(index_cases, case_ids=page))
            count, last = count + len(page), page[-1]
            passed(len(page))
        if count:
            await drop_traces(self._sessions)
        return count


def _page(query: Select[int], after: int, connection: Connection) -> list[int]:
    return list(connection.scalars(query.where(tables.Case.id > after)))


async def drop_traces(sessions: Sessions) -> None:
    """Have SQLite's index hold nothing of what was taken out of it.

    FTS5 notes that a word is gone, and drops it when it next puts together the part where it stands: here that is done
    at once, a bit at a time. PostgreSQL takes it out when it vacuums.
    """

    def merge(connection: Connection) -> bool:
        if connection.dialect.name != "sqlite":
            return False
        before = connection.scalar(_CHANGES)
        connection.execute(_MERGE, {"pages": -_MERGED_PAGES})
        return bool((connection.scalar(_CHANGES) or 0) - (before or 0) > 1)

    while await sessions.write_at_once(merge):
        pass


_CHANGES = text("SELECT total_changes()")
# A number below 0 also takes in what would not be put together yet.
_MERGE = text("INSERT INTO case_words(case_words, rank) VALUES ('merge', :pages)")
