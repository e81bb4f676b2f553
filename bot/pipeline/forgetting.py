"""Forgetting a member: from what waits to come in, through the records, to the posts in the mod log."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import discord

from bot.domain.records import CaseRecord
from bot.pipeline.intake import Intake
from bot.pipeline.redaction import PostFate, Redactor
from bot.pipeline.rules import rule_text_of
from bot.store import Store
from bot.store.erasure import Held

# Discord lets a channel be edited about once a second, and the answer to a command is due within fifteen minutes.
MOST_POSTS = 400


@dataclass(slots=True)
class Forgotten:
    """What was done: what was `erased`, and the numbers of the cases by what became of their posts.

    `unfinished` cases are still being worked on, and keep the member's id until that is done; so do cases whose
    posts could not be edited. `has_more` says that there are more posts than are edited at once.
    """

    erased: Held
    posts: dict[PostFate, list[int]] = field(default_factory=lambda: {fate: [] for fate in PostFate})
    unfinished: int = 0
    has_more: bool = False


class Forgetting:
    """May be run again at any time, and goes on where it ended."""

    def __init__(self, client: discord.Client, store: Store, intake: Intake) -> None:
        """Edit posts through `client`, erase in `store`, and from what `intake` remembers."""
        self._redactor = Redactor(client)
        self._store = store
        self._intake = intake

    async def forget(self, guild_id: int, member_id: int, names: Collection[str], by: int) -> Forgotten:
        """Erase all that a member wrote on a server; `names` are those they go by, for old records.

        `by` is the member who wants it, as the chain will say.

        The words go first, wherever they are; then posts are edited, and each case loses the member's id when its
        post has: whatever breaks off is found by the id when this is run again.
        """
        await self._intake.forget(guild_id, member_id)
        erasure = self._store.erasure
        done = Forgotten(await erasure.erase(guild_id, member_id, names, by))
        await erasure.unname_unposted(guild_id, member_id, by)
        cases = await erasure.posted(guild_id, member_id, MOST_POSTS + 1)
        done.has_more = len(cases) > MOST_POSTS
        closed: set[int | None] = set()
        for case in cases[:MOST_POSTS]:
            fate = PostFate.FORBIDDEN if case.log_channel_id in closed else await self._redact(case)
            done.posts[fate].append(case.number)
            if fate is PostFate.FORBIDDEN:
                closed.add(case.log_channel_id)
            if fate in {PostFate.REDACTED, PostFate.GONE}:
                await erasure.unname(guild_id, member_id, case.journal_id, by)
        done.unfinished = await erasure.unfinished(guild_id, member_id)
        return done

    async def _redact(self, case: CaseRecord) -> PostFate:
        return await self._redactor.redact(case, await rule_text_of(self._store, case))
