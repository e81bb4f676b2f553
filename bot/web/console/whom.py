"""Who is meant by a name in a field: Discord is asked for members, and cases that the visitor sees for who left."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import discord
import structlog

from bot.discord_io.refusal import RefusedError
from bot.domain.audit import THE_SHELL
from bot.domain.case_filter import CaseFilter
from bot.domain.moderators import OPERATOR
from bot.domain.records import CaseRecord
from bot.domain.submission import NOBODY
from bot.language import tr
from bot.store import Store
from bot.web.console.called import Candidate, account_of, folded, id_in, meant, on_one_line, together
from bot.web.console.case_query import CaseQuery
from bot.web.console.rate import Rate, RateLimit
from bot.web.console.visitor import Entry

log = structlog.get_logger(__name__)

FEWEST_SIGNS = 2
"""Of a name, before anybody is suggested."""
MOST_SUGGESTED = 20
MOST_CALLED = 100
"""Of how many members Discord tells whose names begin alike."""
LOOKED_THROUGH = 100
"""In how many of the newest cases of a list authors are looked for."""
PATIENCE_SECONDS = 3.0
ASKING = Rate(30, 1.0)
"""How often each moderator has Discord asked: the gateway takes 120 requests a minute, whoever makes them."""


@dataclass(frozen=True, slots=True)
class Found:
    """A query with ids for names, and what those are called of whom the names were found."""

    query: CaseQuery
    names: dict[int, str]


class Whom:
    """Finds people of one server for those who look at its cases. Nothing is kept."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        """Read cases from `store`; how often Discord is asked is told by `clock`."""
        self._store = store
        self._rate = RateLimit(ASKING, clock)

    async def found(self, entry: Entry, query: CaseQuery) -> Found:
        """The query with an id for each name; RefusedError where a name fits nobody, or several."""
        names: dict[int, str] = {}
        member, moderator = query.member, query.moderator
        if member and id_in(member) is None:
            person = await self._meant(entry, member, await self._authors(entry, query))
            member, names[person.id] = str(person.id), person.shown
        if moderator and id_in(moderator) is None:
            person = await self._meant(entry, moderator, _at_the_machine())
            moderator, names[person.id] = str(person.id), person.shown
        ids = {name: str(id_in(given)) for name, given in (("member", member), ("moderator", moderator)) if given}
        return Found(replace(query, **ids), names)

    async def members(self, entry: Entry, query: CaseQuery) -> list[Candidate]:
        """Whom to suggest where a member's name was begun: authors in the list, and members."""
        try:
            authors = await self._authors(entry, query)
        except RefusedError:
            authors = []  # another field says nothing that can be read, which the list tells
        return await self._suggested(entry, query.member, authors)

    async def moderators(self, entry: Entry, query: CaseQuery) -> list[Candidate]:
        """Whom to suggest where a moderator's name was begun."""
        return await self._suggested(entry, query.moderator, _at_the_machine())

    async def _meant(self, entry: Entry, given: str, known: Sequence[Candidate]) -> Candidate:
        called = await self._called(entry, given)
        if len(called) < MOST_CALLED:
            return meant(given, together(called, known))
        # There may be more of them, and one that fits better: only an account is one person's alone.
        if (account := account_of(given, called)) is not None:
            return account
        raise RefusedError(
            tr(
                "Too many names here begin with “{given}”: write the @name or the id of the one you mean.",
                given=given[:40],
            )
        )

    async def _suggested(self, entry: Entry, begun: str, known: Sequence[Candidate]) -> list[Candidate]:
        wanted = folded(begun)
        if len(wanted) < FEWEST_SIGNS or id_in(begun) is not None:
            return []
        try:
            called = await self._called(entry, begun)
        except RefusedError:
            called = []
        fitting = [one for one in known if any(wanted in name for name in one.names)]
        return together(called, fitting)[:MOST_SUGGESTED]

    async def _called(self, entry: Entry, name: str) -> list[Candidate]:
        """The server's members with a name that begins so, not all where they are many; RefusedError."""
        name = name.removeprefix("@").strip()
        if not name:
            return []
        if self._rate.wait(f"{entry.guild.id}:{entry.actor_id}"):
            raise RefusedError(tr("That is too often: wait some seconds, or write an id."))
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                members = await entry.guild.query_members(name, limit=MOST_CALLED, cache=False)
        except (discord.DiscordException, TimeoutError, OSError, RuntimeError) as error:
            # Not the name: the log has no words of anybody's.
            log.warning("members_unknown", guild_id=entry.guild.id, error=type(error).__name__)
            raise RefusedError(
                tr("Discord does not say at the moment who is called so: try again in a minute, or write an id.")
            ) from None
        return [_person(one) for one in members]

    async def _authors(self, entry: Entry, query: CaseQuery) -> list[Candidate]:
        """The authors of the list's newest cases, as they were called then: they may have left. RefusedError."""
        wanted = replace(query, member="", moderator="", up_to="").filter()
        return authors_of(await self._cases(entry, wanted))

    async def _cases(self, entry: Entry, wanted: CaseFilter) -> list[CaseRecord]:
        search, guild_id = self._store.search, entry.guild.id
        return await entry.sight.cases(
            lambda hidden: search.find(guild_id, replace(wanted, hidden=hidden), LOOKED_THROUGH)
        )


def authors_of(cases: Sequence[CaseRecord]) -> list[Candidate]:
    """Who wrote the messages of some cases, each by the newest name; nobody whose records were erased."""
    found: dict[int, Candidate] = {}
    for said in (case.submission for case in cases):
        if said.author_id != NOBODY and (name := on_one_line(said.author_name)):
            found.setdefault(said.author_id, Candidate(said.author_id, name))
    return list(found.values())


def _at_the_machine() -> list[Candidate]:
    return [Candidate(THE_SHELL, tr(OPERATOR))]


def _person(member: discord.Member) -> Candidate:
    others = tuple(one for one in (member.global_name, member.nick, member.name) if one)
    return Candidate(member.id, on_one_line(member.display_name), on_one_line(str(member)), others)
