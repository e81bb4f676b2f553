"""Checks servers' chains, and what they are about, against the key. Reads only, and holds up nobody who writes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, union
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import aliased

from bot.domain.chain import FAULT_WORDS, ChainKey, Event, Fault, Finding, Follower, Head, Link, Rows, fault_of
from bot.language import mark
from bot.store.chain_kinds import CHUNK, KINDS, Kind, contents, unlinked
from bot.store.chain_tables import Chain, ChainLink, ChainPost
from bot.store.sessions import on_connection


@dataclass(frozen=True, slots=True)
class Covered:
    """A server's chain as it is: its head, from when on it covers what happens, how much of it was erased."""

    guild_id: int
    head: Head
    since: datetime
    erased: int


class ChainCheck:
    """Each page of links is read with what it is about at one moment, so that a running bot may go on meanwhile."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Read through the engine."""
        # A statement of PostgreSQL's would else see what was committed since the one before it; SQLite has no such.
        one_moment = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
        self._engine = engine.execution_options(**one_moment)

    async def servers(self) -> list[int]:
        """The ids of all servers with a chain, or with what is left of one."""
        async with self._moment() as session:
            tables = (Chain, ChainLink, ChainPost)
            return sorted(await session.scalars(union(*(select(table.guild_id).distinct() for table in tables))))

    async def links(self) -> int:
        """How many links there are on all servers together."""
        async with self._moment() as session:
            return await session.scalar(select(func.count()).select_from(ChainLink)) or 0

    async def has(self, link_hash: bytes) -> bool:
        """Whether any link has this hash, as one that was posted must."""
        async with self._moment() as session:
            return await session.scalar(select(ChainLink.id).where(ChainLink.hash == link_hash).limit(1)) is not None

    async def ends_with(self, key: ChainKey) -> bool:
        """Whether the newest link of all was made with this key; so it is where there is none."""
        async with self._moment() as session:
            found = await session.scalar(select(ChainLink.key_id).order_by(ChainLink.id.desc()).limit(1))
            return found is None or found == key.id

    async def covered(self, guild_id: int) -> Covered | None:
        """A server's chain as it says it is; None where it has no links."""
        link = ChainLink
        of_server = link.guild_id == guild_id
        async with self._moment() as session:
            first = await session.scalar(select(link.at).where(of_server).order_by(link.sequence).limit(1))
            last = await session.scalar(select(link).where(of_server).order_by(link.sequence.desc()).limit(1))
            if first is None or last is None:
                return None
            erased = await session.scalar(
                select(func.count()).select_from(link).where(of_server, link.event == Event.ERASED)
            )
            return Covered(guild_id, Head(last.sequence, last.hash), first, erased or 0)

    async def findings(self, guild_id: int, key: ChainKey, passed: Callable[[int], None]) -> AsyncIterator[Finding]:
        """All that is wrong with a server's chain and what it is about. `passed` hears how many links were read."""
        follower = Follower(guild_id, key)
        begun: datetime | None = None
        while True:
            async with self._moment() as session:
                after = follower.last.sequence if follower.last else None
                page = await _page(session, guild_id, after)
                if not page:
                    async for finding in _ends(session, follower):
                        yield finding
                    break
                begun = begun or page[0][0].at
                for link, _ in page:
                    for finding in follower.follow(link):
                        yield finding
                newest = [link for link, is_newest in page if is_newest]
                async for finding in _judged(session, guild_id, key, newest):
                    yield finding
            passed(len(page))
        if begun is not None:
            async for finding in self._unlinked(guild_id, begun):
                yield finding

    async def _unlinked(self, guild_id: int, begun: datetime) -> AsyncIterator[Finding]:
        """Rows that are newer than the chain, hold something, and are not in it."""
        for kind in KINDS.values():
            last: int | None = None
            while True:
                async with self._moment() as session:
                    refs = await unlinked(session, kind, guild_id, begun, last)
                    found = await _contents(session, kind, guild_id, refs)
                for ref in refs:
                    if not kind.is_empty(found.get((kind, ref), [])):
                        yield _finding(guild_id, Fault.UNLINKED, kind, ref)
                if len(refs) < CHUNK:
                    break
                last = refs[-1]

    @asynccontextmanager
    async def _moment(self) -> AsyncIterator[AsyncSession]:
        """A session in one transaction that sees the database as it was when it first looked."""
        async with AsyncSession(self._engine) as session, session.begin():
            yield session


async def _page(session: AsyncSession, guild_id: int, after: int | None) -> list[tuple[Link, bool]]:
    """The next at most CHUNK links, each with whether no later one is about the same."""
    link, later = ChainLink, aliased(ChainLink)
    has_later = (
        select(later.id)
        .where(
            later.guild_id == link.guild_id,
            later.kind == link.kind,
            later.ref == link.ref,
            later.sequence > link.sequence,
        )
        .exists()
    )
    query = select(link, ~has_later).where(link.guild_id == guild_id).order_by(link.sequence).limit(CHUNK)
    if after is not None:
        query = query.where(link.sequence > after)
    return [(_link(row), is_newest) for row, is_newest in await session.execute(query)]


async def _judged(session: AsyncSession, guild_id: int, key: ChainKey, newest: list[Link]) -> AsyncIterator[Finding]:
    """What is wrong with what the newest links are about."""
    for kind in KINDS.values():
        links = [link for link in newest if link.kind == kind.name]
        found = await _contents(session, kind, guild_id, [link.ref for link in links])
        for link in links:
            content = found.get((kind, link.ref), [])
            if fault := fault_of(key, link, content, kind.is_empty(content)):
                yield _finding(guild_id, fault, kind, link.ref, link.sequence)


async def _contents(session: AsyncSession, kind: Kind, guild_id: int, refs: list[int]) -> dict[tuple[Kind, int], Rows]:
    return await on_connection(
        session, lambda connection: contents(connection, guild_id, [(kind, ref) for ref in refs])
    )


async def _ends(session: AsyncSession, follower: Follower) -> AsyncIterator[Finding]:
    """Whether the chain goes as far as it was known to, and through the heads that were posted."""
    guild_id, last = follower.guild_id, follower.last
    end = last.sequence if last else 0
    chain = await session.get(Chain, guild_id)
    if chain is None:
        said = mark("The chain ends with link {number}, but where it ends is not on record any more.")
        yield Finding(guild_id, Fault.CUT, said, {"number": end})
    elif (chain.sequence, chain.hash) != ((end, last.hash) if last else (0, chain.hash)):
        said = mark("The chain ends with link {number}, but it went on to link {last}.")
        yield Finding(guild_id, Fault.CUT, said, {"number": end, "last": chain.sequence})
    link = ChainLink
    same = (link.guild_id == ChainPost.guild_id, link.sequence == ChainPost.sequence, link.hash == ChainPost.hash)
    missing = select(ChainPost).where(ChainPost.guild_id == guild_id, ~select(link.id).where(*same).exists())
    for post in await session.scalars(missing.order_by(ChainPost.day)):
        said = mark("Link {number} is not the one whose hash was posted on {day}.")
        yield Finding(guild_id, Fault.CUT, said, {"number": post.sequence, "day": post.day.isoformat()})


def _finding(guild_id: int, fault: Fault, kind: Kind, ref: int, sequence: int | None = None) -> Finding:
    by = {"link": sequence} if sequence is not None else {}
    row = {"kind": kind.name, "ref": ref, "table": kind.table.__tablename__}
    return Finding(guild_id, fault, FAULT_WORDS[fault], {**row, **by})


def _link(row: ChainLink) -> Link:
    return Link(
        guild_id=row.guild_id,
        sequence=row.sequence,
        at=row.at,
        kind=row.kind,
        ref=row.ref,
        event=row.event,
        by_id=row.by_id,
        key_id=row.key_id,
        previous=row.previous,
        commitment=row.commitment,
        hash=row.hash,
        salt=row.salt,
    )
