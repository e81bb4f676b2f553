"""Which case a reviewer gets next."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from bot.domain.records import CaseRecord
from bot.language import language_for, speaking
from bot.pipeline.reviews import Reviews
from bot.store import Store
from bot.store.claims import ClaimedError
from bot.store.reviews import AnsweredError
from bot.web.console.visitor import Entry

LOOKED_THROUGH = 100
LOOKED_AT = 25


class NextCase:
    """Claims for the visitor the oldest case that waits, that nobody else holds and that they did not skip."""

    def __init__(self, store: Store, reviews: Reviews) -> None:
        """Look in `store`, claim through `reviews`."""
        self._store = store
        self._reviews = reviews

    async def waiting(self, entry: Entry) -> int:
        """How many cases wait in places that the visitor sees."""
        await self._page(entry, 0, LOOKED_AT)  # so that private threads that they cannot see are known
        return await self._store.waiting.count(entry.guild.id, entry.sight.hidden)

    async def held(self, entry: Entry) -> CaseRecord | None:
        """A case that the visitor holds already, as where they come back to the page."""
        now = datetime.now(UTC)
        return next((case for case in await self._page(entry, 0) if case.claim_at(now) == entry.actor_id), None)

    async def claim(self, entry: Entry, skipped: Collection[int]) -> CaseRecord | None:
        """The next one, which is claimed; None where there is none."""
        offset = 0
        while cases := await self._page(entry, offset):
            for case in cases:
                holder = case.claim_at(datetime.now(UTC))
                if case.number in skipped or holder not in {None, entry.actor_id}:
                    continue
                try:
                    with speaking(language_for(entry.settings.language, str(entry.guild.preferred_locale))):
                        return await self._reviews.claim(case, entry.actor_id)
                except (AnsweredError, ClaimedError):  # somebody was first
                    continue
            offset += LOOKED_THROUGH
        return None

    async def _page(self, entry: Entry, offset: int, limit: int = LOOKED_THROUGH) -> list[CaseRecord]:
        """Cases that wait, oldest first. A claim is seen by others, so none is made of what the visitor cannot see."""
        guild_id, waiting = entry.guild.id, self._store.waiting
        return await entry.sight.cases(lambda hidden: waiting.find(guild_id, hidden, limit, offset))
