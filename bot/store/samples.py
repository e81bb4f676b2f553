"""Stored messages to try a policy on: those whose text is still kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, Row, Select, false, or_, select, true
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
# An expression, not the column: SQLite would look through all that the server said.
_STATE = tables.Submission.state.concat("")
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
                .select_from(case)
                .join(row, row.id == case.submission_id)
                .join(verdict, verdict.submission_id == row.id)
                .join(review, review.case_id == case.id)
                # By the cases, from the newest on, until there are enough: not by all that the server ever said.
                .where(case.guild_id == guild_id, _STATE == JournalState.SETTLED)
                .where(*_readable(hidden, within), review.kind.in_(_BREAKS))
                .order_by(case.number.desc(), review.id.desc())
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
        row = tables.Submission
        query = _settled(guild_id).where(*_readable(hidden, within)).order_by(row.id.desc()).limit(limit)
        async with self._sessions.read() as session:
            found: list[Row[tables.Submission, tables.Verdict]] = []
            # The index has each of the two in their order: no more is read of either than is wanted.
            for missed in (false(), true()):
                found += await session.execute(query.where(row.missed == missed))
            return await _samples(session, sorted(found, key=_place, reverse=True)[:limit])

    async def one(self, guild_id: int, journal_id: int) -> Sample | None:
        """A settled message of a server by its place in the journal; None where its text is no longer kept."""
        query = _settled(guild_id).where(*_readable((), None), tables.Submission.id == journal_id)
        async with self._sessions.read() as session:
            found = await session.execute(query)
            return next(iter(await _samples(session, found.all())), None)


def _settled(guild_id: int) -> Select[tables.Submission, tables.Verdict]:
    """A server's settled submissions with their verdicts, where there are any."""
    row, verdict = tables.Submission, tables.Verdict
    settled = select(row, verdict).outerjoin(verdict, verdict.submission_id == row.id)
    return settled.where(row.guild_id == guild_id, row.state == JournalState.SETTLED)


def _place(found: Row[tables.Submission, tables.Verdict]) -> int:
    place: int = found[0].id
    return place


async def _samples(session: AsyncSession, rows: Sequence[Row[tables.Submission, tables.Verdict]]) -> list[Sample]:
    """The messages of submissions with their verdicts."""
    found: list[tuple[tables.Submission, tables.Verdict | None]] = [(row, made) for row, made in rows]
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


def _readable(hidden: Collection[int], within: Collection[int] | None) -> tuple[ColumnElement[bool], ...]:
    """What still has its words, in the channels that are meant."""
    row = tables.Submission
    inside = () if within is None else (or_(row.channel_id.in_(within), row.parent_id.in_(within)),)
    return (
        *inside,
        ~row.cleared,
        row.text != "",
        row.channel_id.not_in(hidden),
        or_(row.parent_id.is_(None), row.parent_id.not_in(hidden)),
    )
