"""From rows to the records of the domain."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.decision import Decision, Mode, Outcome
from bot.domain.policy import Action, ActionKind
from bot.domain.records import (
    ActionOutcome,
    ActionRecord,
    Appeal,
    CaseNote,
    CaseRecord,
    Review,
    ReviewKind,
    Undoing,
)
from bot.domain.submission import ContextMessage, Submission
from bot.domain.verdict import Method, Verdict
from bot.domain.withholding import withholds
from bot.store import tables
from bot.store.json_columns import ahead_of
from bot.store.linked import Judged, judged_by, linked_by_versions


def submission_of(row: tables.Submission) -> Submission:
    """The submission a journal row holds."""
    return Submission(
        guild_id=row.guild_id,
        channel_id=row.channel_id,
        message_id=row.message_id,
        revision=row.revision,
        author_id=row.author_id,
        author_name=row.author_name,
        text=row.text,
        normalised=row.normalised,
        context=tuple(ContextMessage(*entry) for entry in row.context),
        posted_at=row.posted_at,
        parent_id=row.parent_id,
        category_id=row.category_id,
        missed=row.missed,
    )


def verdict_of(row: tables.Verdict) -> Verdict | None:
    """The verdict a row holds; None where judging failed."""
    if row.probabilities is None:
        return None
    return Verdict(
        rule=row.rule,
        probabilities=row.probabilities,
        policy_digest=row.policy_digest,
        model=row.model,
        model_digest=row.model_digest,
        method=Method(row.method),
        rationale=row.rationale,
        quote=row.quote,
        reasoning=row.reasoning or "",
        timings_ms=row.timings_ms,
    )


def decision_of(row: tables.Verdict, actions: tuple[Action, ...] = ()) -> Decision:
    """The decision a row holds; its actions are the case's."""
    return Decision(Outcome(row.outcome), row.decided_rule, actions, row.reason, row.stepped or "", ahead_of(row.ahead))


def action_record(row: tables.Action) -> ActionRecord:
    """The action a row holds."""
    duration = timedelta(seconds=row.duration_seconds) if row.duration_seconds is not None else None
    return ActionRecord(
        id=row.id,
        action=Action(ActionKind(row.kind), duration),
        outcome=ActionOutcome(row.outcome),
        note=row.note,
        until=row.until,
        nonce=row.nonce,
        attempted_at=row.attempted_at,
        asked_by=row.asked_by,
        undoing=Undoing(ActionOutcome(row.undo_outcome), row.undo_note or "") if row.undo_outcome else None,
    )


async def case_record(session: AsyncSession, case: tables.Case) -> CaseRecord:
    """A case with everything that belongs to it."""
    return (await case_records(session, [case]))[0]


def _judged(case: tables.Case, verdict: tables.Verdict) -> Judged:
    return judged_by(case.guild_id, verdict.policy_number, verdict.extends)


async def case_records(session: AsyncSession, cases: list[tables.Case]) -> list[CaseRecord]:
    """Cases with everything that belongs to them, in eight reads however many they are."""
    ids = [case.id for case in cases]
    journal_ids = [case.submission_id for case in cases]
    submission, verdict = tables.Submission, tables.Verdict
    submissions = {
        row.id: row for row in await session.scalars(select(submission).where(submission.id.in_(journal_ids)))
    }
    verdicts = {
        row.submission_id: row
        for row in await session.scalars(select(verdict).where(verdict.submission_id.in_(journal_ids)))
    }
    actions: dict[int, list[ActionRecord]] = {number: [] for number in ids}
    for action in await session.scalars(
        select(tables.Action).where(tables.Action.case_id.in_(ids)).order_by(tables.Action.id)
    ):
        actions[action.case_id].append(action_record(action))
    reviews: dict[int, list[Review]] = {number: [] for number in ids}
    for review in await session.scalars(
        select(tables.Review).where(tables.Review.case_id.in_(ids)).order_by(tables.Review.id)
    ):
        kind = ReviewKind(review.kind)
        reviews[review.case_id].append(Review(kind, review.reviewer_id, review.note, review.at))
    notes: dict[int, list[CaseNote]] = {number: [] for number in ids}
    for note in await session.scalars(
        select(tables.CaseNote).where(tables.CaseNote.case_id.in_(ids)).order_by(tables.CaseNote.id)
    ):
        notes[note.case_id].append(CaseNote(note.author_id, note.text, note.at))
    appeals = {
        row.case_id: Appeal(row.text, row.at, row.answer, row.answered_by, row.answered_at, row.note)
        for row in await session.scalars(select(tables.Appeal).where(tables.Appeal.case_id.in_(ids)))
    }
    reports: dict[int, list[tables.Report]] = {number: [] for number in ids}
    report = tables.Report
    for one in await session.scalars(select(report).where(report.case_id.in_(ids)).order_by(report.at)):
        reports[one.case_id].append(one)
    by = {case.id: _judged(case, verdicts[case.submission_id]) for case in cases}
    linked = await linked_by_versions(session, by.values())
    return [
        _case(
            case,
            submissions[case.submission_id],
            verdicts[case.submission_id],
            tuple(actions[case.id]),
            tuple(reviews[case.id]),
            tuple(notes[case.id]),
            appeals.get(case.id),
            reports[case.id],
            linked.get(by[case.id], frozenset()),
        )
        for case in cases
    ]


def _case(
    case: tables.Case,
    submission: tables.Submission,
    verdict: tables.Verdict,
    actions: tuple[ActionRecord, ...],
    reviews: tuple[Review, ...],
    notes: tuple[CaseNote, ...],
    appeal: Appeal | None,
    reports: list[tables.Report],
    linked: frozenset[str],
) -> CaseRecord:
    return CaseRecord(
        guild_id=case.guild_id,
        number=case.number,
        journal_id=case.submission_id,
        submission=submission_of(submission),
        verdict=verdict_of(verdict),
        decision=decision_of(verdict, tuple(one.action for one in actions if one.asked_by is None)),
        mode=Mode(verdict.mode),
        policy_number=verdict.policy_number,
        actions=actions,
        reviews=reviews,
        created_at=case.created_at,
        log_nonce=case.log_nonce,
        log_channel_id=case.log_channel_id,
        log_message_id=case.log_message_id,
        notes=notes,
        claimed_by=case.claimed_by,
        claimed_at=case.claimed_at,
        appeal=appeal,
        reporters=tuple(one.reporter_id for one in reports),
        reported_at=reports[0].at if reports else None,
        only_linked=withholds(linked, verdict.decided_rule, verdict.probabilities),
        extends=tuple(verdict.extends or ()),
    )
