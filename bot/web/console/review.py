"""*Review*: what waits for a human, one case at a time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web

from bot.discord_io.caseview import Deed
from bot.discord_io.refusal import RefusedError
from bot.domain.access import Group, Use, Who
from bot.domain.learned import Lesson
from bot.domain.records import CaseRecord
from bot.language import mark, tr
from bot.pipeline.teaching import Teaching
from bot.store import StoreError
from bot.web.console.asked import Asked, Page
from bot.web.console.case_answers import CaseAnswers
from bot.web.console.case_shown import CASE_WORDS, Gathering
from bot.web.console.case_told import Told, refused, status_of, told_of
from bot.web.console.htmx import is_fragment
from bot.web.console.names import People
from bot.web.console.next_case import NextCase
from bot.web.console.numbers import LARGEST_CASE, number_in

MOST_SKIPPED = 200
DEEDS = (Deed.CONFIRM.value, Deed.OVERTURN.value, "act", "answer")
"""What a case is done with: the next one comes."""
SKIP = "skip"
_TAUGHT_BY = (Deed.CONFIRM.value, Deed.OVERTURN.value)


@dataclass(frozen=True, slots=True)
class Undo:
    """What takes the last answer back, as far as that is possible: the form's fields, and what it says."""

    number: int
    deed: str
    known: int
    label: str
    help: str


@dataclass(frozen=True, slots=True)
class Before:
    """The case that was looked at last: what became of it, how that is taken back, and what could be learned."""

    number: int = 0
    told: Told | None = None
    undo: Undo | None = None
    lesson: Lesson | None = None


class Review:
    """For moderators, about cases in channels they can see."""

    path = "review"
    title = mark("Review")
    use = Use(Group.CASES, Who.MODERATORS)

    def __init__(
        self, queue: NextCase, people: People, gathering: Gathering, answers: CaseAnswers, teaching: Teaching
    ) -> None:
        """Take cases from `queue`, answer through `answers`."""
        self._queue = queue
        self._people = people
        self._gathering = gathering
        self._answers = answers
        self._teaching = teaching

    def pages(self) -> Sequence[Page]:
        """The queue, each case of it, and what is done about one."""
        return [
            Page("GET", self.path, self.use, self._begin),
            Page("GET", "review/{number}", self.use, self._one),
            Page("POST", self.path, self.use, self._next),
            Page("POST", "review/{number}/skip", self.use, self._skip),
            Page("POST", "review/{number}/note", self.use, self._note),
            Page("POST", "review/{number}/undo", self.use, self._undo),
            Page("POST", "review/{number}/learn", self.use, self._learn),
            *(Page("POST", f"review/{{number}}/{deed}", self.use, self._answering(deed)) for deed in DEEDS),
        ]

    # -- pages -------------------------------------------------------------------------------------------

    async def _begin(self, asked: Asked) -> web.StreamResponse:
        """What waits; nothing is claimed before the visitor says so."""
        if not asked.query and (held := await self._queue.held(asked.entry)) is not None:
            return asked.to(f"review/{held.number}")
        return await self._show(asked, None)

    async def _one(self, asked: Asked) -> web.StreamResponse:
        return await self._show(asked, await self._answers.case(asked.entry, asked.number("number")))

    async def _show(
        self, asked: Asked, case: CaseRecord | None, told: Told | None = None, status: int = 200
    ) -> web.StreamResponse:
        """The page with a case, or with none; what was done before stands above it."""
        entry, before = asked.entry, Before()
        if told is None:
            before = await self._before(asked)
        values = {
            "shown": await self._gathering.shown(entry, case) if case is not None else None,
            "told": told or before.told,
            "last": before.number,
            "undo": before.undo,
            "lesson": before.lesson,
            "waiting": await self._queue.waiting(entry),
            "skipped": asked.query.get("skipped", "") or asked.form.get("skipped", ""),
            "base": f"review/{case.number}" if case is not None else "review",
            "is_over": bool(asked.query.get("done")),
            "status": status,
            **CASE_WORDS,
        }
        if is_fragment(asked.request):
            return asked.fragment("review_part.html", **values)
        return asked.page("review.html", tr(self.title), **values)

    async def _before(self, asked: Asked) -> Before:
        """What the address says was done last, as far as its case bears it out."""
        number, done = number_in(asked.query.get("after", ""), LARGEST_CASE), asked.query.get("done", "")
        if number is None:
            return Before()
        try:
            case = await self._answers.case(asked.entry, number)
        except RefusedError:
            return Before()
        if done == SKIP:
            number = case.number
            undo = Undo(number, "claim", 0, tr("Take case {number} back", number=number), "")
            return Before(number, Told(tr("Case {number} is left to others.", number=number)), undo)
        names = await self._people.names(asked.entry.guild, (), hidden=asked.entry.sight.hidden)
        told = await told_of(done, asked.entry, case, names, self._teaching)
        if told is None:
            return Before()
        lesson = await self._gathering.lesson(case) if done in _TAUGHT_BY else None
        return Before(case.number, told, _undo_of(done, case), lesson)

    # -- answers -----------------------------------------------------------------------------------------

    async def _next(self, asked: Asked) -> web.StreamResponse:
        return await self._go_on(asked, {}, _skipped(asked))

    def _answering(self, deed: str) -> Callable[[Asked], Awaitable[web.StreamResponse]]:
        async def answer(asked: Asked) -> web.StreamResponse:
            case = await self._answers.case(asked.entry, asked.number("number"))
            if (problem := await self._try(asked, case, deed)) is not None:
                return problem
            return await self._go_on(asked, {"after": case.number, "done": deed}, _skipped(asked))

        return answer

    async def _note(self, asked: Asked) -> web.StreamResponse:
        """Note something, and stay."""
        case = await self._answers.case(asked.entry, asked.number("number"))
        if (problem := await self._try(asked, case, "note")) is not None:
            return problem
        return _to(asked, case, {"after": case.number, "done": "note"}, _skipped(asked))

    async def _skip(self, asked: Asked) -> web.StreamResponse:
        """Leave the case to others, and go on to the next."""
        case = await self._answers.case(asked.entry, asked.number("number"))
        if (problem := await self._try(asked, case, Deed.RELEASE.value)) is not None:
            return problem
        skipped = [*_skipped(asked), case.number][-MOST_SKIPPED:]
        return await self._go_on(asked, {"after": case.number, "done": SKIP}, skipped)

    async def _undo(self, asked: Asked) -> web.StreamResponse:
        """Take the last answer back: answer the other way, or take the case on again that was skipped."""
        case = await self._answers.case(asked.entry, asked.number("number"))
        deed, skipped = asked.form.get("deed", ""), _skipped(asked)
        if deed not in {Deed.CONFIRM.value, Deed.OVERTURN.value, Deed.CLAIM.value}:
            raise RefusedError(tr("There is nothing to be taken back."))
        if (problem := await self._try(asked, case, deed)) is not None:
            return problem
        held = await self._held(asked, besides=case.number)
        if deed == Deed.CLAIM.value:
            if held is not None:
                await self._answers.do(asked.entry, held, Deed.RELEASE.value, {})
            return _to(asked, case, {}, [one for one in skipped if one != case.number])
        return _to(asked, held, {"after": case.number, "done": deed}, skipped)

    async def _learn(self, asked: Asked) -> web.StreamResponse:
        """Make an example of the case that was answered last, and stay."""
        case = await self._answers.case(asked.entry, asked.number("number"))
        if (problem := await self._try(asked, case, "learn")) is not None:
            return problem
        held = await self._held(asked, besides=case.number)
        return _to(asked, held, {"after": case.number, "done": "learn"}, _skipped(asked))

    async def _held(self, asked: Asked, besides: int) -> CaseRecord | None:
        """The case that is open on the page while another is taken back."""
        number = number_in(asked.form.get("back", ""), LARGEST_CASE)
        if number is None or number == besides:
            return None
        return await self._answers.case(asked.entry, number)

    async def _try(self, asked: Asked, case: CaseRecord, deed: str) -> web.StreamResponse | None:
        """Do it; where that cannot be, the page with the case as it is now, which says why."""
        try:
            await self._answers.do(asked.entry, case, deed, asked.form)
        except (RefusedError, StoreError) as error:
            now = await self._answers.case(asked.entry, case.number)
            shown = await self._gathering.shown(asked.entry, now)
            return await self._show(asked, now, refused(error, now, shown.names), status_of(error))
        return None

    async def _go_on(self, asked: Asked, done: dict[str, object], skipped: Sequence[int]) -> web.StreamResponse:
        """To the next case, or to where it is said that there is none."""
        return _to(asked, await self._queue.claim(asked.entry, skipped), done or {"done": "all"}, skipped)


def _undo_of(done: str, case: CaseRecord) -> Undo | None:
    """How an answer is taken back; None where it cannot be."""
    number, known = case.number, len(case.reviews)
    match done:
        case Deed.CONFIRM:
            label = tr("Undo: overturn case {number}", number=number)
            return Undo(
                number, Deed.OVERTURN.value, known, label, tr("What the bot did is taken back where it can be.")
            )
        case Deed.OVERTURN:
            label = tr("Undo: confirm case {number}", number=number)
            return Undo(
                number,
                Deed.CONFIRM.value,
                known,
                label,
                tr("What was undone on Discord stays undone: ask for the action where it is still needed."),
            )
        case "act":
            label = tr("Undo: overturn case {number}", number=number)
            return Undo(
                number, Deed.OVERTURN.value, known, label, tr("What you asked for is taken back where it can be.")
            )
        case _:
            return None


def _skipped(asked: Asked) -> list[int]:
    """The cases that were skipped since the visitor began, as the form brings them along."""
    parts = asked.form.get("skipped", "")[: 11 * MOST_SKIPPED].split(",")
    return [number for part in parts if (number := number_in(part, LARGEST_CASE)) is not None]


def _to(asked: Asked, case: CaseRecord | None, said: dict[str, object], skipped: Sequence[int]) -> web.Response:
    query = {**said, **({"skipped": ",".join(map(str, skipped))} if skipped else {})}
    path = f"review/{case.number}" if case is not None else "review"
    return asked.to(f"{path}?{urlencode(query, safe=',')}" if query else path)
