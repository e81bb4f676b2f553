"""Forgetting a member: from what waits to come in, through the records, to the posts in the mod log."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import discord

from bot.domain.records import CaseRecord
from bot.pipeline.intake import Intake
from bot.pipeline.redaction import PostFate, Redactor, without_reporter
from bot.pipeline.rules import rule_text_of
from bot.pipeline.showing import Showing
from bot.store import Store
from bot.store.erasure import Held

# Discord lets a channel be edited about once a second, and the answer to a command is due within fifteen minutes.
MOST_POSTS = 400
_DONE = frozenset({PostFate.REDACTED, PostFate.GONE})


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

    def __init__(self, client: discord.Client, store: Store, intake: Intake, showing: Showing) -> None:
        """Edit posts through `client`, erase in `store`, and from what `intake` remembers.

        Posts are edited in the turns of `showing`, so that none is shown once more as it was read before.
        """
        self._redactor = Redactor(client)
        self._store = store
        self._intake = intake
        self._showing = showing

    async def forget(self, guild_id: int, member_id: int, names: Collection[str], by: int) -> Forgotten:
        """Erase all that a member wrote on a server; `names` are those they go by, for old records.

        `by` is the member who wants it, as the chain will say.

        The words go first, wherever they are; then posts are edited, and each case loses the member's id, as author or
        as who reported it, when its post has: whatever breaks off is found by the id when this is run again.
        """
        await self._intake.forget(guild_id, member_id)
        erasure = self._store.erasure
        done = Forgotten(await erasure.erase(guild_id, member_id, names, by))
        await erasure.unname_unposted(guild_id, member_id, by)
        theirs = await erasure.posted(guild_id, member_id, MOST_POSTS + 1)
        reported = await erasure.reported(guild_id, member_id, MOST_POSTS + 1)
        done.has_more = len(theirs) + len(reported) > MOST_POSTS
        closed: set[int | None] = set()
        about = [*((one, self._author) for one in theirs), *((one, self._reporter) for one in reported)]
        for case, forget in about[:MOST_POSTS]:
            fate = PostFate.FORBIDDEN if case.log_channel_id in closed else await forget(case, member_id, by)
            done.posts[fate].append(case.number)
            if fate is PostFate.FORBIDDEN:
                closed.add(case.log_channel_id)
        done.unfinished = await erasure.unfinished(guild_id, member_id)
        return done

    async def _author(self, case: CaseRecord, member_id: int, by: int) -> PostFate:
        """Take a case's author out of its post, and then out of the case."""
        async with self._showing.turn(case.journal_id):
            now = await self._store.cases.by_journal(case.journal_id) or case
            fate = await self._redactor.redact(now, await rule_text_of(self._store, now))
            if fate in _DONE:
                await self._store.erasure.unname(case.guild_id, member_id, case.journal_id, by)
            else:
                await self._store.erasure.erase_late(case.guild_id, case.journal_id, by)
            return fate

    async def _reporter(self, case: CaseRecord, member_id: int, by: int) -> PostFate:
        """Take who reported a case out of its post, and then out of the case."""
        async with self._showing.turn(case.journal_id):
            now = await self._store.cases.by_journal(case.journal_id) or case
            fate = await self._redactor.edit(without_reporter(now, member_id), await rule_text_of(self._store, now))
            if fate in _DONE:
                await self._store.erasure.unreport(case.guild_id, member_id, case.journal_id, by)
            return fate
