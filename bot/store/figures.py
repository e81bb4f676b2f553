"""Figures: what was judged, done and answered on one server, counted by the database.

Messages are found by their server in the index over the journal, cases in that over cases; nothing reads a table
from end to end.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, cast, func, literal_column, or_, select
from sqlalchemy import case as sql_case
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.decision import Outcome
from bot.domain.figures import Answers, Day, Latency, Queue, ReviewedCase, Span, Tally, Work, answers
from bot.domain.policy import ActionKind
from bot.domain.records import ActionOutcome, JournalState, ReviewKind
from bot.store import tables
from bot.store.chain_tables import Chain
from bot.store.sessions import Sessions

MOST_REVIEWED = 5_000
"""Of a span's answered cases so many are looked at one by one."""
_WAITING = (JournalState.PENDING, JournalState.CLAIMED)
_DECIDED = (JournalState.JUDGED, JournalState.SETTLED)


class FigureRepository:
    """Reads only, and of the server that is named only."""

    def __init__(self, sessions: Sessions) -> None:
        """Work with the store's sessions."""
        self._sessions = sessions

    async def queue(self, guild_id: int) -> Queue:
        """What is not through yet."""
        row = tables.Submission
        query = (
            select(row.state, func.count(), func.min(row.received_at))
            .where(row.guild_id == guild_id, row.state.in_([*_WAITING, JournalState.JUDGED]))
            .group_by(row.state)
        )
        async with self._sessions.read() as session:
            found = {JournalState(state): (count, oldest) for state, count, oldest in await session.execute(query)}
        waiting = [found[state] for state in _WAITING if state in found]
        return Queue(
            waiting=sum(count for count, _ in waiting),
            oldest=min((oldest for _, oldest in waiting), default=None),
            unfinished=found[JournalState.JUDGED][0] if JournalState.JUDGED in found else 0,
        )

    async def work(self, guild_id: int, span: Span) -> Work:
        """What was judged and done of messages judged, and of cases opened, in a span."""
        async with self._sessions.read() as session:
            return Work(
                await _judged(session, guild_id, span),
                await _latency(session, guild_id, span),
                await _actions(session, guild_id, span),
            )

    async def tallies(self, guild_id: int, span: Span) -> list[Tally]:
        """The cases opened in a span with the answers they have by now, by version and rule."""
        case, verdict, review = tables.Case, tables.Verdict, tables.Review
        # PostgreSQL groups by no JSON.
        extends = cast(verdict.extends, Text)
        query = (
            select(verdict.policy_number, extends, verdict.decided_rule, review.kind, func.count())
            .select_from(case)
            .join(verdict, verdict.submission_id == case.submission_id)
            .outerjoin(review, _is_latest_review())
            .where(_opened(guild_id, span))
            .group_by(verdict.policy_number, extends, verdict.decided_rule, review.kind)
        )
        found: defaultdict[tuple[int | None, str | None, tuple[int, ...]], Answers] = defaultdict(Answers)
        async with self._sessions.read() as session:
            for number, extended, rule, kind, count in await session.execute(query):
                key = number, rule, tuple(json.loads(extended)) if extended else ()
                found[key] += answers(ReviewKind(kind) if kind else None, count)
        return [Tally(number, rule, given, extended) for (number, rule, extended), given in found.items()]

    async def days(self, guild_id: int, span: Span) -> list[Day]:
        """What was judged and answered on each day of a span, oldest first."""
        days = span.days()
        verdict = tables.Verdict
        decided_on = _day_of(verdict.judged_at, days)
        decided = _of_verdicts(guild_id, span, decided_on, verdict.outcome, func.count())
        outcomes: list[dict[Outcome, int]] = [{} for _ in days]
        async with self._sessions.read() as session:
            for place, outcome, count in await session.execute(decided.group_by(decided_on, verdict.outcome)):
                outcomes[place][Outcome(outcome)] = count
            given = await _answers_by_day(session, guild_id, span)
        return [Day(day.until, judged, told) for day, judged, told in zip(days, outcomes, given, strict=True)]

    async def answers_by_day(self, guild_id: int, span: Span) -> list[Answers]:
        """The cases opened on each day of a span with their answers so far, oldest first."""
        async with self._sessions.read() as session:
            return await _answers_by_day(session, guild_id, span)

    async def recorded(self, guild_id: int) -> int:
        """How much is on record of a server: it grows with each case and each answer, and costs next to nothing."""
        async with self._sessions.read() as session:
            return await session.scalar(select(Chain.sequence).where(Chain.guild_id == guild_id)) or 0

    async def reviewed(self, guild_id: int, span: Span) -> list[ReviewedCase]:
        """The cases opened in a span for a rule that have an answer by now, oldest first: the newest MOST_REVIEWED."""
        query = _answered().where(_opened(guild_id, span)).order_by(tables.Case.number.desc()).limit(MOST_REVIEWED)
        async with self._sessions.read() as session:
            return (await _reviewed(session, query))[::-1]

    async def answered(self, guild_id: int, most: int) -> list[ReviewedCase]:
        """The cases for a rule that were confirmed or overturned last, whenever opened; newest answer first."""
        review = tables.Review
        query = _answered().where(
            tables.Case.guild_id == guild_id, review.kind.in_([ReviewKind.CONFIRM, ReviewKind.OVERTURN])
        )
        async with self._sessions.read() as session:
            return await _reviewed(session, query.order_by(review.id.desc()).limit(most))


def _answered() -> Select[Any]:
    """Cases opened for a rule with the answers they have by now."""
    case, verdict, review = tables.Case, tables.Verdict, tables.Review
    columns = (case.number, verdict.policy_number, verdict.extends, verdict.decided_rule, verdict.probabilities)
    return (
        select(*columns, verdict.model_digest, review.kind)
        .select_from(case)
        .join(verdict, verdict.submission_id == case.submission_id)
        .join(review, _is_latest_review())
        .where(verdict.decided_rule.is_not(None), verdict.policy_number.is_not(None))
    )


async def _answers_by_day(session: AsyncSession, guild_id: int, span: Span) -> list[Answers]:
    days = span.days()
    case, review = tables.Case, tables.Review
    opened_on = _day_of(case.created_at, days)
    opened = (
        select(opened_on, review.kind, func.count())
        .select_from(case)
        .outerjoin(review, _is_latest_review())
        .where(_opened(guild_id, span))
    )
    given = [Answers() for _ in days]
    for place, kind, count in await session.execute(opened.group_by(opened_on, review.kind)):
        given[place] += answers(ReviewKind(kind) if kind else None, count)
    return given


async def _reviewed(session: AsyncSession, query: Select[Any]) -> list[ReviewedCase]:
    found = []
    for number, policy_number, extends, rule, probabilities, model_digest, kind in await session.execute(query):
        if probabilities and rule in probabilities:
            outer, review = tuple(extends or ()), ReviewKind(kind)
            found.append(ReviewedCase(number, policy_number, rule, probabilities[rule], review, outer, model_digest))
    return found


async def _judged(session: AsyncSession, guild_id: int, span: Span) -> dict[Outcome, int]:
    outcome = tables.Verdict.outcome
    counted = await session.execute(_of_verdicts(guild_id, span, outcome, func.count()).group_by(outcome))
    return {Outcome(name): count for name, count in counted}


async def _latency(session: AsyncSession, guild_id: int, span: Span) -> Latency | None:
    """Nearest rank: the smallest stored time that at least half, or 95 of 100, do not exceed."""
    total = tables.Verdict.timings_ms["total"].as_float()
    ranked = (
        _of_verdicts(
            guild_id,
            span,
            total.label("total"),
            func.row_number().over(order_by=total).label("place"),
            func.count().over().label("among"),
        )
        .where(total.is_not(None))
        .subquery()
    )
    row = ranked.c
    middle, high = (row.among + 1) // 2, (row.among * 95 + 99) // 100
    query = select(row.total).where(or_(row.place == middle, row.place == high)).order_by(row.place)
    found: Sequence[float] = (await session.scalars(query)).all()
    return Latency(found[0], found[-1]) if found else None


async def _actions(session: AsyncSession, guild_id: int, span: Span) -> dict[ActionKind, dict[ActionOutcome, int]]:
    action, case = tables.Action, tables.Case
    query = (
        select(action.kind, action.outcome, func.count())
        .select_from(case)
        .join(action, action.case_id == case.id)
        .where(_opened(guild_id, span))
        .group_by(action.kind, action.outcome)
    )
    found: defaultdict[ActionKind, dict[ActionOutcome, int]] = defaultdict(dict)
    for kind, outcome, count in await session.execute(query):
        found[ActionKind(kind)][ActionOutcome(outcome)] = count
    return dict(found)


def _of_verdicts(guild_id: int, span: Span, *columns: Any) -> Select[Any]:
    """Columns of a server's verdicts in a span. Where judging failed or was not due there is no policy's digest."""
    row, verdict = tables.Submission, tables.Verdict
    return (
        select(*columns)
        .select_from(row)
        .join(verdict, verdict.submission_id == row.id)
        .where(
            row.guild_id == guild_id,
            row.state.in_(_DECIDED),
            verdict.judged_at >= span.since,
            verdict.judged_at < span.until,
            verdict.policy_digest != "",
        )
    )


def _day_of(column: Any, days: Sequence[Span]) -> ColumnElement[int]:
    """The place of the day in which a time lies; by comparison, which SQLite and PostgreSQL do alike in any zone."""
    return sql_case(*[(column < day.until, literal_column(str(place))) for place, day in enumerate(days)])


def _opened(guild_id: int, span: Span) -> ColumnElement[bool]:
    case = tables.Case
    return and_(case.guild_id == guild_id, case.created_at >= span.since, case.created_at < span.until)


def _is_latest_review() -> ColumnElement[bool]:
    """Whether a review is the last that its case got."""
    case, review = tables.Case, tables.Review.__table__.alias("any_review")
    last = select(func.max(review.c.id)).where(review.c.case_id == case.id).correlate(case).scalar_subquery()
    return tables.Review.id == last
