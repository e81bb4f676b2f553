"""From rows to the lawbook of a server."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.lawbook import How, Lawbook, PlaceKind, PlacePolicy
from bot.domain.records import PolicyVersion
from bot.store import tables


async def read_lawbook(session: AsyncSession, guild_id: int, place_ids: Collection[int] | None = None) -> Lawbook:
    """All policies of a server; of its channels and categories only `place_ids` where those are given.

    At most two reads, as this is done for every message.
    """
    own, place, version = tables.Policy, tables.PlacePolicy, tables.PolicyVersion
    server = (
        await session.execute(select(own, version).outerjoin(version, _is_live(own)).where(own.guild_id == guild_id))
    ).first()
    if server is None:
        return Lawbook()
    wanted = [place.guild_id == guild_id]
    if place_ids is not None:
        wanted.append(place.place_id.in_(place_ids))
    places = await session.execute(
        select(place, version).outerjoin(version, _is_live(place)).where(*wanted).order_by(place.place_id)
    )
    return Lawbook(
        version_of(server[1]) if server[1] else None,
        draft_of(server[0]),
        {row.place_id: _place(row, version_of(live) if live else None) for row, live in places},
    )


def _is_live(policy: Any) -> ColumnElement[bool]:
    version = tables.PolicyVersion
    return and_(version.guild_id == policy.guild_id, version.number == policy.live_number)


def _place(row: tables.PlacePolicy, live: PolicyVersion | None) -> PlacePolicy:
    return PlacePolicy(row.place_id, PlaceKind(row.kind), How(row.how), live, draft_of(row))


def version_of(row: Any) -> PolicyVersion:
    """The published version that a row holds."""
    return PolicyVersion(
        row.guild_id,
        row.number,
        row.source,
        row.digest,
        row.author_id,
        row.reason,
        row.created_at,
        row.published_at,
        row.place_id,
    )


def draft_of(row: tables.Policy | tables.PlacePolicy) -> PolicyVersion | None:
    """The draft of a policy, if there is one."""
    if row.draft_source is None or row.draft_digest is None or row.draft_at is None:
        return None
    place_id = row.place_id if isinstance(row, tables.PlacePolicy) else None
    return PolicyVersion(
        row.guild_id, 0, row.draft_source, row.draft_digest, row.draft_author_id or 0, "", row.draft_at, None, place_id
    )
