"""Stored messages to try a policy on: those whose text is still kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.backtest import Sample
from bot.domain.records import JournalState, ReviewKind
from bot.domain.withholding import withholds
from bot.store import tables
from bot.store.linked import Judged, judged_by, linked_by_versions
from bot.store.rows import submission_of, verdict_of
from bot.store.sessions import Sessions, on_connection

MOST_REVIEWED = 1_000
# Few cases are answered more than once; this bounds what is read at a time.
_REVIEWS_EACH = 3
_BREAKS = {ReviewKind.CONFIRM.value: True, ReviewKind.OTHER.value: True, ReviewKind.OVERTURN.value: False}


class SampleRepository:
    """Reads settled submissions with what was made of them, and what humans said of that."""

    def __init__(self, sessions: Sessions) -> None:
        """Work with the store's sessions."""
        self._sessions = sessions

    async def reviewed(
        self, guild_id: int, hidden: Collection[int] = (), within: Collection[int] | None = None
    ) -> list[Sample]:
        """The newest reviewed cases of a server, at most MOST_REVIEWED, with what the last review of each found.

        Nothing from the channels `hidden` and their threads; only from the channels `within` where those are given.
        """
        row, verdict, case, review = tables.Submission, tables.Verdict, tables.Case, tables.Review
        async with self._sessions.read() as session:
            found = await session.execute(
                select(row, verdict, review.kind)
                .join(case, case.submission_id == row.id)
                .join(verdict, verdict.submission_id == row.id)
                .join(review, review.case_id == case.id)
                .where(*_readable(guild_id, hidden, within), review.kind.in_(_BREAKS))
                .order_by(row.id.desc(), review.id.desc())
                .limit(MOST_REVIEWED * _REVIEWS_EACH)
            )
            newest: dict[int, tuple[tables.Submission, tables.Verdict, str]] = {}
            for submission, made, kind in found:
                if submission.id not in newest:
                    if len(newest) == MOST_REVIEWED:
                        break
                    newest[submission.id] = submission, made, kind
            by = tuple(_judged(row, made) for row, made, _ in newest.values())
            linked = await on_connection(session, lambda connection: linked_by_versions(connection, by))
            return [_sample(submission, made, linked, _BREAKS[kind]) for submission, made, kind in newest.values()]

    async def latest(
        self, guild_id: int, limit: int, hidden: Collection[int] = (), within: Collection[int] | None = None
    ) -> list[Sample]:
        """The newest settled messages of a server, of its channels as in `reviewed`."""
        row, verdict = tables.Submission, tables.Verdict
        async with self._sessions.read() as session:
            query = (
                select(row, verdict)
                .outerjoin(verdict, verdict.submission_id == row.id)
                .where(*_readable(guild_id, hidden, within))
                .order_by(row.id.desc())
                .limit(limit)
            )
            return await _samples(session, query)

    async def one(self, guild_id: int, journal_id: int) -> Sample | None:
        """A settled message of a server by its place in the journal; None where its text is no longer kept."""
        row, verdict = tables.Submission, tables.Verdict
        async with self._sessions.read() as session:
            query = (
                select(row, verdict)
                .outerjoin(verdict, verdict.submission_id == row.id)
                .where(*_readable(guild_id, (), None), row.id == journal_id)
            )
            return next(iter(await _samples(session, query)), None)


async def _samples(session: AsyncSession, query: Select[tables.Submission, tables.Verdict]) -> list[Sample]:
    """The messages that a query for submissions with their verdicts finds."""
    found = [(submission, made) for submission, made in await session.execute(query)]
    by = tuple(_judged(submission, made) for submission, made in found if made is not None)
    linked = await on_connection(session, lambda connection: linked_by_versions(connection, by))
    return [_sample(submission, made, linked) for submission, made in found]


def _sample(
    submission: tables.Submission,
    made: tables.Verdict | None,
    linked: Mapping[Judged, frozenset[str]],
    breaks: bool | None = None,
) -> Sample:
    """A stored message; marked where its words may not be shown."""
    if made is None:
        return Sample(submission.id, submission_of(submission), None, breaks)
    keys = linked.get(_judged(submission, made), frozenset())
    numbers = _judged(submission, made)[1]
    sample = Sample(submission.id, submission_of(submission), verdict_of(made), breaks, judged_by=numbers)
    return replace(sample, only_linked=withholds(keys, None, made.probabilities))


def _judged(submission: tables.Submission, made: tables.Verdict) -> Judged:
    return judged_by(submission.guild_id, made.policy_number, made.extends)


def _readable(
    guild_id: int, hidden: Collection[int], within: Collection[int] | None
) -> tuple[ColumnElement[bool], ...]:
    row = tables.Submission
    inside = () if within is None else (or_(row.channel_id.in_(within), row.parent_id.in_(within)),)
    return (
        *inside,
        row.guild_id == guild_id,
        row.state == JournalState.SETTLED,
        ~row.cleared,
        row.text != "",
        row.channel_id.not_in(hidden),
        or_(row.parent_id.is_(None), row.parent_id.not_in(hidden)),
    )
