"""The card: what the judge reads of a policy, which is more than moderators wrote and less than its text."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from bot.discord_io.places import parents_in
from bot.domain.lawbook import Versions
from bot.domain.records import versions_named
from bot.judge.card_read import CardRead, ShowsCards
from bot.judge.interface import Judge
from bot.pipeline.law import law_of
from bot.store import Store
from bot.web.console.asked import Asked, Page
from bot.web.console.policy.placed import POLICY, Placed, Places


class CardPages:
    """Shows what a card says."""

    def __init__(self, store: Store, places: Places, judge: Judge) -> None:
        """Read policies from `store`; ask `judge` for cards."""
        self._store = store
        self._places = places
        self._judge = judge

    def pages(self) -> Sequence[Page]:
        """The page, and the card on it, which may have to be compiled first."""
        return [
            Page("GET", "policy/card", POLICY, self._show),
            Page("GET", "policy/card/text", POLICY, self._text),
        ]

    async def _show(self, asked: Asked) -> web.StreamResponse:
        here = await self._places.named(asked)
        return here.page("policy/card", "policy/card.html", of_draft=_of_draft(here))

    async def _text(self, asked: Asked) -> web.StreamResponse:
        here = await self._places.named(asked)
        law = await law_of(self._store, asked.guild_id, _versions(here))
        if law is None:
            return here.fragment("policy/card_text.html", law=None)
        card: CardRead | None = None
        if isinstance(self._judge, ShowsCards):
            card = await self._judge.card(law.policy)
        return here.fragment(
            "policy/card_text.html",
            law=law,
            card=card,
            named=versions_named(law.number, law.extends),
            learned=len(law.policy.examples) - len(law.written.examples),
            judge=self._judge.info(),
        )


def _of_draft(here: Placed) -> bool:
    return here.asked.query.get("of") == "draft" and here.draft is not None


def _versions(here: Placed) -> Versions:
    """What is in force at the place, or would be with its draft."""
    book = here.book
    if _of_draft(here) and here.draft is not None:
        book = book.with_live(here.draft)
    return book.in_force(book.where(here.place_id, parents_in(here.asked.entry.guild)))
