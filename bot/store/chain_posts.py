"""Heads of chains that were posted, or are about to be: one a day for each server."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.chain import Head
from bot.store.chain_tables import Chain, ChainPost
from bot.store.sessions import Sessions, dialect_of, insert_new


@dataclass(frozen=True, slots=True)
class HeadPost:
    """A head to be posted on a day (UTC). `was_tried` says that an earlier try may have posted it."""

    guild_id: int
    day: date
    head: Head
    nonce: str
    was_tried: bool


class HeadPostRepository:
    """What is to be posted is fixed before it is: whoever tries again posts the same, or finds it."""

    def __init__(self, sessions: Sessions) -> None:
        """Work with the store's sessions."""
        self._sessions = sessions

    async def due(self, guild_id: int, day: date) -> HeadPost | None:
        """What is to be posted on a day; None where it stands already, or the server has no chain yet."""
        async with self._sessions.read() as session:
            post, chain = await session.get(ChainPost, (guild_id, day)), await session.get(Chain, guild_id)
            if post is not None:
                return None if post.message_id is not None else _due(post, was_tried=True)
            if chain is None or chain.sequence == 0:
                return None
        async with self._sessions.write() as session:
            return await self._fix(session, guild_id, day)

    async def _fix(self, session: AsyncSession, guild_id: int, day: date) -> HeadPost:
        chain = await session.get_one(Chain, guild_id)
        values = {
            "guild_id": guild_id,
            "day": day,
            "sequence": chain.sequence,
            "hash": chain.hash,
            "nonce": secrets.token_hex(12),
        }
        made = insert_new(dialect_of(session), ChainPost, ["guild_id", "day"]).values(values).returning(ChainPost.nonce)
        is_new = await session.scalar(made) is not None
        return _due(await session.get_one(ChainPost, (guild_id, day)), was_tried=not is_new)

    async def posted(self, guild_id: int, day: date, channel_id: int, message_id: int) -> None:
        """The head of a day stands in the mod log."""
        async with self._sessions.write() as session:
            post = await session.get_one(ChainPost, (guild_id, day))
            post.channel_id, post.message_id = channel_id, message_id


def _due(post: ChainPost, *, was_tried: bool) -> HeadPost:
    return HeadPost(post.guild_id, post.day, Head(post.sequence, post.hash), post.nonce, was_tried)
