"""All that a page shows of a case, gathered for one visitor."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup

from bot.discord_io.caseview import CHOICES, Deed, deeds
from bot.discord_io.embeds import headline
from bot.discord_io.standing_text import LadderText, ladder_text
from bot.discord_io.text import plain
from bot.domain.case_filter import CaseFilter
from bot.domain.case_terms import STATUS, WAITS
from bot.domain.learned import Lesson
from bot.domain.records import CLAIM_LASTS, Appeal, CaseNote, CaseRecord, CaseStatus
from bot.domain.submission import NOBODY, message_link
from bot.domain.waiting import Waiting, waiting
from bot.domain.withholding import NOT_SHOWN, as_shown
from bot.judge.interface import NoAnswerError
from bot.language import tr
from bot.pipeline.rules import rule_texts_of
from bot.pipeline.standing import cases_for
from bot.pipeline.teaching import Teaching
from bot.store import Store
from bot.web.console.case_lines import ActionLine, AnswerLine, action_lines, answer_lines
from bot.web.console.case_parts import Bar, Piece, bars, parted, pieces, read_as
from bot.web.console.case_versions import versions_shown
from bot.web.console.names import Names, People
from bot.web.console.times import written
from bot.web.console.visitor import Entry

MOST_EARLIER = 10
CASE_WORDS: Mapping[str, Any] = {"withheld": NOT_SHOWN, "status_words": STATUS}
"""What the template of a case needs beside it."""


@dataclass(frozen=True, slots=True)
class CaseShown:
    """A case as a template fills it in. `case` holds nothing that may not be shown."""

    case: CaseRecord
    names: Names
    author: str
    headline: str
    waits: Waiting | None
    holder: int | None
    message: tuple[Piece, ...]
    normalised: tuple[Piece, ...]
    said_before: tuple[tuple[str, str], ...]
    bars_that_count: tuple[Bar, ...]
    bars_beside: tuple[Bar, ...]
    rule_text: str
    policy: Markup
    ladder: LadderText | None
    earlier: tuple[CaseRecord, ...]
    lesson: Lesson | None
    offered: frozenset[str]

    @property
    def status(self) -> str:
        """Where the case stands."""
        return tr(STATUS[self.case.status])

    @property
    def tone(self) -> str:
        """How that is coloured."""
        return status_tone(self.case.status)

    @property
    def waits_for(self) -> str:
        """Why the case waits for a human; empty where it does not."""
        return tr(WAITS[self.waits.why]) if self.waits is not None else ""

    @property
    def held_until(self) -> datetime | None:
        """Until when somebody holds the case; None where nobody does."""
        since = self.case.claimed_at
        return since + CLAIM_LASTS if self.holder is not None and since is not None else None

    @property
    def reason(self) -> str:
        """Why, in a sentence or two."""
        if self.case.verdict is not None and self.case.verdict.rationale:
            return plain(self.case.verdict.rationale)
        # What the database is asked about is kept in English.
        return plain(tr(self.case.decision.reason)) if self.case.decision.reason else ""

    @property
    def reasoning(self) -> str:
        """What a judge that reasons thought."""
        return plain(self.case.verdict.reasoning) if self.case.verdict is not None else ""

    @property
    def actions(self) -> list[ActionLine]:
        """What was done, or was to be."""
        return action_lines(self.case, self.names)

    @property
    def answers(self) -> list[AnswerLine]:
        """What humans said, oldest first."""
        return answer_lines(self.case, self.names)

    @property
    def appeal(self) -> Appeal | None:
        """The author's words against the case, harmless to show."""
        appeal = self.case.appeal
        return appeal and replace(appeal, text=plain(appeal.text), answer=plain(appeal.answer))

    @property
    def notes(self) -> list[CaseNote]:
        """What moderators wrote down, oldest first, harmless to show."""
        return [replace(note, text=plain(note.text)) for note in self.case.notes]

    @property
    def known(self) -> int:
        """How many answers whoever sees this knows of."""
        return len(self.case.reviews)

    @property
    def link(self) -> str:
        """The message on Discord."""
        said = self.case.submission
        return message_link(said.guild_id, said.channel_id, said.message_id)

    @property
    def post_link(self) -> str:
        """The case's post in the mod log; empty where it has none."""
        case = self.case
        if case.log_channel_id is None or case.log_message_id is None:
            return ""
        return message_link(case.guild_id, case.log_channel_id, case.log_message_id)

    @property
    def actions_offered(self) -> list[tuple[str, str]]:
        """What may be asked for: what a form sends, and how it is called."""
        return [(str(action), tr(label)) for action, label in CHOICES]


class Gathering:
    """Reads what belongs to a case."""

    def __init__(self, store: Store, teaching: Teaching, people: People) -> None:
        """Read from `store`; `teaching` says what could be learned, `people` who is called what."""
        self._store = store
        self._teaching = teaching
        self._people = people

    async def shown(self, entry: Entry, case: CaseRecord) -> CaseShown:
        """A case that the visitor may see."""
        now = datetime.now(UTC)
        rule_texts: Mapping[str, str] = {}
        with suppress(NoAnswerError):  # versions that do not fit together any more: the rest is shown
            rule_texts = await rule_texts_of(self._store, case)
        lesson = await self.lesson(case)
        case = as_shown(await self._store.cases.context_shown(case))
        said, verdict = case.submission, case.verdict
        names = await self._people.names(
            entry.guild, _people_of(case), {said.author_id: said.author_name}, hidden=entry.sight.hidden
        )
        quote = verdict.quote if verdict else ""
        read = read_as(said.text, said.normalised)
        return CaseShown(
            case,
            names,
            author_of(case, names),
            headline(case),
            waiting(case),
            case.claim_at(now),
            pieces(said.text, quote),
            pieces(read, quote) if read else (),
            tuple((plain(one.author), plain(one.text)) for one in said.context),
            *parted(bars(case, rule_texts, entry.settings.thresholds)),
            plain(rule_texts.get(case.decision.rule or "", "")),
            await versions_shown(self._store, entry, case),
            await self._ladder(entry, case, now),
            tuple(await self._earlier(entry, case)),
            lesson,
            _offered(case),
        )

    async def lesson(self, case: CaseRecord) -> Lesson | None:
        """What could be learned from the answer to a case; None where nothing can be, or it was learned already."""
        with suppress(NoAnswerError):
            if (lesson := await self._teaching.lesson(case)) is not None:
                learned = await self._store.learned.of(case.guild_id)
                if not any(one.case_number == case.number and one.lesson == lesson for one in learned):
                    return lesson
        return None

    async def _ladder(self, entry: Entry, case: CaseRecord, now: datetime) -> LadderText | None:
        rule, ladder = case.decision.rule, entry.settings.ladder
        if rule is None or case.submission.author_id == NOBODY:
            return None
        cases = await cases_for(self._store, ladder, rule, case.submission, now)
        return None if cases is None else ladder_text(case, ladder, cases, now, written)

    async def _earlier(self, entry: Entry, case: CaseRecord) -> list[CaseRecord]:
        """The author's newest earlier cases that the visitor sees; none of an author who was forgotten."""
        if case.submission.author_id == NOBODY:
            return []
        wanted = CaseFilter(member_id=case.submission.author_id, up_to=case.number - 1)

        async def find(hidden: frozenset[int]) -> list[CaseRecord]:
            return await self._store.search.find(case.guild_id, replace(wanted, hidden=hidden), MOST_EARLIER)

        return await entry.sight.cases(find)


def author_of(case: CaseRecord, names: Names) -> str:
    """Who wrote the message of a case, as far as that is still known."""
    said = case.submission
    return plain(said.author_name) or names.author(said.author_id)


def _people_of(case: CaseRecord) -> list[int | None]:
    """All whom the page names, but for the author."""
    return [
        *(one.reviewer_id for one in case.reviews),
        *(one.author_id for one in case.notes),
        *(one.asked_by for one in case.actions),
        case.claimed_by,
        case.appeal.answered_by if case.appeal else None,
        *case.reporters[:3],
    ]


def _offered(case: CaseRecord) -> frozenset[str]:
    """What can be done about the case: the buttons that its post has, and what commands do beside them."""
    offered = {str(deed) for deed in deeds(case)}
    if case.status is not CaseStatus.OVERTURNED:
        offered.add(str(Deed.OVERTURN))
    if case.status is CaseStatus.OPEN or case.status is CaseStatus.CONFIRMED:
        offered.add("act")
    if case.appeal is not None and (case.appeal.answered_at is None or case.appeal.note):
        offered.add("answer")
    return frozenset(offered)


def status_tone(status: CaseStatus) -> str:
    """How the badge of a status is coloured."""
    return _TONES[status]


_TONES: Mapping[CaseStatus, str] = {
    CaseStatus.OPEN: "warn",
    CaseStatus.CONFIRMED: "good",
    CaseStatus.OVERTURNED: "info",
    CaseStatus.OTHER: "info",
}
