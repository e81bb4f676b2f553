"""The audit table: every change of a server's settings. Rows are added with the change itself, and never changed."""

from __future__ import annotations

from sqlalchemy import select

from bot.domain.audit import SettingChange
from bot.store import tables
from bot.store.sessions import Sessions


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
            return tuple(
                SettingChange(one.guild_id, one.at, one.author_id, one.what, one.before, one.after) for one in rows
            )


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
