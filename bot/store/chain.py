"""Appends to servers' chains: what a transaction did gets its links in the same transaction, at its end.

The index of cases is made of the same, see `bot.store.case_index`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from functools import lru_cache

from sqlalchemy import Connection, and_, bindparam, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.chain import START, About, Head, Link
from bot.store import tables
from bot.store.case_index import index_touched
from bot.store.chain_key import KeyFile
from bot.store.chain_kinds import CHUNK, contents
from bot.store.chain_tables import Chain, ChainLink
from bot.store.chain_watch import take_noticed
from bot.store.plain import Plain
from bot.store.sessions import Touched, insert_new, on_connection


class Appender:
    """Ends each writing transaction. Two at once on one server wait for one another: a chain never forks."""

    def __init__(self, key: KeyFile) -> None:
        """Make links with the key, which is read or made when the first is."""
        self._key = key

    async def append_noticed(self, session: AsyncSession) -> None:
        """Append what a session did; nothing may come after it but the commit. StoreError for the key."""
        await session.flush()
        noticed = take_noticed(session)
        if noticed is None:
            return
        servers: defaultdict[int, Touched] = defaultdict(dict)
        for guild_id, erased in noticed.erased.items():
            servers[guild_id].update(erased)
        for about, row in noticed.changed.items():
            servers[await _guild_of(session, row)].setdefault(about, None)
        await on_connection(session, lambda connection: self.append(connection, servers))

    def append(self, connection: Connection, servers: Mapping[int, Touched]) -> None:
        """Append what was done on servers in a connection's transaction. As above."""
        # Before a chain is held, which comes last.
        index_touched(connection, servers)
        # Whoever appends for several servers takes them in the same order as everybody else.
        for guild_id in sorted(servers):
            self._append(connection, guild_id, servers[guild_id])

    def _append(self, connection: Connection, guild_id: int, touched: Touched) -> None:
        key = self._key.key()
        # What was on its way to the database before this lock is seen by what is read after it.
        head, links = _held(connection, guild_id), list[Link]()
        now = datetime.now(UTC)
        live = _drop_salts(connection, guild_id, touched)
        found = contents(connection, guild_id, touched)
        # What is of one kind stands together.
        kinds = list(dict.fromkeys(kind for kind, _ in touched))
        for (kind, ref), by_id in sorted(touched.items(), key=lambda one: kinds.index(one[0][0])):
            about, was_live = About(guild_id, kind.name, ref, now), (kind.name, ref) in live
            if by_id is not None:
                if not was_live:
                    continue  # from before the chain, or never anything
                links.append(key.erased(head, about, by_id))
                head = links[-1].head
            rows = found.get((kind, ref), [])
            if rows and not (kind.is_empty(rows) and (by_id is not None or not was_live)):
                links.append(key.written(head, about, rows))
                head = links[-1].head
        if links:
            _ADD.each(connection, [{name: getattr(link, name) for name in _PARTS} for link in links])
            _END.rows(connection, {"of": guild_id, "last": head.sequence, "its_hash": head.hash})


async def _guild_of(session: AsyncSession, row: tables.Base) -> int:
    """The server that a row belongs to."""
    if isinstance(row, tables.Verdict):
        row = await session.get_one(tables.Submission, row.submission_id)
    elif case_id := getattr(row, "case_id", None):
        row = await session.get_one(tables.Case, case_id)
    guild_id: int = getattr(row, "guild_id")  # noqa: B009 - of one of many classes
    return guild_id


def _held(connection: Connection, guild_id: int) -> Head:
    """Where a server's chain ends, held until the transaction does; made where there is none."""
    found = _HEAD.first(connection, {"guild_id": guild_id})
    if found is None:
        new = insert_new(connection.dialect.name, Chain, ["guild_id"])
        connection.execute(new.values(guild_id=guild_id, sequence=START.sequence, hash=START.hash))
        found = _HEAD.first(connection, {"guild_id": guild_id})
    return Head(found.sequence, found.hash)


def _drop_salts(connection: Connection, guild_id: int, touched: Touched) -> set[tuple[str, int]]:
    """Erase the salts of what is there no more; what had one, and so is in the chain: kind's name and ref."""
    wanted, live = list(touched), set[tuple[str, int]]()
    for start in range(0, len(wanted), CHUNK):
        by_kind: defaultdict[str, list[int]] = defaultdict(list)
        for kind, ref in wanted[start : start + CHUNK]:
            by_kind[kind.name].append(ref)
        refs = {f"refs_{number}": its for number, its in enumerate(by_kind.values())}
        found = _drop(tuple(by_kind)).rows(connection, {"of": guild_id, **refs})
        live.update((row.kind, row.ref) for row in found)
    return live


@lru_cache
def _drop(kinds: tuple[str, ...]) -> Plain:
    """What erases salts of these kinds. SQLite looks for each by the index only where each names the server."""
    link = ChainLink
    these = (
        and_(
            link.guild_id == bindparam("of"),
            link.kind == kind,
            link.ref.in_(bindparam(f"refs_{number}", expanding=True)),
        )
        for number, kind in enumerate(kinds)
    )
    salted = update(link).where(or_(*these), link.salt.is_not(None))
    return Plain(salted.values(salt=None).returning(link.kind, link.ref))


_PARTS = tuple(part.name for part in fields(Link))
_ADD = Plain(insert(ChainLink))
_END = Plain(
    update(Chain)
    .where(Chain.guild_id == bindparam("of"))
    .values(sequence=bindparam("last"), hash=bindparam("its_hash"))
)
_HEAD = Plain(select(Chain.sequence, Chain.hash).where(Chain.guild_id == bindparam("guild_id")).with_for_update())
