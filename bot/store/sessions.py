"""Sessions to read with and sessions to write with.

On SQLite a transaction that will write takes the write lock when it begins: one that reads first and then
writes could otherwise find the database changed under it.

Each transaction that wrote ends with the links that the chain gets of it, see `bot.store.chain`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import Session

from bot.store.at_once import AtOnce, Work

if TYPE_CHECKING:
    from bot.store.chain_kinds import Kind

T = TypeVar("T")


Touched = dict[tuple["Kind", int], int | None]
"""What was written (None) or erased (by whom), by its kind and what links call it."""
Servers = defaultdict[int, Touched]
"""The same by servers."""


class Chain(Protocol):
    """What gives a transaction its links."""

    async def append_noticed(self, session: AsyncSession) -> None:
        """Those of what a session did; nothing may come after it but the commit."""

    def append(self, connection: Connection, servers: Mapping[int, Touched]) -> None:
        """Those of what was done on servers in a connection's transaction. As above."""


@dataclass(frozen=True, slots=True)
class Sessions:
    """The two makers of sessions, the chain, and what watches over each transaction."""

    _readers: async_sessionmaker[AsyncSession]
    _writers: async_sessionmaker[AsyncSession]
    _chain: Chain
    _watching: Callable[[], AbstractContextManager[None]]
    _at_once: AtOnce

    async def read_at_once(self, work: Work[T]) -> T:
        """What `work` gives, a function of a connection that only reads."""
        with self._watching():
            return await self._at_once.read(work)

    async def write_at_once(self, work: Work[T]) -> T:
        """What `work` gives, a function of a connection, committed. Not for what the chain is about."""
        with self._watching():
            return await self._at_once.write(work)

    async def write_chained(self, work: Callable[[Connection, Servers], T]) -> T:
        """What `work` gives, committed with the links of what it says it touched."""

        def run(connection: Connection) -> T:
            touched: Servers = defaultdict(dict)
            made = work(connection, touched)
            self._chain.append(connection, touched)
            return made

        return await self.write_at_once(run)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session that only reads."""
        with self._watching():
            async with self._readers() as session:
                yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """A session in one transaction, committed at the end."""
        with self._watching():
            async with self._writers.begin() as session:
                yield session
                await self._chain.append_noticed(session)


def insert_new(dialect: str, table: type[Any], key: list[str]) -> Any:
    """An INSERT that passes over rows whose key is there already; give it `.values(…)`, or rows when it is executed."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(table).on_conflict_do_nothing(index_elements=key)


def put(dialect: str, table: type[Any], key: str) -> Any:
    """An INSERT that takes the place of the row whose key is there already."""
    insert: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert(table)
    new = {column.name: column for column in statement.excluded if column.name != key}
    return statement.on_conflict_do_update(index_elements=[key], set_=new)


async def on_connection(session: AsyncSession, work: Work[T]) -> T:
    """What a function of a connection gives in a session's transaction: it sees what the session wrote so far."""

    def run(inner: Session) -> T:
        inner.flush()
        return work(inner.connection())

    return await session.run_sync(run)


def dialect_of(session: AsyncSession) -> str:
    """The name of the dialect that a session speaks."""
    return session.get_bind().dialect.name
