"""The audit table: every change of a server's settings. Rows are added with the change itself, and never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

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

    async def recorded(self, guild_id: int, before: Before, hidden: frozenset[int], limit: int = 50) -> Recorded:
        """Changes of settings and published versions together, but for versions of policies of `hidden` places."""
        change, version = tables.SettingChange, tables.PolicyVersion
        changes = select(change).where(change.guild_id == guild_id).order_by(change.id.desc()).limit(limit + 1)
        versions = select(version).where(version.guild_id == guild_id).order_by(version.number.desc()).limit(limit + 1)
        if before.change_id is not None:
            changes = changes.where(change.id < before.change_id)
        if before.number is not None:
            versions = versions.where(version.number < before.number)
        if hidden:
            versions = versions.where(or_(version.place_id.is_(None), version.place_id.not_in(hidden)))
        async with self._sessions.read() as session:
            found = [*await session.scalars(changes), *await session.scalars(versions)]
            found.sort(key=_when, reverse=True)
            kept = found[:limit]
            entries = tuple(_change(one) if isinstance(one, change) else version_of(one) for one in kept)
            after = Before(
                min((one.id for one in kept if isinstance(one, change)), default=before.change_id),
                min((one.number for one in kept if isinstance(one, version)), default=before.number),
            )
        return Recorded(entries, after if len(found) > limit else None)


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
