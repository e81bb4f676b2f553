"""What a page says after something was done about a case, or could not be: read from the case as it is now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from bot.discord_io.caseview import Deed
from bot.discord_io.places import parents_in
from bot.discord_io.refusal import NotAllowedError, RefusedError
from bot.domain.case_terms import ANSWERED_BEFORE, CLAIMED
from bot.domain.records import CLAIM_LASTS, ActionOutcome, ActionRecord, CaseRecord, CaseStatus
from bot.language import mark, tr
from bot.pipeline.teaching import Teaching
from bot.store import StoreError
from bot.store.claims import ClaimedError
from bot.store.reviews import AnsweredError
from bot.web.console.case_lines import undoing_words
from bot.web.console.names import Names
from bot.web.console.times import written
from bot.web.console.visitor import Entry

_NOT_DONE = {
    ActionOutcome.FAILED: mark("Case {number}: {action} failed: {note}."),
    ActionOutcome.SKIPPED: mark("Case {number}: {action} skipped: {note}."),
}


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence, and lines below it."""

    sentence: str
    lines: tuple[str, ...] = ()
    is_good: bool = True


async def told_of(done: str, entry: Entry, case: CaseRecord, names: Names, teaching: Teaching) -> Told | None:
    """What became of a deed; None where the case does not show it, as where the address was made up."""
    number, now = case.number, datetime.now(UTC)
    match done:
        case Deed.CONFIRM if case.status is CaseStatus.CONFIRMED:
            return Told(tr("Case {number} is confirmed.", number=number))
        case Deed.OVERTURN if case.status is CaseStatus.OVERTURNED:
            return _overturned(case, names)
        case "act" if case.status is CaseStatus.OTHER:
            return _asked(case)
        case Deed.CLAIM if case.claim_at(now) == entry.actor_id and case.claimed_at is not None:
            until = written(case.claimed_at + CLAIM_LASTS)
            return Told(
                tr(
                    "Case {number} is yours until {time}: only you can answer it before then.",
                    number=number,
                    time=until,
                )
            )
        case Deed.RELEASE if case.claim_at(now) is None:
            return Told(tr("Case {number} is free for others.", number=number))
        case "note" if case.notes:
            return Told(tr("Noted on case {number}.", number=number))
        case "answer" if case.appeal is not None and case.appeal.answered_at is not None:
            return _answered(case, case.appeal.note)
        case "learn":
            return await _learned(entry, case, teaching)
        case _:
            return None


def refused(error: RefusedError | StoreError, case: CaseRecord, names: Names) -> Told:
    """Why something was not done; where somebody was first, by the case as it is now."""
    number, answer = case.number, case.answer
    if isinstance(error, AnsweredError) and answer is not None:
        return Told(
            tr(
                ANSWERED_BEFORE[answer.kind],
                number=number,
                moderator=names.moderator(answer.reviewer_id),
                when=written(answer.at),
            ),
            is_good=False,
        )
    if isinstance(error, ClaimedError) and case.claimed_by is not None and case.claimed_at is not None:
        until = written(case.claimed_at + CLAIM_LASTS)
        who = names.moderator(case.claimed_by)
        return Told(tr(CLAIMED, number=number, moderator=who, until=until), is_good=False)
    return Told(names.sentence(str(error)), is_good=False)


def status_of(error: RefusedError | StoreError) -> int:
    """The status of the answer that says so."""
    return 403 if isinstance(error, NotAllowedError) else 409


def _overturned(case: CaseRecord, names: Names) -> Told:
    lines = tuple(
        f"{one.action}: {undoing_words(one.undoing, names)}" for one in case.actions if one.undoing is not None
    )
    if not lines:
        return Told(tr("Case {number} is overturned. Nothing had been done.", number=case.number))
    return Told(tr("Case {number} is overturned.", number=case.number), lines)


def _asked(case: CaseRecord) -> Told | None:
    asked: ActionRecord | None = next((one for one in reversed(case.actions) if one.asked_by is not None), None)
    if asked is None:
        return None
    named = {"number": case.number, "action": asked.action}
    if asked.outcome is ActionOutcome.DONE:
        note = (tr("Note: {note}.", note=asked.note),) if asked.note else ()
        return Told(tr("Case {number}: {action} done.", **named), note)
    if asked.outcome.is_open:
        return Told(
            tr(
                "Case {number}: Discord did not answer; {action} is tried again, and the case shows what comes of it.",
                **named,
            )
        )
    return Told(tr(_NOT_DONE[asked.outcome], note=asked.note, **named), is_good=False)


def _answered(case: CaseRecord, problem: str) -> Told:
    if problem:
        said = tr("The answer is kept with case {number}, but {problem}.", number=case.number, problem=problem)
        return Told(said, is_good=False)
    return Told(tr("The author of case {number} has your answer.", number=case.number))


async def _learned(entry: Entry, case: CaseRecord, teaching: Teaching) -> Told | None:
    learned = await teaching.learned(entry.guild.id, parents_in(entry.guild))
    made = next((one for one in learned.examples if one.case_number == case.number), None)
    if made is None:
        return None
    if made.id not in learned.used:
        return Told(tr("Learned as example {number}, but a policy takes no more examples now.", number=made.id))
    if made.lesson.breaks:
        rule = made.lesson.rule
        return Told(
            tr(
                "Learned as example {number}: from the next message on, texts like it are taken to break rule {rule}.",
                number=made.id,
                rule=rule,
            )
        )
    return Told(
        tr("Learned as example {number}: from the next message on, texts like it are taken to be fine.", number=made.id)
    )
