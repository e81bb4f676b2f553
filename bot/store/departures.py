"""Departures: everything of a server goes some days after the bot left it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, UniqueConstraint, delete, exists, select, tuple_, update

from bot.store import tables
from bot.store.indexing import drop_traces
from bot.store.sessions import Sessions

KEPT_AFTER_LEAVING = timedelta(days=7)
# So many rows at a time: between two lots others get to write.
LOT = 1_000

Key = tuple[Any, ...]
"""The primary key of a row."""


class Departures:
    """Records that the bot left a server or came back, and removes the records of one it left long ago."""

    def __init__(self, sessions: Sessions) -> None:
        """Work with the store's sessions."""
        self._sessions = sessions

    async def left(self, guild_id: int, now: datetime) -> None:
        """The bot is no longer on a server; where that is known already, the first time counts."""
        await self._mark(now, tables.Guild.id == guild_id, tables.Guild.left_at.is_(None))

    async def returned(self, guild_id: int) -> None:
        """The bot is on a server: nothing of it is to be removed."""
        marked = (tables.Guild.id == guild_id, tables.Guild.left_at.is_not(None))
        # At a start this is said of every server, and hardly one was marked.
        async with self._sessions.read() as session:
            if await session.scalar(select(tables.Guild.id).where(*marked)) is None:
                return
        await self._mark(None, *marked)

    async def notice(self, present: Collection[int], now: datetime) -> None:
        """The bot is on these servers and no other: what happened while it was away is taken up."""
        guild = tables.Guild
        async with self._sessions.read() as session:
            known = (await session.execute(select(guild.id, guild.left_at))).all()
        for guild_id, left_at in known:
            if guild_id in present and left_at is not None:
                await self.returned(guild_id)
            elif guild_id not in present and left_at is None:
                await self.left(guild_id, now)

    async def _mark(self, when: datetime | None, *wanted: ColumnElement[bool]) -> None:
        async with self._sessions.write() as session:
            await session.execute(update(tables.Guild).where(*wanted).values(left_at=when))

    async def remove_due(self, now: datetime) -> list[int]:
        """Remove all records of servers that the bot left KEPT_AFTER_LEAVING ago; the ids of those removed."""
        guild, due = tables.Guild, now - KEPT_AFTER_LEAVING
        async with self._sessions.read() as session:
            ids = (await session.scalars(select(guild.id).where(guild.left_at <= due))).all()
        return [guild_id for guild_id in ids if await self._remove(guild_id, due)]

    async def _remove(self, guild_id: int, due: datetime) -> bool:
        """Remove table by table, the server's own row last; False where the bot came back meanwhile."""
        inwards = tables.Base.metadata.sorted_tables[::-1]
        for table in sorted(inwards, key=lambda table: table is tables.Guild.__table__):
            last: Key | None = None
            while keys := await self._lot(table, guild_id, last):
                if not await self._remove_lot(table, keys, guild_id, due):
                    return False
                last = keys[-1]
        await drop_traces(self._sessions)
        return True

    async def _lot(self, table: Table, guild_id: int, after: Key | None) -> list[Key]:
        """Looked for without the turn to write."""
        async with self._sessions.read() as session:
            return [tuple(row) for row in await session.execute(lot_of(table, guild_id, after))]

    async def _remove_lot(self, table: Table, keys: Sequence[Key], guild_id: int, due: datetime) -> bool:
        """Remove these rows; False where the server is not to be removed any more."""
        guild = tables.Guild
        async with self._sessions.write() as session:
            if await session.scalar(select(guild.id).where(guild.id == guild_id, guild.left_at <= due)) is None:
                return False
            await session.execute(delete(table).where(tuple_(*table.primary_key).in_(keys)))
            return True


def lot_of(table: Table, guild_id: int, after: Key | None) -> Select[Any]:
    """The keys of a server's next rows, at most LOT.

    What has no index by servers is gone through once, from where the last lot ended: none of it is looked at again.
    """
    key = tuple_(*table.primary_key)
    query = select(*table.primary_key).where(belongs(table, guild_id)).limit(LOT)
    if _is_sorted_by_server(table):
        return query
    query = query.order_by(*table.primary_key)
    return query if after is None else query.where(key > after)


def _is_sorted_by_server(table: Table) -> bool:
    """Whether an index, or the key, begins with the server."""
    sorted_by = [table.primary_key.columns, *(one.columns for one in table.indexes)]
    sorted_by += [one.columns for one in table.constraints if isinstance(one, UniqueConstraint)]
    return any(next(iter(columns)).name == "guild_id" for columns in sorted_by)


def belongs(table: Table, guild_id: int) -> ColumnElement[bool]:
    """What tells a server's rows of a table: its own column for the server, or the row that it points at.

    TypeError for a table that belongs to no server.
    """
    if table is tables.Guild.__table__:
        return table.c.id == guild_id
    if "guild_id" in table.c:
        return table.c.guild_id == guild_id
    for key in table.foreign_keys:
        return exists().where(key.column == key.parent, belongs(key.column.table, guild_id))
    raise TypeError(f"the rows of {table.name} belong to no server")
