"""The versions: who published which, what differs between any two, and going back to one."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from bot.discord_io.refusal import RefusedError
from bot.domain.line_diff import line_diff
from bot.domain.records import PolicyVersion
from bot.domain.version_words import name_of, short
from bot.language import tr
from bot.lawmaking.publication import Publication
from bot.store import Store
from bot.web.console.asked import Asked, Page
from bot.web.console.numbers import LARGEST_VERSION, number_in
from bot.web.console.policy.placed import POLICY, Placed, Places, one_line

MOST = 200
DRAFT = "draft"


class Versions:
    """What was the law, and can be again."""

    def __init__(self, store: Store, places: Places, publication: Publication) -> None:
        """Read from `store`; go back through `publication`."""
        self._store = store
        self._places = places
        self._publication = publication

    def pages(self) -> Sequence[Page]:
        """The list with a comparison, one version's text, and going back."""
        return [
            Page("GET", "policy/versions", POLICY, self._show),
            Page("GET", "policy/versions/diff", POLICY, self._compare),
            Page("GET", "policy/versions/{number}", POLICY, self._text),
            Page("POST", "policy/versions/{number}/restore", POLICY, self._restore),
        ]

    async def _show(self, asked: Asked) -> web.StreamResponse:
        here = await self._places.named(asked)
        versions = await self._store.policies.history(asked.guild_id, MOST, here.place_id)
        here = await self._places.with_people(here, [one.author_id for one in versions])
        old, new = await self._pair(here, versions)
        return here.page(
            "policy/versions",
            "policy/versions.html",
            versions=versions,
            short=short,
            old=_key(old),
            new=_key(new),
            **_compared(old, new),
        )

    async def _pair(
        self, here: Placed, versions: Sequence[PolicyVersion]
    ) -> tuple[PolicyVersion | None, PolicyVersion | None]:
        """The two that are asked for; else what the draft changes, or what the last version changed."""
        asked = here.asked.query
        new = await self._found(here, asked["new"]) if asked.get("new") else here.draft or here.live
        if asked.get("old"):
            return await self._found(here, asked["old"]), new
        if new is not None and not new.number:
            return here.live, new
        older = [one for one in versions if new is not None and one.number < new.number]
        return (older[0] if older else None), new

    async def _compare(self, asked: Asked) -> web.StreamResponse:
        here = await self._places.named(asked)
        old, new = await self._pair(here, await self._store.policies.history(asked.guild_id, MOST, here.place_id))
        return here.fragment("policy/compared.html", **_compared(old, new))

    async def _text(self, asked: Asked) -> web.StreamResponse:
        here = await self._places.named(asked)
        found = await self._found(here, asked.request.match_info["number"])
        here = await self._places.with_people(here, [found.author_id])
        return here.page("policy/versions", "policy/version.html", version=found, short=short)

    async def _restore(self, asked: Asked) -> web.StreamResponse:
        here = await self._places.named(asked)
        found = await self._found(here, asked.request.match_info["number"])
        if not found.number:
            raise RefusedError(tr("A draft cannot be restored: publish it instead."))
        reason = one_line(asked.form.get("reason", ""))
        done = await self._publication.roll_back(asked.entry.guild, asked.entry.actor_id, found, reason)
        return here.fragment("policy/restored.html", said=here.said(done.said), went_live=done.version is not None)

    async def _found(self, here: Placed, given: str) -> PolicyVersion:
        """A version of the place's policy by its number, or its draft; RefusedError where there is none."""
        found = None
        if given == DRAFT:
            found = here.draft
        elif (number := number_in(given, LARGEST_VERSION)) is not None:
            found = await self._store.policies.version(here.asked.guild_id, number)
        if found is None or found.place_id != here.place_id:
            raise RefusedError(tr("There is no such version of this policy: go back to the list."))
        return found


def _key(version: PolicyVersion | None) -> str:
    if version is None:
        return ""
    return str(version.number) if version.number else DRAFT


def _compared(old: PolicyVersion | None, new: PolicyVersion | None) -> dict[str, object]:
    """What a comparison shows: lines, names, and a sentence where no line differs."""
    if old is None or new is None:
        return {"lines": [], "compared": "", "alike": tr("There are no two texts to compare yet.")}
    lines = line_diff(old.source, new.source)
    alike = ""
    if not lines:
        same = old.digest == new.digest
        alike = tr("The two have the very same text.") if same else tr("They differ in line breaks only.")
    return {"lines": lines, "compared": tr("From {old} to {new}", old=name_of(old), new=name_of(new)), "alike": alike}
