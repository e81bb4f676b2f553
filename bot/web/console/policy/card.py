"""The card: what the judge reads of a policy, which is more than moderators wrote and less than its text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from bot.discord_io.places import parents_in
from bot.domain.lawbook import Versions
from bot.domain.learned import used
from bot.domain.policy import Example
from bot.domain.records import versions_named
from bot.judge.card_read import CardRead, ShowsCards
from bot.judge.interface import Judge
from bot.pipeline.law import Law, law_of
from bot.pipeline.learned_sight import sees_example
from bot.store import Store
from bot.web.console.asked import Asked, Page
from bot.web.console.policy.placed import POLICY, Placed, Places


@dataclass(frozen=True, slots=True)
class Read:
    """An example, and whether its words are for the visitor."""

    example: Example
    is_seen: bool


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
        read = await self._examples(here, law)
        card: CardRead | None = None
        if isinstance(self._judge, ShowsCards):
            card = await self._judge.card(law.policy)
        return here.fragment(
            "policy/card_text.html",
            law=law,
            card=card,
            named=versions_named(law.number, law.extends),
            learned=len(law.policy.examples) - len(law.written.examples),
            examples=read,
            # What was learned where the visitor cannot look stands in the whole text too.
            source=law.policy.source if all(one.is_seen for one in read) else law.written.source,
            judge=self._judge.info(),
        )

    async def _examples(self, here: Placed, law: Law) -> list[Read]:
        """The examples that the judge is handed, and which of them were said where the visitor sees."""
        entry = here.asked.entry
        learned = await self._store.learned.of(entry.guild.id)
        taught = {one.example: one.learned for one in used(law.written, learned)}
        found = [Read(one, True) for one in law.written.examples]
        for one in law.policy.examples[len(law.written.examples) :]:
            # Of one that was removed at this moment nobody knows where it was said.
            of = taught.get(one)
            is_seen = of is not None and await sees_example(self._store, entry.sight, entry.guild.id, of)
            found.append(Read(one, is_seen))
        return found


def _of_draft(here: Placed) -> bool:
    return here.asked.query.get("of") == "draft" and here.draft is not None


def _versions(here: Placed) -> Versions:
    """What is in force at the place, or would be with its draft."""
    book = here.book
    if _of_draft(here) and here.draft is not None:
        book = book.with_live(here.draft)
    return book.in_force(book.where(here.place_id, parents_in(here.asked.entry.guild)))
