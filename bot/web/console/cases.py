"""*Cases*: lists of them, each by itself, and what can be done about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import discord
from aiohttp import web

from bot.discord_io.embeds import came_of
from bot.discord_io.places import parents_in
from bot.discord_io.refusal import NotAllowedError, RefusedError
from bot.discord_io.text import plain
from bot.domain.access import Group, Use, Who
from bot.domain.case_filter import CaseFilter
from bot.domain.case_terms import STATUS
from bot.domain.lawbook import rules_somewhere
from bot.domain.records import CaseRecord, CaseStatus
from bot.domain.submission import NOBODY
from bot.domain.withholding import NOT_SHOWN, as_shown
from bot.language import mark, tr
from bot.pipeline.teaching import Teaching
from bot.store import Store, StoreError
from bot.web.console.asked import Asked, Page
from bot.web.console.called import Candidate
from bot.web.console.case_answers import CaseAnswers
from bot.web.console.case_parts import excerpt
from bot.web.console.case_query import CaseQuery
from bot.web.console.case_shown import CASE_WORDS, CaseShown, Gathering, author_of, status_tone
from bot.web.console.case_told import Told, refused, status_of, told_of
from bot.web.console.htmx import is_fragment
from bot.web.console.names import Names, People
from bot.web.console.visitor import Entry
from bot.web.console.whom import Whom, authors_of

PAGE = 25
_MOST_OPTIONS = 500


@dataclass(frozen=True, slots=True)
class Row:
    """A case in a list."""

    case: CaseRecord
    status: str
    tone: str
    author: str
    channel: str
    text: str
    done: str
    is_withheld: bool
    is_claimed: bool


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody by whom a list is narrowed: in which field, how that is called, and who it is."""

    field: str
    label: str
    person: Candidate


class Cases:
    """For moderators, about cases in channels they can see."""

    path = "cases"
    title = mark("Cases")
    use = Use(Group.CASES, Who.MODERATORS)

    def __init__(
        self,
        store: Store,
        people: People,
        whom: Whom,
        gathering: Gathering,
        answers: CaseAnswers,
        teaching: Teaching,
    ) -> None:
        """Read from `store`, answer through `answers`; `people` says who is called what, `whom` who is meant."""
        self._store = store
        self._people = people
        self._whom = whom
        self._gathering = gathering
        self._answers = answers
        self._teaching = teaching

    def pages(self) -> Sequence[Page]:
        """The list, whom its fields suggest, each case, and what is done about it."""
        answers = [
            Page("POST", f"cases/{{number}}/{deed}", self.use, self._answering(deed)) for deed in self._answers.deeds
        ]
        return [
            Page("GET", self.path, self.use, self._list),
            Page("GET", "cases/members", self.use, self._members),
            Page("GET", "cases/moderators", self.use, self._moderators),
            Page("GET", "cases/{number}", self.use, self._one),
            *answers,
        ]

    # -- the list ----------------------------------------------------------------------------------------

    async def _list(self, asked: Asked) -> web.StreamResponse:
        query, entry = CaseQuery.read(asked.query), asked.entry
        problem, rows = "", list[Row]()
        older, people = "", list[Named]()
        try:
            whom = await self._whom.found(entry, query)
            found = await self._find(entry, whom.query.filter())
        except RefusedError as error:
            problem = str(error)
        else:
            query = whom.query
            rows = await self._rows(entry, found[:PAGE])
            people = await self._named(entry, query, {**_authors(rows), **whom.names})
            if len(found) > PAGE:
                older = query.with_(up_to=found[PAGE].number)
        shown = {"query": query, "rows": rows, "older": older, "problem": problem, "people": people}
        if is_fragment(asked.request):
            return _keep_address(asked, asked.fragment("cases_list.html", **shown), query)
        choices = {"channels": _channels(entry), "rules": await self._rules(entry), "statuses": _statuses()}
        written = {one.field: one.person.written for one in people}
        suggested = {"members": authors_of([row.case for row in rows]), "moderators": [await self._you(entry)]}
        return asked.page("cases.html", tr(self.title), **shown, **choices, **suggested, written=written)

    async def _members(self, asked: Asked) -> web.StreamResponse:
        people = await self._whom.members(asked.entry, CaseQuery.read(asked.query))
        return asked.fragment("cases_people.html", people=people)

    async def _moderators(self, asked: Asked) -> web.StreamResponse:
        people = await self._whom.moderators(asked.entry, CaseQuery.read(asked.query))
        return asked.fragment("cases_people.html", people=people)

    async def _named(self, entry: Entry, query: CaseQuery, known: Mapping[int, str]) -> list[Named]:
        """The people by whom a list is narrowed, by name where they have one here."""
        fields = (("member", tr("Member"), query.member), ("moderator", tr("Moderator"), query.moderator))
        given = [(field, label, int(digits)) for field, label, digits in fields if digits]
        names = await self._people.names(entry.guild, [one for _, _, one in given], known, hidden=entry.sight.hidden)
        called = {"member": names.author, "moderator": names.moderator}
        return [Named(field, label, Candidate(one, called[field](one))) for field, label, one in given]

    async def _you(self, entry: Entry) -> Candidate:
        names = await self._people.names(entry.guild, [entry.actor_id], hidden=entry.sight.hidden)
        return Candidate(entry.actor_id, names.moderator(entry.actor_id))

    async def _find(self, entry: Entry, wanted: CaseFilter) -> list[CaseRecord]:
        """One case more than a page holds, where there are more."""
        search, guild_id = self._store.search, entry.guild.id
        return await entry.sight.cases(lambda hidden: search.find(guild_id, replace(wanted, hidden=hidden), PAGE + 1))

    async def _rows(self, entry: Entry, cases: Sequence[CaseRecord]) -> list[Row]:
        now = datetime.now(UTC)
        names = await self._people.names(entry.guild, (), hidden=entry.sight.hidden)
        return [_row(case, names, now) for case in map(as_shown, cases)]

    async def _rules(self, entry: Entry) -> list[tuple[str, str]]:
        """The rules in force in places that the visitor sees: key and words."""
        book = (await self._store.policies.lawbook(entry.guild.id)).without(entry.sight.hidden)
        return [(rule.key, excerpt(rule.text)) for rule in rules_somewhere(book, parents_in(entry.guild))]

    # -- one case ----------------------------------------------------------------------------------------

    async def _one(self, asked: Asked) -> web.StreamResponse:
        try:
            case = await self._answers.case(asked.entry, asked.number("number"))
        except RefusedError as error:
            status = 403 if isinstance(error, NotAllowedError) else 404
            return asked.page("error.html", tr(self.title), here=self.path, sentence=str(error), status=status)
        shown = await self._gathering.shown(asked.entry, case)
        done = asked.query.get("done", "")
        return self._shown(asked, shown, await told_of(done, asked.entry, case, shown.names, self._teaching))

    def _shown(self, asked: Asked, shown: CaseShown, told: Told | None, status: int = 200) -> web.StreamResponse:
        number = shown.case.number
        values = {"shown": shown, "told": told, "base": f"cases/{number}", **CASE_WORDS}
        return asked.page("case.html", tr("Case {number}", number=number), status=status, **values)

    def _answering(self, deed: str) -> Callable[[Asked], Awaitable[web.StreamResponse]]:
        async def answer(asked: Asked) -> web.StreamResponse:
            entry, number = asked.entry, asked.number("number")
            case = await self._answers.case(entry, number)
            try:
                await self._answers.do(entry, case, deed, asked.form)
            except (RefusedError, StoreError) as error:
                shown = await self._gathering.shown(entry, await self._answers.case(entry, number))
                return self._shown(asked, shown, refused(error, shown.case, shown.names), status_of(error))
            return asked.to(f"cases/{number}?done={deed}")

        return answer


def _row(case: CaseRecord, names: Names, now: datetime) -> Row:
    said = case.submission
    return Row(
        case,
        tr(STATUS[case.status]),
        status_tone(case.status),
        author_of(case, names),
        names.channel(said.channel_id),
        tr(NOT_SHOWN) if case.only_linked else excerpt(said.text),
        came_of(case),
        case.only_linked,
        case.claim_at(now) is not None,
    )


def _channels(entry: Entry) -> list[tuple[int, str]]:
    """The channels that messages are written in, as far as the visitor sees them, in Discord's order."""
    found: list[tuple[int, str]] = []
    for channel in entry.guild.channels:
        if not isinstance(channel, discord.CategoryChannel) and channel.id not in entry.sight.hidden:
            found.append((channel.id, f"#{plain(channel.name)}"))
    return found[:_MOST_OPTIONS]


def _authors(rows: Sequence[Row]) -> dict[int, str]:
    """What the authors of a list are called, for their names may be no member's any more."""
    return {row.case.submission.author_id: row.author for row in rows if row.case.submission.author_id != NOBODY}


def _statuses() -> list[tuple[str, str]]:
    return [(status.value, tr(STATUS[status])) for status in CaseStatus]


def _keep_address(asked: Asked, response: web.Response, query: CaseQuery) -> web.Response:
    """Let the browser's address say what is shown: each word that is typed is not a step to go back to."""
    typed = asked.request.headers.get("HX-Trigger-Name") == "text"
    response.headers["HX-Replace-Url" if typed else "HX-Push-Url"] = asked.at(query.with_())
    return response
