"""The audit table: every change of a server's settings. Rows are added with the change itself, and never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, or_, select, union

from bot.domain.audit import SettingChange
from bot.domain.records import PolicyVersion
from bot.store import tables
from bot.store.lawbooks import version_of
from bot.store.sessions import Sessions


@dataclass(frozen=True, slots=True)
class Before:
    """Where a page of the record begins: below a change's id and a version's number; None for the newest."""

    change_id: int | None = None
    number: int | None = None


class Sort(StrEnum):
    """What an entry of the record is about."""

    SETTING = "setting"
    POLICY = "policy"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries of the record: of a sort, by somebody; None for all. Versions of policies of places that are
    `hidden` are left out."""

    sort: Sort | None = None
    author_id: int | None = None
    hidden: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Recorded:
    """A page of what was changed, newest first, and where the next page begins; None where this is the last."""

    entries: tuple[SettingChange | PolicyVersion, ...]
    before: Before | None


class AuditRepository:
    """Reads what is on record; the settings' repository writes it, in the transaction of the change."""

    def __init__(self, sessions: Sessions) -> None:
        """Work with the store's sessions."""
        self._sessions = sessions

    async def settings(self, guild_id: int, limit: int = 100) -> tuple[SettingChange, ...]:
        """A server's last changes of settings, newest first."""
        row = tables.SettingChange
        async with self._sessions.read() as session:
            rows = await session.scalars(
                select(row).where(row.guild_id == guild_id).order_by(row.id.desc()).limit(limit)
            )
            return tuple(_change(one) for one in rows)

    async def recorded(self, guild_id: int, wanted: Wanted, before: Before, limit: int = 50) -> Recorded:
        """Changes of settings and published versions together."""
        change, version = tables.SettingChange, tables.PolicyVersion
        changes = select(change).where(change.guild_id == guild_id).order_by(change.id.desc()).limit(limit + 1)
        versions = select(version).where(*_seen(guild_id, wanted.hidden)).order_by(version.number.desc())
        if before.change_id is not None:
            changes = changes.where(change.id < before.change_id)
        if before.number is not None:
            versions = versions.where(version.number < before.number)
        if wanted.author_id is not None:
            changes = changes.where(change.author_id == wanted.author_id)
            versions = versions.where(version.author_id == wanted.author_id)
        found: list[tables.SettingChange | tables.PolicyVersion] = []
        async with self._sessions.read() as session:
            if wanted.sort is not Sort.POLICY:
                found += await session.scalars(changes)
            if wanted.sort is not Sort.SETTING:
                found += await session.scalars(versions.limit(limit + 1))
            found.sort(key=_when, reverse=True)
            kept = found[:limit]
            entries = tuple(_change(one) if isinstance(one, change) else version_of(one) for one in kept)
            after = Before(
                min((one.id for one in kept if isinstance(one, change)), default=before.change_id),
                min((one.number for one in kept if isinstance(one, version)), default=before.number),
            )
        return Recorded(entries, after if len(found) > limit else None)

    async def authors(self, guild_id: int, hidden: frozenset[int]) -> list[int]:
        """The ids of all who are on record, but for those of whom there are only versions of policies of `hidden`
        places."""
        change, version = tables.SettingChange, tables.PolicyVersion
        changed = select(change.author_id).where(change.guild_id == guild_id)
        published = select(version.author_id).where(*_seen(guild_id, hidden))
        async with self._sessions.read() as session:
            return sorted(await session.scalars(union(changed, published)))


def _seen(guild_id: int, hidden: frozenset[int]) -> list[ColumnElement[bool]]:
    """What holds of a server's versions that are of no place which is hidden."""
    version = tables.PolicyVersion
    of_server = version.guild_id == guild_id
    return [of_server, or_(version.place_id.is_(None), version.place_id.not_in(hidden))] if hidden else [of_server]


def _change(row: tables.SettingChange) -> SettingChange:
    return SettingChange(row.guild_id, row.at, row.author_id, row.what, row.before, row.after)


def _when(row: tables.SettingChange | tables.PolicyVersion) -> datetime:
    return row.at if isinstance(row, tables.SettingChange) else row.published_at


def audit_row(change: SettingChange) -> tables.SettingChange:
    """A change as a row that is not added yet."""
    return tables.SettingChange(
        guild_id=change.guild_id,
        at=change.at,
        author_id=change.author_id,
        what=change.what,
        before=change.before,
        after=change.after,
    )
