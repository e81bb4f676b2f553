"""Appends to servers' chains: what a transaction did gets its links in the same transaction, at its end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.chain import START, About, Head, Link
from bot.store import tables
from bot.store.chain_key import KeyFile
from bot.store.chain_kinds import CHUNK, Kind, contents
from bot.store.chain_tables import Chain, ChainLink
from bot.store.chain_watch import take_noticed
from bot.store.sessions import dialect_of, insert_new

Touched = dict[tuple[Kind, int], int | None]
"""What was written (None) or erased (by whom)."""


class Appender:
    """Ends each writing transaction. Two at once on one server wait for one another: a chain never forks."""

    def __init__(self, key: KeyFile) -> None:
        """Make links with the key, which is read or made when the first is."""
        self._key = key

    async def __call__(self, session: AsyncSession) -> None:
        """Append what the transaction did; nothing may come after it but the commit. StoreError for the key."""
        await session.flush()
        noticed = take_noticed(session)
        if noticed is None:
            return
        servers: defaultdict[int, Touched] = defaultdict(dict)
        for guild_id, erased in noticed.erased.items():
            servers[guild_id].update(erased)
        for about, row in noticed.changed.items():
            servers[await _guild_of(session, row)].setdefault(about, None)
        # Whoever appends for several servers takes them in the same order as everybody else.
        for guild_id in sorted(servers):
            await self._append(session, guild_id, servers[guild_id])

    async def _append(self, session: AsyncSession, guild_id: int, touched: Touched) -> None:
        key = self._key.key()
        # What was on its way to the database before this lock is seen by what is read after it.
        chain = await _held(session, guild_id)
        head, links = Head(chain.sequence, chain.hash), list[Link]()
        now = datetime.now(UTC)
        for kind, refs in _by_kind(touched).items():
            live = await _drop_salts(session, guild_id, kind, refs)
            found = await contents(session, kind, guild_id, refs)
            for ref in refs:
                about, by_id = About(guild_id, kind.name, ref, now), touched[kind, ref]
                if by_id is not None:
                    if ref not in live:
                        continue  # from before the chain, or never anything
                    links.append(key.erased(head, about, by_id))
                    head = links[-1].head
                rows = found.get(ref, [])
                if rows and not (kind.is_empty(rows) and (by_id is not None or ref not in live)):
                    links.append(key.written(head, about, rows))
                    head = links[-1].head
        if links:
            await session.execute(insert(ChainLink), [asdict(link) for link in links])
            chain.sequence, chain.hash = head.sequence, head.hash
            await session.flush()


def _by_kind(touched: Iterable[tuple[Kind, int]]) -> dict[Kind, list[int]]:
    found: dict[Kind, list[int]] = {}
    for kind, ref in touched:
        found.setdefault(kind, []).append(ref)
    return found


async def _guild_of(session: AsyncSession, row: tables.Base) -> int:
    """The server that a row belongs to."""
    if isinstance(row, tables.Verdict):
        row = await session.get_one(tables.Submission, row.submission_id)
    elif case_id := getattr(row, "case_id", None):
        row = await session.get_one(tables.Case, case_id)
    guild_id: int = getattr(row, "guild_id")  # noqa: B009 - of one of many classes
    return guild_id


async def _held(session: AsyncSession, guild_id: int) -> Chain:
    """A server's chain, held until the transaction ends; made where there is none."""
    values = {"guild_id": guild_id, "sequence": START.sequence, "hash": START.hash}
    await session.execute(insert_new(dialect_of(session), Chain, ["guild_id"]).values(values))
    return await session.get_one(Chain, guild_id, with_for_update=True)


async def _drop_salts(session: AsyncSession, guild_id: int, kind: Kind, refs: list[int]) -> set[int]:
    """Erase the salts of what is there no more; what had one, and so is in the chain."""
    link, live = ChainLink, set[int]()
    for start in range(0, len(refs), CHUNK):
        statement = (
            update(link)
            .where(link.guild_id == guild_id, link.kind == kind.name, link.ref.in_(refs[start : start + CHUNK]))
            .where(link.salt.is_not(None))
            .values(salt=None)
            .returning(link.ref)
        )
        live |= set(await session.scalars(statement, execution_options={"synchronize_session": False}))
    return live
