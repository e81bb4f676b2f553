"""What moderators make of cases: answers, what they ask for, notes, claims, and what is taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Select, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.case_terms import ANSWERED_BEFORE
from bot.domain.moderators import moderator_mention
from bot.domain.policy import PUNISHING, Action
from bot.domain.records import CLAIM_LASTS, ActionOutcome, CaseRecord, ReviewKind
from bot.domain.untold import Untold, untold_note
from bot.language import mark, tr
from bot.store import tables
from bot.store.claims import refuse_others
from bot.store.engine import StoreError, no_case
from bot.store.journal import action_row
from bot.store.rows import case_record, read_cases
from bot.store.sessions import Sessions
from bot.store.waiting import queued

_UNDONE_LATER = (ActionOutcome.ATTEMPTED, ActionOutcome.DONE)
_OPEN = [one for one in ActionOutcome if one.is_open]
MOST_LAPSED = 50
TOO_LATE = mark("a moderator overturned the case first")


class AnsweredError(StoreError):
    """Somebody else answered the case meanwhile; the message says who and how."""


class ReviewRepository:
    """Each step is one transaction; of two moderators at once the second is told of the first."""

    def __init__(self, sessions: Sessions) -> None:
        """Work with the store's sessions."""
        self._sessions = sessions

    async def answer(
        self,
        guild_id: int,
        number: int,
        kind: ReviewKind,
        reviewer_id: int,
        *,
        known: int = 0,
        note: str = "",
        asked: Sequence[Action] = (),
    ) -> CaseRecord:
        """Keep a human's answer, and plan the actions that it asks for.

        `known` is how many answers the moderator knows of: AnsweredError where there are more, ClaimedError where
        another moderator holds the case, StoreError where there is no such case. An overturned case's actions are
        planned to be taken back; those not begun are skipped. Who appealed is to be told what was decided.
        """
        now = datetime.now(UTC)
        async with self._sessions.write() as session:
            case = await _locked(session, guild_id, number)
            before = (await session.scalars(_reviews(case.id))).all()
            if len(before) > known:
                raise AnsweredError(_answered(number, before[-1]))
            await refuse_others(session, case, reviewer_id, now)
            session.add(tables.Review(case_id=case.id, kind=kind, reviewer_id=reviewer_id, note=note, at=now))
            for action in asked:
                row = action_row(case.id, action, now)
                row.asked_by = reviewer_id
                session.add(row)
            if kind is ReviewKind.OVERTURN:
                await _plan_undoing(session, case.id)
            if kind is not ReviewKind.OTHER and (appeal := await session.get(tables.Appeal, case.id)):
                appeal.note = untold_note(Untold.DECISION)
            return await queued(session, case)

    async def add_note(self, guild_id: int, number: int, author_id: int, text: str) -> CaseRecord:
        """Append a moderator's note; StoreError where there is no such case."""
        async with self._sessions.write() as session:
            case = await _locked(session, guild_id, number)
            session.add(tables.CaseNote(case_id=case.id, author_id=author_id, text=text, at=datetime.now(UTC)))
            await session.flush()
            return await case_record(session, case.id)

    async def claim(self, guild_id: int, number: int, moderator_id: int, now: datetime) -> CaseRecord:
        """Let a moderator hold a case for `CLAIM_LASTS`; who holds it already goes on holding it as long as before.

        AnsweredError where it is answered and no appeal waits, ClaimedError where another moderator holds it,
        StoreError for no such case.
        """
        async with self._sessions.write() as session:
            case = await _locked(session, guild_id, number)
            answers = (await session.scalars(_reviews(case.id))).all()
            if answers and case.waiting_since is None:
                raise AnsweredError(_answered(number, answers[-1]))
            if await refuse_others(session, case, moderator_id, now) is None:
                case.claimed_by, case.claimed_at = moderator_id, now
                await session.flush()
            return await case_record(session, case.id)

    async def release(self, guild_id: int, number: int, moderator_id: int, now: datetime) -> CaseRecord:
        """Let a case go that a moderator holds; ClaimedError where another does, StoreError for no such case."""
        async with self._sessions.write() as session:
            case = await _locked(session, guild_id, number)
            await refuse_others(session, case, moderator_id, now)
            case.claimed_by = case.claimed_at = None
            await session.flush()
            return await case_record(session, case.id)

    async def lapsed(self, now: datetime) -> list[CaseRecord]:
        """Cases that wait for a human and whose claim has lapsed, oldest first; at most MOST_LAPSED."""
        case = tables.Case
        query = (
            select(case.id)
            .where(case.waiting_since.is_not(None), case.claimed_at <= now - CLAIM_LASTS)
            .order_by(case.id)
            .limit(MOST_LAPSED)
        )
        return await self._sessions.read_at_once(lambda connection: read_cases(connection, query))

    async def lapse(self, guild_id: int, number: int, claimed_at: datetime) -> None:
        """Let a case go whose claim of this time has lapsed, unless it was claimed anew."""
        case = tables.Case
        async with self._sessions.write() as session:
            await session.execute(
                update(case)
                .where(case.guild_id == guild_id, case.number == number, case.claimed_at == claimed_at)
                .values(claimed_by=None, claimed_at=None)
            )

    async def asked_open(self) -> list[int]:
        """Submissions of cases in which an action that a moderator asked for has no outcome yet, oldest first."""
        case, action = tables.Case, tables.Action
        waits = exists().where(action.case_id == case.id, action.asked_by.is_not(None), action.outcome.in_(_OPEN))
        async with self._sessions.read() as session:
            return list(await session.scalars(select(case.submission_id).where(waits).order_by(case.id)))

    async def undoing(self, action_id: int, outcome: ActionOutcome, note: str = "") -> None:
        """What becomes of taking an action back."""
        async with self._sessions.write() as session:
            action = await session.get_one(tables.Action, action_id)
            action.undo_outcome, action.undo_note = outcome, note

    async def not_undone(self) -> list[int]:
        """Submissions whose case was overturned and whose actions are not all taken back yet, oldest first."""
        case, action = tables.Case, tables.Action
        waits = exists().where(action.case_id == case.id, action.undo_outcome.in_(_OPEN))
        async with self._sessions.read() as session:
            return list(await session.scalars(select(case.submission_id).where(waits).order_by(case.id)))


def _reviews(case_id: int) -> Select[tables.Review]:
    return select(tables.Review).where(tables.Review.case_id == case_id).order_by(tables.Review.id)


async def _locked(session: AsyncSession, guild_id: int, number: int) -> tables.Case:
    """The case, held against others who would answer it at the same moment (SQLite has one writer anyway)."""
    case = await session.scalar(
        select(tables.Case).where(tables.Case.guild_id == guild_id, tables.Case.number == number).with_for_update()
    )
    if case is None:
        raise no_case(number)
    return case


async def _plan_undoing(session: AsyncSession, case_id: int) -> None:
    for action in await session.scalars(
        select(tables.Action).where(tables.Action.case_id == case_id, tables.Action.kind.in_(PUNISHING))
    ):
        if action.outcome == ActionOutcome.PLANNED:
            action.outcome, action.note = ActionOutcome.SKIPPED, tr(TOO_LATE)
        elif action.outcome in _UNDONE_LATER and action.undo_outcome is None:
            action.undo_outcome = ActionOutcome.PLANNED


def _answered(number: int, review: tables.Review) -> str:
    return tr(
        ANSWERED_BEFORE[ReviewKind(review.kind)],
        number=number,
        moderator=moderator_mention(review.reviewer_id),
        when=f"<t:{int(review.at.timestamp())}:R>",
    )
