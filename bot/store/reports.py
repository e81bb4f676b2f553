"""Reports by members: each message has one case, which knows who reported it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.decision import Decision, Mode, Outcome, review_for
from bot.domain.records import CaseRecord, JournalState
from bot.domain.submission import Submission
from bot.domain.verdict import Verdict
from bot.language import mark, tr
from bot.store import tables
from bot.store.engine import StoreError
from bot.store.journal import new_case, verdict_row
from bot.store.sessions import Sessions, dialect_of, insert_new
from bot.store.values import submission_values
from bot.store.waiting import queued

MOST_REPORTS = 5
WITHIN = timedelta(minutes=10)
REPORTED = mark("a member reported it")
_TOO_MANY = mark("You have reported {n} messages in the last ten minutes: wait, or write to the moderators.")
_TWICE = mark("You have reported this message already: the moderators have it.")
_BEING_JUDGED = mark("This message is being judged at this moment: report it again in a minute.")
_NOT_KEPT = mark("The bot no longer keeps what this message said: write to the moderators, with its link.")
_WAITING = (JournalState.PENDING, JournalState.CLAIMED)


class ReportRepository:
    """Each step is one transaction."""

    def __init__(self, sessions: Sessions) -> None:
        """Work with the store's sessions."""
        self._sessions = sessions

    async def add(self, submission: Submission, reporter_id: int, mode: Mode) -> tuple[CaseRecord, bool]:
        """Keep a report; the case of the submission and whether it is new, and so still to be judged and worked on.

        A new case is for review, whatever was decided before, and nothing is planned for it: `mode` is only shown.
        StoreError where the reporter has reported it before, or too much; where it is being judged now; and where its
        words went before.
        """
        now = datetime.now(UTC)
        async with self._sessions.write() as session:
            row = await session.scalar(_same(submission).with_for_update())
            case = await _case_of(session, row) if row is not None else None
            await _require_moderate(session, submission.guild_id, reporter_id, case, now)
            if case is not None:
                session.add(tables.Report(case_id=case.id, reporter_id=reporter_id, at=now))
                return await queued(session, case), False
            row = await self._taken(session, row, submission, mode, now)
            case = await new_case(session, row, now)
            session.add(tables.Report(case_id=case.id, reporter_id=reporter_id, at=now))
            row.state = JournalState.JUDGED
            return await queued(session, case), True

    async def _taken(
        self, session: AsyncSession, row: tables.Submission | None, submission: Submission, mode: Mode, now: datetime
    ) -> tables.Submission:
        """The submission's row, with a verdict that sends it to review."""
        if row is None:
            statement = insert_new(dialect_of(session), tables.Submission, ["message_id", "revision"])
            values = submission_values(submission, now)
            row = await session.scalar(statement.values(**values).returning(tables.Submission))
            if row is None:  # intake or another reporter was first, this very moment
                raise StoreError(tr(_BEING_JUDGED))
        elif row.state in _WAITING:
            raise StoreError(tr(_BEING_JUDGED))
        elif row.cleared:
            raise StoreError(tr(_NOT_KEPT))
        made = await session.get(tables.Verdict, row.id)
        if made is None:
            session.add(verdict_row(row.id, None, review_for(REPORTED), mode, None))
        else:
            made.outcome, made.decided_rule, made.reason = Outcome.REVIEW, None, REPORTED
            made.mode = mode
        return row

    async def unjudged(self) -> list[int]:
        """Reported submissions whose case a process left behind before it knew what the judge says, oldest first.

        One that was judged, and breaks no rule, cannot be told from these: it is only judged again.
        """
        row, verdict = tables.Submission, tables.Verdict
        query = (
            select(row.id)
            .join(verdict, verdict.submission_id == row.id)
            .where(row.state == JournalState.JUDGED, verdict.reason == REPORTED, verdict.decided_rule.is_(None))
            .order_by(row.id)
        )
        async with self._sessions.read() as session:
            return list(await session.scalars(query))

    async def judged(
        self,
        journal_id: int,
        verdict: Verdict | None,
        decision: Decision,
        number: int | None,
        extends: Sequence[int] = (),
    ) -> None:
        """Keep what the judge makes of a reported submission, unless its words were erased meanwhile."""
        async with self._sessions.write() as session:
            row = await session.get(tables.Submission, journal_id, with_for_update=True)
            made = await session.get(tables.Verdict, journal_id)
            if row is not None and not row.cleared and made is not None:
                await session.merge(verdict_row(journal_id, verdict, decision, Mode(made.mode), number, extends))


def _same(submission: Submission) -> Select[tables.Submission]:
    row = tables.Submission
    return select(row).where(
        row.guild_id == submission.guild_id,
        row.message_id == submission.message_id,
        row.revision == submission.revision,
    )


async def _case_of(session: AsyncSession, row: tables.Submission) -> tables.Case | None:
    found: tables.Case | None = await session.scalar(select(tables.Case).where(tables.Case.submission_id == row.id))
    return found


async def _require_moderate(
    session: AsyncSession, guild_id: int, reporter_id: int, case: tables.Case | None, now: datetime
) -> None:
    """StoreError where a member reports a message twice, or too many."""
    report, cases = tables.Report, tables.Case
    if case is not None and await session.get(report, (case.id, reporter_id)) is not None:
        raise StoreError(tr(_TWICE))
    lately = await session.scalar(
        select(func.count())
        .select_from(report)
        .join(cases, cases.id == report.case_id)
        .where(cases.guild_id == guild_id, report.reporter_id == reporter_id, report.at > now - WITHIN)
    )
    if (lately or 0) >= MOST_REPORTS:
        raise StoreError(tr(_TOO_MANY, n=MOST_REPORTS))
