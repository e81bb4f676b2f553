"""Sessions to read with and sessions to write with.

On SQLite a transaction that will write takes the write lock when it begins: one that reads first and then
writes could otherwise find the database changed under it.

Each transaction that wrote ends with the links that the chain gets of it, see `bot.store.chain`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker


@dataclass(frozen=True, slots=True)
class Sessions:
    """The two makers of sessions, what ends a transaction that wrote, and what is told of each that failed."""

    _readers: async_sessionmaker[AsyncSession]
    _writers: async_sessionmaker[AsyncSession]
    _append: Callable[[AsyncSession], Awaitable[None]]
    _failed: Callable[[BaseException], None]

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session that only reads."""
        try:
            async with self._readers() as session:
                yield session
        except Exception as error:
            self._failed(error)
            raise

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """A session in one transaction, committed at the end."""
        try:
            async with self._writers.begin() as session:
                yield session
                await self._append(session)
        except Exception as error:
            self._failed(error)
            raise


def insert_new(session: AsyncSession, table: type[Any], key: list[str]) -> Any:
    """An INSERT that passes over rows whose key is there already; give it `.values(…)`."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    return insert(table).on_conflict_do_nothing(index_elements=key)
