"""What the bot lacks on its servers, kept so that moderators are told once, however often the bot is started."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import BigInteger, Boolean, ColumnElement, ForeignKey, String, delete, select, tuple_, update
from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.lacks import Lack, LackKind, OpenLack
from bot.store import tables
from bot.store.sessions import Sessions, dialect_of, insert_new


class LackRow(tables.Base):
    """See `bot.domain.lacks.OpenLack`. It goes when the bot lacks it no more."""

    __tablename__ = "lacks"

    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    place_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    since: Mapped[datetime]
    seen: Mapped[bool] = mapped_column(Boolean)
    nonce: Mapped[str] = mapped_column(String(25))
    channel_id: Mapped[int | None] = mapped_column(BigInteger)
    message_id: Mapped[int | None] = mapped_column(BigInteger)


class LackRepository:
    """Ids and times; no text of anybody's."""

    def __init__(self, sessions: Sessions) -> None:
        """Work with the store's sessions."""
        self._sessions = sessions

    async def servers(self) -> list[int]:
        """The servers on which the bot lacks something."""
        async with self._sessions.read() as session:
            return list(await session.scalars(select(LackRow.guild_id).distinct().order_by(LackRow.guild_id)))

    async def of(self, guild_id: int) -> list[OpenLack]:
        """What the bot lacks on a server, oldest first."""
        async with self._sessions.read() as session:
            rows = await session.scalars(
                select(LackRow)
                .where(LackRow.guild_id == guild_id)
                .order_by(LackRow.since, LackRow.kind, LackRow.place_id)
            )
            return [_open(row) for row in rows]

    async def open(self, guild_id: int, lacks: Mapping[Lack, bool], at: datetime) -> None:
        """The bot lacks these, each with whether that is seen; of what it lacked already only that may change.

        Nothing where the server has no settings: nothing is asked of the bot there.
        """
        nonce = secrets.token_hex(12)
        async with self._sessions.write() as session:
            if await session.get(tables.Guild, guild_id) is None:
                return
            for lack, seen in lacks.items():
                values = {"guild_id": guild_id, "kind": lack.kind.value, "place_id": lack.place_id}
                new = insert_new(dialect_of(session), LackRow, list(values)).values(
                    **values, since=at, seen=seen, nonce=nonce
                )
                await session.execute(new)
                if seen:
                    await session.execute(update(LackRow).where(*_is(guild_id, lack)).values(seen=True))

    async def told(self, guild_id: int, nonce: str, channel_id: int, message_id: int) -> None:
        """The notice with this nonce stands there."""
        async with self._sessions.write() as session:
            await session.execute(
                update(LackRow)
                .where(LackRow.guild_id == guild_id, LackRow.nonce == nonce)
                .values(channel_id=channel_id, message_id=message_id)
            )

    async def close(self, guild_id: int, lacks: Collection[Lack]) -> None:
        """The bot lacks these no more."""
        keys = [(one.kind.value, one.place_id) for one in lacks]
        async with self._sessions.write() as session:
            await session.execute(
                delete(LackRow).where(LackRow.guild_id == guild_id, tuple_(LackRow.kind, LackRow.place_id).in_(keys))
            )


def _is(guild_id: int, lack: Lack) -> tuple[ColumnElement[bool], ...]:
    return LackRow.guild_id == guild_id, LackRow.kind == lack.kind.value, LackRow.place_id == lack.place_id


def _open(row: LackRow) -> OpenLack:
    lack = Lack(LackKind(row.kind), row.place_id)
    return OpenLack(lack, row.since, row.seen, row.nonce, row.channel_id, row.message_id)
