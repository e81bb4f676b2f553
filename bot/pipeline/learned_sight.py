"""Whether somebody may read the words of a learned example: who sees where they were said."""

from __future__ import annotations

from typing import Protocol

from bot.domain.learned import LearnedExample
from bot.store import Store


class Sees(Protocol):
    """What `bot.discord_io.sight.Sight` says of a place."""

    async def sees(self, channel_id: int, parent_id: int | None = None) -> bool:
        """Whether a channel or thread is seen."""


async def sees_example(store: Store, sight: Sees, guild_id: int, one: LearnedExample) -> bool:
    """Whether an example's text is for whoever has this sight; a pack's is for everybody."""
    case = await store.cases.get(guild_id, one.case_number) if one.case_number is not None else None
    if case is not None:
        return await sight.sees(case.submission.channel_id, case.submission.parent_id)
    if one.channel_id is None:
        return True
    return await sight.sees(one.channel_id, await store.learned.parent_of(guild_id, one.channel_id))
