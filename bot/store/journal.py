"""The journal: what came in, how far it has come, and what was made of it."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.decision import Decision, Mode, Outcome
from bot.domain.policy import Action, ActionKind
from bot.domain.records import ActionOutcome, CaseRecord, JournalEntry, JournalState, Judgement
from bot.domain.submission import Submission
from bot.domain.verdict import Method, Verdict
from bot.store import tables
from bot.store.guilds import ensure_guild
from bot.store.json_columns import ahead_json
from bot.store.rows import case_record, decision_of, submission_of, verdict_of
from bot.store.sessions import Sessions, insert_new
from bot.store.waiting import queued

_ROWS_PER_INSERT = 200  # SQLite binds at most 32,766 values a statement


class ForgottenError(Exception):
    """A submission's author, or its server, was forgotten while it was judged: nothing is to be made of it."""


class JournalRepository:
    """Every step is one transaction, so that a process may die between any two."""

    def __init__(self, sessions: Sessions) -> None:
        """Work with the store's sessions."""
        self._sessions = sessions

    async def append(self, submissions: Sequence[Submission]) -> list[int]:
        """Commit submissions in one transaction; the ids of those not there before."""
        if not submissions:
            return []
        now = datetime.now(UTC)
        rows = [submission_values(submission, now) for submission in submissions]
        async with self._sessions.write() as session:
            new: list[int] = []
            for start in range(0, len(rows), _ROWS_PER_INSERT):
                statement = (
                    insert_new(session, tables.Submission, ["message_id", "revision"])
                    .values(rows[start : start + _ROWS_PER_INSERT])
                    .returning(tables.Submission.id)
                )
                new += (await session.scalars(statement)).all()
            return sorted(new)

    async def claim(self, limit: int) -> list[JournalEntry]:
        """Take up to `limit` pending submissions: servers in turn, oldest first within a server.

        What a server says now takes turns with what was missed of it: hours of that hold up nobody who speaks.
        """
        row = tables.Submission
        turn = func.row_number().over(partition_by=[row.guild_id, row.missed], order_by=row.id).label("turn")
        pending = select(row.id, turn).where(row.state == JournalState.PENDING).subquery()
        next_ids = select(pending.c.id).order_by(pending.c.turn, pending.c.id).limit(limit)
        async with self._sessions.write() as session:
            ids: Sequence[int] = (await session.scalars(next_ids)).all()
            if not ids:
                return []
            claimed = await session.scalars(
                update(row)
                .where(row.id.in_(ids), row.state == JournalState.PENDING)
                .values(state=JournalState.CLAIMED, attempts=row.attempts + 1)
                .returning(row),
                execution_options={"synchronize_session": False},
            )
            entries = {one.id: _entry(one) for one in claimed}
            return [entries[number] for number in ids if number in entries]

    async def release_claimed(self) -> int:
        """Put what a dead process had claimed back in the queue; how many those were."""
        row = tables.Submission
        async with self._sessions.write() as session:
            released = await session.scalars(
                update(row)
                .where(row.state == JournalState.CLAIMED)
                .values(state=JournalState.PENDING)
                .returning(row.id)
            )
            return len(released.all())

    async def release(self, journal_ids: Sequence[int]) -> None:
        """Put claimed submissions back in the queue."""
        row = tables.Submission
        async with self._sessions.write() as session:
            await session.execute(
                update(row)
                .where(row.id.in_(journal_ids), row.state == JournalState.CLAIMED)
                .values(state=JournalState.PENDING)
            )

    async def settle_allowed(
        self,
        journal_id: int,
        verdict: Verdict | None,
        decision: Decision,
        mode: Mode,
        policy_number: int | None,
        extends: Sequence[int] = (),
    ) -> None:
        """Record that a submission is allowed; it is settled. ForgottenError."""
        async with self._sessions.write() as session:
            await _require_kept(session, journal_id)
            await session.merge(verdict_row(journal_id, verdict, decision, mode, policy_number, extends))
            await _set_state(session, journal_id, JournalState.SETTLED)

    async def open_case(
        self,
        journal_id: int,
        verdict: Verdict | None,
        decision: Decision,
        mode: Mode,
        policy_number: int | None,
        actions: Sequence[Action],
        now: datetime,
        extends: Sequence[int] = (),
    ) -> CaseRecord:
        """Record verdict, case and planned actions in one transaction; the case there is, if there is one.

        ForgottenError where its author was forgotten before there was a case.
        """
        async with self._sessions.write() as session:
            case = await session.scalar(select(tables.Case).where(tables.Case.submission_id == journal_id))
            if case is None:
                await _require_kept(session, journal_id)
                case = await new_case(session, journal_id, now)
                await session.merge(verdict_row(journal_id, verdict, decision, mode, policy_number, extends))
                session.add_all(action_row(case.id, action, now) for action in actions)
                await _set_state(session, journal_id, JournalState.JUDGED)
                return await queued(session, case)
            return await case_record(session, case)

    async def drop(self, journal_id: int, reason: str) -> None:
        """Settle without judging, as where no policy is live or the channel is watched no longer. ForgottenError."""
        decision = Decision(Outcome.ALLOW, reason=reason)
        await self.settle_allowed(journal_id, None, decision, Mode.OFF, None)

    async def settled(self, journal_id: int) -> None:
        """The case's actions are through."""
        async with self._sessions.write() as session:
            await _set_state(session, journal_id, JournalState.SETTLED)

    async def judged(self) -> list[int]:
        """Submissions whose case is open and whose actions are not through, oldest first."""
        row = tables.Submission
        async with self._sessions.read() as session:
            return list(await session.scalars(select(row.id).where(row.state == JournalState.JUDGED).order_by(row.id)))

    async def backlog(self) -> dict[int, int]:
        """How many submissions wait or are being judged, per server."""
        row = tables.Submission
        async with self._sessions.read() as session:
            counted = await session.execute(
                select(row.guild_id, func.count())
                .where(row.state.in_([JournalState.PENDING, JournalState.CLAIMED]))
                .group_by(row.guild_id)
            )
            return {row[0]: row[1] for row in counted}

    async def judgement(self, guild_id: int, message_id: int) -> Judgement | None:
        """What was made of a message's latest judged revision."""
        row, verdict = tables.Submission, tables.Verdict
        async with self._sessions.read() as session:
            found = (
                await session.execute(
                    select(row, verdict, tables.Case.number)
                    .join(verdict, verdict.submission_id == row.id)
                    .outerjoin(tables.Case, tables.Case.submission_id == row.id)
                    .where(row.guild_id == guild_id, row.message_id == message_id)
                    .order_by(row.revision.desc())
                    .limit(1)
                )
            ).first()
            if found is None:
                return None
            submission, made, number = found
            return Judgement(
                submission.id,
                submission_of(submission),
                verdict_of(made),
                decision_of(made),
                Mode(made.mode),
                made.policy_number,
                number,
                made.judged_at,
                tuple(made.extends or ()),
            )

    async def authors(self, message_ids: Collection[int]) -> dict[tuple[int, int], int]:
        """Who wrote these messages, by (message id, revision) of all that came in; NOBODY where they were forgotten."""
        row = tables.Submission
        async with self._sessions.read() as session:
            query = select(row.message_id, row.revision, row.author_id).where(row.message_id.in_(message_ids))
            return {(one.message_id, one.revision): one.author_id for one in await session.execute(query)}

    async def latest_revision(self, message_id: int) -> int | None:
        """The newest revision of a message that came in."""
        row = tables.Submission
        async with self._sessions.read() as session:
            return await session.scalar(select(func.max(row.revision)).where(row.message_id == message_id))


async def new_case(session: AsyncSession, journal_id: int, now: datetime) -> tables.Case:
    """A new case of a submission, with its server's next number."""
    submission = await session.get_one(tables.Submission, journal_id)
    await ensure_guild(session, submission.guild_id)
    number = await session.scalar(
        update(tables.Guild)
        .where(tables.Guild.id == submission.guild_id)
        .values(last_case=tables.Guild.last_case + 1)
        .returning(tables.Guild.last_case),
        execution_options={"synchronize_session": False},
    )
    assert number is not None
    case = tables.Case(
        guild_id=submission.guild_id,
        number=number,
        submission_id=journal_id,
        created_at=now,
        log_nonce=_nonce(),
    )
    session.add(case)
    await session.flush()
    return case


async def _require_kept(session: AsyncSession, journal_id: int) -> None:
    """ForgottenError where a submission that is about to be decided on was erased meanwhile."""
    row = tables.Submission
    cleared = await session.scalar(select(row.cleared).where(row.id == journal_id).with_for_update())
    if cleared is None or cleared:
        raise ForgottenError


async def _set_state(session: AsyncSession, journal_id: int, state: JournalState) -> None:
    row = tables.Submission
    await session.execute(
        update(row).where(row.id == journal_id).values(state=state), execution_options={"synchronize_session": False}
    )


def submission_values(submission: Submission, now: datetime) -> dict[str, Any]:
    """The columns of a submission that waits to be judged."""
    return {
        "guild_id": submission.guild_id,
        "channel_id": submission.channel_id,
        "parent_id": submission.parent_id,
        "category_id": submission.category_id,
        "message_id": submission.message_id,
        "revision": submission.revision,
        "author_id": submission.author_id,
        "author_name": submission.author_name,
        "text": submission.text,
        "normalised": submission.normalised,
        "context": [[message.author, message.text, message.author_id] for message in submission.context],
        "posted_at": submission.posted_at,
        "missed": submission.missed,
        "received_at": now,
        "state": JournalState.PENDING,
        "attempts": 0,
        "cleared": False,
    }


def _entry(row: tables.Submission) -> JournalEntry:
    return JournalEntry(row.id, submission_of(row), JournalState(row.state), row.attempts)


def verdict_row(
    journal_id: int,
    verdict: Verdict | None,
    decision: Decision,
    mode: Mode,
    policy_number: int | None,
    extends: Sequence[int] = (),
) -> tables.Verdict:
    """The row of a verdict and what was decided on it; `verdict` is None where there is none.

    `policy_number` and `extends` are the versions judged by, as in a CaseRecord.
    """
    return tables.Verdict(
        submission_id=journal_id,
        rule=verdict.rule if verdict else None,
        probabilities=dict(verdict.probabilities) if verdict else None,
        policy_digest=verdict.policy_digest if verdict else "",
        policy_number=policy_number,
        extends=list(extends) or None,
        model=verdict.model if verdict else "",
        model_digest=verdict.model_digest if verdict else "",
        method=verdict.method if verdict else Method.CLASSIFY,
        rationale=verdict.rationale if verdict else "",
        quote=verdict.quote if verdict else "",
        reasoning=(verdict.reasoning or None) if verdict else None,
        timings_ms=dict(verdict.timings_ms) if verdict else {},
        outcome=decision.outcome,
        decided_rule=decision.rule,
        reason=decision.reason,
        stepped=decision.stepped or None,
        ahead=ahead_json(decision.ahead) if decision.ahead is not None else None,
        mode=mode,
        judged_at=datetime.now(UTC),
    )


def action_row(case_id: int, action: Action, now: datetime) -> tables.Action:
    """A new row for an action that is planned at `now`."""
    # A timeout's end is fixed here, once: a retry hours later must not make it longer.
    until = now + (action.duration or timedelta()) if action.kind is ActionKind.TIMEOUT else None
    return tables.Action(
        case_id=case_id,
        kind=action.kind,
        duration_seconds=action.duration.total_seconds() if action.duration else None,
        until=until,
        outcome=ActionOutcome.PLANNED,
        note="",
        nonce=_nonce(),
    )


def _nonce() -> str:
    """What a message we post is found by again; Discord takes 25 characters."""
    return secrets.token_hex(12)
