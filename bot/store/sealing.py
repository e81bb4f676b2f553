"""What in the database is sealed, what is not, and sealing that."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, and_, bindparam, func, literal, or_, select
from sqlalchemy.exc import DBAPIError

from bot.language import tr
from bot.store.engine import StoreError, sqlite_file
from bot.store.indexing import Indexing
from bot.store.seal import SEALED, WITHOUT_ITS_KEY, Seal
from bot.store.sealed_columns import as_kept, quote, sealed_columns
from bot.store.sessions import Sessions
from bot.store.tables import Base
from bot.store.wal import shorten_log

# Between two pages others get to write.
PAGE = 200
_NOTHING = ("", "[]", "{}", "null")


class Sealing:
    """The chain knows nothing of it: it commits to what was said, not to how that is kept.

    The index of cases is sealed last: it is made of what the others hold.
    """

    def __init__(self, sessions: Sessions, url: str, seal: Seal, indexing: Indexing) -> None:
        """Work with the store's sessions and its seal, and on its index; `url` is the database's."""
        self._sessions = sessions
        self._indexing = indexing
        self._file = sqlite_file(url)
        self._seal = seal

    async def check(self) -> None:
        """StoreError where something is sealed with a key that is not there. Reads every row.

        A database that is damaged is none the worse for it: that is found by who reads what is damaged.
        """
        async with self._sessions.read() as session:
            for table, columns in sealed_columns(Base.metadata.sorted_tables):
                locked = or_(*(self._is_locked(column) for column in columns))
                with suppress(DBAPIError):
                    if await session.scalar(select(literal(1)).select_from(table).where(locked).limit(1)):
                        raise StoreError(tr(WITHOUT_ITS_KEY))

    async def remaining(self) -> int:
        """How many rows hold words that are plain, or under another than the first key; all where there is none.

        Where all are sealed, those of the index that is to be made of them. StoreError where they cannot be read.
        """
        count = 0
        try:
            async with self._sessions.read() as session:
                for table, columns in sealed_columns(Base.metadata.sorted_tables):
                    waits = or_(*(self._waits(column) for column in columns))
                    count += await session.scalar(select(func.count()).select_from(table).where(waits)) or 0
            count = count or await self._indexing.remaining()
        except DBAPIError:
            raise StoreError("The database cannot be read: `lawspeaker db check` says what is wrong.") from None
        return count

    async def seal_all(self, passed: Callable[[int], None]) -> int:
        """Seal these rows with the first key, page by page, and make the index anew; how many those were.

        `passed` hears of each page of what is sealed.

        Whatever ends it, it goes on where it was when it is called again.
        """
        count = 0
        for table, columns in sealed_columns(Base.metadata.sorted_tables):
            (key,) = table.primary_key
            waits = or_(*(self._waits(column) for column in columns))
            anew = table.update().where(key == bindparam("of_row"))
            anew = anew.values({column: bindparam(f"new_{column.name}", type_=column.type) for column in columns})
            last = 0
            while page := await self._page(select(key).where(waits, key > last).order_by(key).limit(PAGE)):
                async with self._sessions.write() as session:
                    query = select(key, *columns).where(waits, key.in_(page)).order_by(key).with_for_update()
                    if found := (await session.execute(query)).all():
                        await session.execute(anew, [_values(columns, list(row)) for row in found])
                last = page[-1]
                count += len(found)
                passed(len(found))
        indexed = await self._indexing.index_all(lambda _: None)
        if self._file is not None:
            await asyncio.to_thread(shorten_log, self._file)
        return count or indexed

    async def _page(self, query: Select[Any]) -> list[int]:
        """Looked for without the turn to write: where little waits, all the others are gone through for it."""
        async with self._sessions.read() as session:
            return list(await session.scalars(query))

    def _is_locked(self, column: Column[Any]) -> ColumnElement[bool]:
        marked = _begins(column, SEALED)
        return and_(marked, *(~_begins(column, prefix) for prefix in self._seal.prefixes))

    def _waits(self, column: Column[Any]) -> ColumnElement[bool]:
        return and_(as_kept(column).not_in(_NOTHING), *(~_begins(column, prefix) for prefix in self._seal.prefixes[:1]))


def _begins(column: Column[Any], prefix: str) -> ColumnElement[bool]:
    """Not LIKE, to which some of these characters say more, and letters are alike in either case."""
    wanted = quote(column) + prefix
    return func.substr(as_kept(column), 1, len(wanted)) == wanted


def _values(columns: list[Column[Any]], row: list[Any]) -> dict[str, Any]:
    key, *values = row
    return {"of_row": key} | {f"new_{column.name}": value for column, value in zip(columns, values, strict=True)}
