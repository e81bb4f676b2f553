"""Whose policy is meant: the server's, or that of a channel or category."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from bot.discord_io.refusal import RefusedError
from bot.discord_io.text import plain
from bot.domain.access import Group, Use, Who
from bot.domain.lawbook import How, Lawbook
from bot.domain.records import PolicyVersion
from bot.language import mark, tr
from bot.store import Store
from bot.web.console.asked import Asked
from bot.web.console.names import Names, People
from bot.web.console.numbers import LARGEST_ID, number_in
from bot.web.console.policy.names import place_name, readable

POLICY = Use(Group.POLICY, Who.MODERATORS)
TRIAL = Use(Group.TRIAL, Who.MODERATORS)
SETTINGS = Use(Group.SETTINGS, Who.MANAGERS)

_TABS: Mapping[str, tuple[str, Use]] = {
    "policy": (mark("In force"), POLICY),
    "policy/edit": (mark("Edit"), POLICY),
    "policy/versions": (mark("Versions"), POLICY),
    "policy/card": (mark("Card"), POLICY),
    "policy/try": (mark("Try"), TRIAL),
    "policy/backtest": (mark("Backtest"), POLICY),
    "policy/thresholds": (mark("Thresholds"), POLICY),
}
HOW = {
    How.EXTEND: mark("extends what is in force around it"),
    How.REPLACE: mark("replaces what is in force around it"),
    How.NONE: mark("is kept, and not in force"),
}


@dataclass(frozen=True, slots=True)
class Placed:
    """One request about a policy; `book` is what the visitor sees, `place_id` is None for the server's."""

    asked: Asked
    book: Lawbook
    place_id: int | None
    names: Names

    @property
    def live(self) -> PolicyVersion | None:
        """What was published last for the place."""
        return self.book.live if self.place_id is None else self.book.places[self.place_id].live

    @property
    def draft(self) -> PolicyVersion | None:
        """What is being written for the place."""
        return self.book.draft if self.place_id is None else self.book.places[self.place_id].draft

    @property
    def name(self) -> str:
        """The place's name."""
        return place_name(self.asked.entry.guild, self.place_id)

    def at(self, path: str, **query: object) -> str:
        """A page about the same place."""
        place = {"place": self.place_id} if self.place_id is not None else {}
        given = urlencode({**place, **query})
        return self.asked.at(path) + (f"?{given}" if given else "")

    def page(self, path: str, template: str, **values: Any) -> web.Response:
        """A whole page, with the tabs of the section."""
        tabs = [(self.at(to), tr(name), to == path) for to, (name, use) in _TABS.items() if self.asked.entry.may(use)]
        places = [(one, place_name(self.asked.entry.guild, one)) for one in (None, *self.book.places)]
        title = tr(_TABS[path][0])
        shown = {"tabs": tabs, "places": places, "tab_path": self.asked.at(path), "tab": title}
        return self.asked.page(template, title=f"{title} · {tr('Policy')}", **shown, **self._values(), **values)

    def fragment(self, template: str, **values: Any) -> web.Response:
        """A part of a page."""
        return self.asked.fragment(template, **self._values(), **values)

    def said(self, text: str) -> str:
        """A sentence written for Discord, as it is read here."""
        return readable(self.names, text)

    def person(self, user_id: int) -> str:
        """What somebody is called."""
        return self.names.moderator(user_id)

    def _values(self) -> dict[str, Any]:
        return {"placed": self, "person": self.person, "how_words": HOW}


class Places:
    """Finds whose policy a request is about, and who is named on its page."""

    def __init__(self, store: Store, people: People) -> None:
        """Read policies from `store`; `people` knows names."""
        self._store = store
        self._people = people

    async def named(self, asked: Asked, authors: Iterable[int] = ()) -> Placed:
        """The place that a request names; RefusedError where it has no policy of its own, or is not seen.

        Named on the page are the authors of what is live or being written, and these.
        """
        book = (await self._store.policies.lawbook(asked.guild_id)).without(asked.entry.sight.hidden)
        given = asked.form.get("place") or asked.query.get("place") or ""
        place_id = None
        if given:
            place_id = number_in(given, LARGEST_ID)
            if place_id not in book.places:
                raise RefusedError(tr("That channel or category has no policy of its own, or you cannot see it."))
        kept = [one for place in book.places.values() for one in (place.live, place.draft)]
        ids = [*authors, *(one.author_id for one in (book.live, book.draft, *kept) if one is not None)]
        entry = asked.entry
        names = await self._people.names(entry.guild, ids, hidden=entry.sight.hidden)
        return Placed(asked, book, place_id, names)

    async def with_people(self, here: Placed, authors: Iterable[int]) -> Placed:
        """The same where others are named too."""
        known = [one.author_id for one in (here.live, here.draft) if one is not None]
        entry = here.asked.entry
        names = await self._people.names(entry.guild, [*known, *authors], hidden=entry.sight.hidden)
        return replace(here, names=names)


def one_line(text: str) -> str:
    """A reason as somebody typed it, on one line, as long as a command takes it."""
    return " ".join(plain(text).split())[:400]
