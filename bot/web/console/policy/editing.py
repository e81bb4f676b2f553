"""The editor: a text is looked at while it is typed, kept as the draft, and published. Nothing typed is lost.

The browser keeps what is typed whatever is answered. It says which draft and which live version its author began from:
where another changed one of them meanwhile, both texts are shown, and nothing is overwritten before that was seen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from bot.discord_io.prospects import effect_note, first_number, obstacle_note
from bot.discord_io.refusal import RefusedError
from bot.domain.line_diff import line_diff
from bot.domain.policy import MAX_POLICY_CHARACTERS, MAX_RULES, PolicyError, policy_digest
from bot.domain.policy_check import check
from bot.domain.policy_text import parse_policy
from bot.domain.records import PolicyVersion
from bot.domain.version_words import name_of
from bot.language import tr
from bot.lawmaking.publication import Publication
from bot.store import Store, StoreError
from bot.web.console.asked import Asked, Page
from bot.web.console.policy.placed import POLICY, Placed, Places, one_line

_NO_TIME = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Typed:
    """What the editor sends: the text, and the digests of the draft and the live version it began from."""

    source: str
    draft: str
    live: str

    @property
    def digest(self) -> str:
        """What the text is known by."""
        return policy_digest(self.source)


GoOn = Callable[[Placed, Typed, PolicyVersion], Awaitable[web.StreamResponse]]


class Editing:
    """Drafts a policy and makes it the law."""

    def __init__(self, store: Store, places: Places, publication: Publication) -> None:
        """Keep drafts in `store`; publish through `publication`."""
        self._store = store
        self._places = places
        self._publication = publication

    def pages(self) -> Sequence[Page]:
        """The editor, and what it asks for."""
        return [
            Page("GET", "policy/edit", POLICY, self._show),
            Page("POST", "policy/edit/check", POLICY, self._check, only_looks=True),
            Page("POST", "policy/edit/keep", POLICY, self._keep),
            Page("POST", "policy/edit/publish", POLICY, self._publish),
        ]

    async def _show(self, asked: Asked) -> web.StreamResponse:
        here = await self._places.named(asked)
        begun = here.draft or here.live
        source = begun.source if begun is not None else ""
        return here.page(
            "policy/edit",
            "policy/edit.html",
            source=source,
            first=first_number(asked.entry.guild, here.book, here.place_id),
            is_anothers=here.draft is not None and here.draft.author_id != asked.entry.actor_id,
            **_begun(here),
            **_looked_at(here, source),
        )

    async def _check(self, asked: Asked) -> web.StreamResponse:
        here = await self._places.named(asked)
        looked_at = await asyncio.to_thread(_looked_at, here, _typed(asked).source)
        return here.fragment("policy/check.html", **looked_at)

    async def _keep(self, asked: Asked) -> web.StreamResponse:
        return await self._keep_first(asked, self._tell_kept)

    async def _publish(self, asked: Asked) -> web.StreamResponse:
        return await self._keep_first(asked, self._make_live)

    async def _keep_first(self, asked: Asked, go_on: GoOn) -> web.StreamResponse:
        """Keep the text as the draft, so that nothing is lost, and go on with it."""
        here, typed = await self._places.named(asked), _typed(asked)
        try:
            draft = await self._kept(here, typed)
        except PolicyError as error:
            return here.fragment("policy/refused.html", why=here.said(str(error)))
        if draft is None:
            return await self._conflict(asked, typed)
        return await go_on(await self._places.named(asked), typed, draft)

    async def _tell_kept(self, here: Placed, typed: Typed, draft: PolicyVersion) -> web.StreamResponse:
        said = [tr("The draft is kept; nothing changes for members until it is published."), *_meanwhile(here, typed)]
        return here.fragment("policy/kept.html", said=" ".join(said), went_live=False, **_begun(here))

    async def _make_live(self, here: Placed, typed: Typed, draft: PolicyVersion) -> web.StreamResponse:
        """Publish it, unless it would take back what another published."""
        if meanwhile := _meanwhile(here, typed):
            said = [*meanwhile, tr("Your text is kept as the draft, and not published yet.")]
            return here.fragment("policy/kept.html", said=" ".join(said), went_live=False, **_begun(here))
        asked, before, place_id = here.asked, here.live, here.place_id
        entry, reason = asked.entry, one_line(asked.form.get("reason", ""))
        try:
            told = await self._publication.make_live(entry.guild, entry.actor_id, draft.digest, reason, place_id)
        except (RefusedError, StoreError) as error:
            return here.fragment("policy/refused.html", why=here.said(str(error)))
        here = await self._places.named(asked)
        went_live = here.live != before
        return here.fragment("policy/kept.html", said=here.said(told), went_live=went_live, **_begun(here))

    async def _kept(self, here: Placed, typed: Typed) -> PolicyVersion | None:
        """The text as the draft, None where somebody else changed the draft meanwhile; PolicyError."""
        parse_policy(typed.source)
        by, policies = here.asked.entry.actor_id, self._store.policies
        try:
            return await policies.save_draft(here.asked.guild_id, typed.source, by, typed.draft, here.place_id)
        except StoreError:
            if here.draft is None:
                raise
            return None

    async def _conflict(self, asked: Asked, typed: Typed) -> web.StreamResponse:
        """Both texts: the draft that there is, and what would change in it."""
        here = await self._places.named(asked)
        theirs = here.draft
        if theirs is None:
            raise RefusedError(tr("The draft was published or changed just now: try again."))
        lines = line_diff(theirs.source, typed.source)
        return here.fragment("policy/conflict.html", theirs=theirs, lines=lines, **_begun(here))


def _typed(asked: Asked) -> Typed:
    """What was sent; a browser may send line breaks as they are in forms."""
    form = asked.form
    source = form.get("source", "").replace("\r\n", "\n").replace("\r", "\n")
    return Typed(source, form.get("draft", ""), form.get("live", ""))


def _meanwhile(here: Placed, typed: Typed) -> list[str]:
    """A sentence where another version went live since the author began."""
    live = here.live
    if live is None or live.digest in {typed.live, typed.digest}:
        return []
    return [
        tr(
            "Meanwhile {member} published version {number}: the comparison shows what publishing your text would "
            "change in it. Press Publish again if that is what you want.",
            member=here.person(live.author_id),
            number=live.number,
        )
    ]


def _begun(here: Placed) -> dict[str, Any]:
    """What the editor begins from next time: the draft and the live version there are now."""
    return {"draft": here.draft, "live": here.live}


def _looked_at(here: Placed, source: str) -> dict[str, Any]:
    """What is said of a text as it stands, and what it would change."""
    checked, live, guild = check(source), here.live, here.asked.entry.guild
    notes = []
    if checked.policy is not None:
        version = PolicyVersion(
            guild.id, 0, source, checked.policy.digest, here.asked.entry.actor_id, "", _NO_TIME, None, here.place_id
        )
        notes = [effect_note(guild, here.book, version), obstacle_note(guild, here.book, version)]
    before = live.source if live is not None else ""
    return {
        "checked": checked,
        "most": MAX_POLICY_CHARACTERS,
        "most_rules": MAX_RULES,
        "notes": [here.said(note) for note in notes if note],
        "lines": line_diff(before, source) if source.strip() or before else [],
        "against": name_of(live) if live is not None else "",
        "is_live": live is not None and live.source == source,
    }
