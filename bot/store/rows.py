"""From rows to the records of the domain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, bindparam, exists, or_, select
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
from bot.store.plain import Plain
from bot.store.sessions import on_connection


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


def action_record(row: Any) -> ActionRecord:
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


_CASE, _ROW, _VERDICT = (one.__table__ for one in (tables.Case, tables.Submission, tables.Verdict))
_MORE = (tables.Review, tables.CaseNote, tables.Appeal, tables.Report)
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
# Two tables name a server, and two a submission: of each the case's is taken. So a row is that of a case, of its
# submission and of its verdict at once.
_CASES = (
    select(
        *_CASE.c,
        *(one for one in _ROW.c if one.name not in {"id", "guild_id"}),
        *(one for one in _VERDICT.c if one.name != "submission_id"),
        or_(*(exists().where(one.case_id == _CASE.c.id) for one in _MORE)).label("has_more"),
    )
    .join(_ROW, _ROW.c.id == _CASE.c.submission_id)
    .join(_VERDICT, _VERDICT.c.submission_id == _CASE.c.submission_id)
)


BY_ID = Plain(_CASES.where(_CASE.c.id == bindparam("case_id")))
BY_JOURNAL = Plain(_CASES.where(_CASE.c.submission_id == bindparam("journal_id")))
BY_NUMBER = Plain(_CASES.where(_CASE.c.guild_id == bindparam("guild_id"), _CASE.c.number == bindparam("number")))
_BY_IDS = Plain(_CASES.where(_CASE.c.id.in_(_IDS)))
_BELONGING = {
    table: Plain(select(*table.__table__.c).where(table.case_id.in_(_IDS)).order_by(order))
    for table, order in (
        (tables.Action, tables.Action.id),
        (tables.Review, tables.Review.id),
        (tables.CaseNote, tables.CaseNote.id),
        (tables.Appeal, tables.Appeal.at),
        (tables.Report, tables.Report.at),
    )
}


def read_case(connection: Connection, query: Plain, **of: int) -> CaseRecord | None:
    """The case of one of the queries above with everything that belongs to it; None where there is none."""
    return next(iter(_read(connection, query, of).values()), None)


def read_cases(connection: Connection, query: Select[int]) -> list[CaseRecord]:
    """The cases whose ids a query finds, in its order, with everything that belongs to them."""
    ids = connection.scalars(query).all()
    found = _read(connection, _BY_IDS, {"ids": ids}) if ids else {}
    return [found[case_id] for case_id in ids]


async def case_record(session: AsyncSession, case_id: int) -> CaseRecord:
    """A case with everything that belongs to it, as a session's transaction sees it."""
    found = await on_connection(session, lambda connection: read_case(connection, BY_ID, case_id=case_id))
    assert found is not None
    return found


def _read(connection: Connection, query: Plain, of: Mapping[str, Any]) -> dict[int, CaseRecord]:
    """Cases by their ids, in a few reads however many they are."""
    rows = query.rows(connection, of)
    actions = _belonging(connection, tables.Action, [row.id for row in rows])
    # Most cases are only acted on.
    more = [row.id for row in rows if row.has_more]
    reviews, notes = (_belonging(connection, one, more) for one in (tables.Review, tables.CaseNote))
    appeals, reports = (_belonging(connection, one, more) for one in (tables.Appeal, tables.Report))
    linked = linked_by_versions(connection, {_judged(row) for row in rows})
    return {
        row.id: _case(
            row,
            tuple(action_record(one) for one in actions[row.id]),
            tuple(Review(ReviewKind(one.kind), one.reviewer_id, one.note, one.at) for one in reviews[row.id]),
            tuple(CaseNote(one.author_id, one.text, one.at) for one in notes[row.id]),
            next((_appeal(one) for one in appeals[row.id]), None),
            reports[row.id],
            linked.get(_judged(row), frozenset()),
        )
        for row in rows
    }


def _belonging(connection: Connection, table: Any, case_ids: list[int]) -> defaultdict[int, list[Any]]:
    """Rows of a table by the case that they belong to."""
    found: defaultdict[int, list[Any]] = defaultdict(list)
    if case_ids:
        for row in _BELONGING[table].rows(connection, {"ids": case_ids}):
            found[row.case_id].append(row)
    return found


def _judged(row: Any) -> Judged:
    return judged_by(row.guild_id, row.policy_number, row.extends)


def _appeal(row: Any) -> Appeal:
    return Appeal(row.text, row.at, row.answer, row.answered_by, row.answered_at, row.note)


def _case(
    row: Any,
    actions: tuple[ActionRecord, ...],
    reviews: tuple[Review, ...],
    notes: tuple[CaseNote, ...],
    appeal: Appeal | None,
    reports: list[Any],
    linked: frozenset[str],
) -> CaseRecord:
    return CaseRecord(
        guild_id=row.guild_id,
        number=row.number,
        journal_id=row.submission_id,
        submission=submission_of(row),
        verdict=verdict_of(row),
        decision=decision_of(row, tuple(one.action for one in actions if one.asked_by is None)),
        mode=Mode(row.mode),
        policy_number=row.policy_number,
        actions=actions,
        reviews=reviews,
        created_at=row.created_at,
        log_nonce=row.log_nonce,
        log_channel_id=row.log_channel_id,
        log_message_id=row.log_message_id,
        notes=notes,
        claimed_by=row.claimed_by,
        claimed_at=row.claimed_at,
        appeal=appeal,
        reporters=tuple(one.reporter_id for one in reports),
        reported_at=reports[0].at if reports else None,
        only_linked=withholds(linked, row.decided_rule, row.probabilities),
        extends=tuple(row.extends or ()),
    )
