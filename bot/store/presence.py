"""Presence: until when the bot heard what was said on a server, and since when it listens to each channel."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from bot.store import tables
from bot.store.sessions import Sessions


@dataclass(frozen=True, slots=True)
class Heard:
    """What a server said until `until` came in; None where the bot never listened to it.

    `watched_at` is since when its channels are watched, for those of which that is known.
    """

    until: datetime | None
    watched_at: Mapping[int, datetime]


class Presence:
    """A time per server, not per message: it is right in a quiet channel too."""

    def __init__(self, sessions: Sessions) -> None:
        """Work with the store's sessions."""
        self._sessions = sessions

    async def of(self, guild_id: int) -> Heard:
        """What was heard of a server."""
        guild, channel = tables.Guild, tables.WatchedChannel
        async with self._sessions.read() as session:
            until = await session.scalar(select(guild.heard_until).where(guild.id == guild_id))
            watched = await session.execute(
                select(channel.channel_id, channel.watched_at).where(
                    channel.guild_id == guild_id, channel.watched_at.is_not(None)
                )
            )
            return Heard(until, {row.channel_id: row.watched_at for row in watched})

    async def heard(self, guild_ids: Collection[int], until: datetime) -> None:
        """All that these servers said until a time came in. Servers without settings are passed over.

        Where the bot had not listened before, it does from then on: what was said earlier is not its to judge.
        """
        guild, channel = tables.Guild, tables.WatchedChannel
        async with self._sessions.write() as session:
            new = select(guild.id).where(guild.id.in_(guild_ids), guild.heard_until.is_(None))
            await session.execute(
                update(channel).where(channel.guild_id.in_(new)).values(watched_at=until),
                execution_options={"synchronize_session": False},
            )
            await session.execute(
                update(guild).where(guild.id.in_(guild_ids)).values(heard_until=until),
                execution_options={"synchronize_session": False},
            )
