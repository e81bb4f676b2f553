"""What is done about a case from the console: as with its buttons in Discord, with the same checks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager, suppress

from bot.discord_io.caseview import ASKABLE, Deed
from bot.discord_io.places import parents_in
from bot.discord_io.rank import require_may_act
from bot.discord_io.refusal import NotAllowedError, RefusedError
from bot.domain.records import CaseRecord
from bot.judge.interface import JudgeError
from bot.language import language_for, speaking, tr
from bot.pipeline.reviews import Reviews
from bot.pipeline.teaching import Teaching
from bot.store import Store
from bot.web.console.numbers import number_in
from bot.web.console.visitor import Entry

LONGEST_REASON = 300
LONGEST_TEXT = 1_000
_MOST_KNOWN = 99_999
Form = Mapping[str, str]


class CaseAnswers:
    """Answers in the name of who is let in; the mod log shows them in the server's language."""

    def __init__(self, store: Store, reviews: Reviews, teaching: Teaching) -> None:
        """Read from `store`, answer through `reviews`, learn through `teaching`."""
        self._store = store
        self._reviews = reviews
        self._teaching = teaching
        self._preparing: set[asyncio.Task[None]] = set()
        self._deeds: Mapping[str, Callable[[Entry, CaseRecord, Form], Awaitable[None]]] = {
            Deed.CONFIRM.value: self._confirm,
            Deed.OVERTURN.value: self._overturn,
            "act": self._act,
            Deed.CLAIM.value: self._claim,
            Deed.RELEASE.value: self._release,
            "note": self._note,
            "answer": self._answer,
            "learn": self._learn,
        }

    @property
    def deeds(self) -> tuple[str, ...]:
        """What can be done, as forms name it."""
        return tuple(self._deeds)

    async def case(self, entry: Entry, number: int) -> CaseRecord:
        """A case of the server that the visitor may see; RefusedError where there is none, NotAllowedError else."""
        case = await self._store.cases.get(entry.guild.id, number)
        if case is None:
            raise RefusedError(tr("There is no case {number} on this server.", number=number))
        if not await entry.sight.sees(case.submission.channel_id, case.submission.parent_id):
            raise NotAllowedError(tr("That message is in a channel you cannot see."))
        return case

    async def do(self, entry: Entry, case: CaseRecord, deed: str, form: Form) -> None:
        """Do it; RefusedError or StoreError where it cannot be done, or somebody was first."""
        await self._deeds[deed](entry, case, form)

    async def _confirm(self, entry: Entry, case: CaseRecord, form: Form) -> None:
        with _in_language_of(entry):
            await self._reviews.confirm(case, entry.actor_id, known=_known(form))

    async def _overturn(self, entry: Entry, case: CaseRecord, form: Form) -> None:
        reason = _text(form, "reason", LONGEST_REASON)
        with _in_language_of(entry):
            await self._reviews.overturn(case, entry.actor_id, known=_known(form), note=reason)

    async def _act(self, entry: Entry, case: CaseRecord, form: Form) -> None:
        """Another action, for who could do it by hand."""
        action = ASKABLE.get(form.get("action", ""))
        if action is None:
            raise RefusedError(tr("Choose what shall be done."))
        known = _known(form)
        if len(case.reviews) <= known:
            await require_may_act(entry.member, case, action)
        with _in_language_of(entry):
            await self._reviews.act(case, action, entry.actor_id, known=known)

    async def _claim(self, entry: Entry, case: CaseRecord, _: Form) -> None:
        with _in_language_of(entry):
            await self._reviews.claim(case, entry.actor_id)

    async def _release(self, entry: Entry, case: CaseRecord, _: Form) -> None:
        with _in_language_of(entry):
            await self._reviews.release(case, entry.actor_id)

    async def _note(self, entry: Entry, case: CaseRecord, form: Form) -> None:
        text = _words(form)
        with _in_language_of(entry):
            await self._reviews.note(case, entry.actor_id, text)

    async def _answer(self, entry: Entry, case: CaseRecord, form: Form) -> None:
        """Answer the member who appealed."""
        text = _words(form)
        with _in_language_of(entry):
            await self._reviews.appeals.answer(case, entry.actor_id, text)

    async def _learn(self, entry: Entry, case: CaseRecord, form: Form) -> None:
        """Make an example of a case whose answer still says so."""
        lesson = await self._teaching.lesson(case)
        if lesson is None or form.get("breaks") != ("yes" if lesson.breaks else "no"):
            raise RefusedError(
                tr(
                    "Nothing was learned: the answer to case {number} or the policy is another by now.",
                    number=case.number,
                )
            )
        await self._store.learned.from_message(case.guild_id, case.journal_id, lesson, entry.actor_id)
        # The answer does not wait for the cards to be compiled.
        task = asyncio.create_task(self._prepare(entry), name="console-learned")
        self._preparing.add(task)
        task.add_done_callback(self._preparing.discard)

    async def _prepare(self, entry: Entry) -> None:
        with suppress(JudgeError):
            await self._teaching.prepare(entry.guild.id, parents_in(entry.guild))


def _in_language_of(entry: Entry) -> AbstractContextManager[None]:
    """Discord is told in the server's language, whatever the visitor's browser speaks."""
    return speaking(language_for(entry.settings.language, str(entry.guild.preferred_locale)))


def _known(form: Form) -> int:
    """How many answers there were on the page that the form stands on."""
    return number_in(form.get("known", ""), _MOST_KNOWN) or 0


def _text(form: Form, name: str, most: int) -> str:
    """A field without line ends of another system; RefusedError where there is too much in it."""
    text = form.get(name, "").replace("\r\n", "\n").strip()
    if len(text) > most:
        raise RefusedError(tr("That is too long: write at most {most} characters.", most=most))
    return text


def _words(form: Form) -> str:
    text = _text(form, "text", LONGEST_TEXT)
    if not text:
        raise RefusedError(tr("Write something first."))
    return text
