"""The journal: what came in, how far it has come, and what was made of it."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.decision import Decision, Mode, Outcome
from bot.domain.policy import Action
from bot.domain.records import CaseRecord, JournalEntry, JournalState, Judgement, Stamp
from bot.domain.submission import Submission
from bot.domain.verdict import Verdict
from bot.store import case_steps, steps, tables
from bot.store.case_steps import action_values, case_values
from bot.store.rows import decision_of, submission_of, verdict_of
from bot.store.sessions import Sessions, on_connection
from bot.store.steps import Allowed
from bot.store.together import Together
from bot.store.values import verdict_values


class JournalRepository:
    """Every step is one transaction, so that a process may die between any two."""

    def __init__(self, sessions: Sessions) -> None:
        """Work with the store's sessions."""
        self._sessions = sessions
        self._claiming = asyncio.Lock()
        self._last = steps.START
        # What was claimed as it was journalled, and how many more may be.
        self._ahead: list[JournalEntry] = []
        self._room = 0
        self._settle = Together(self._settle_together)

    async def append(self, submissions: Sequence[Submission], in_scope_by: Collection[Stamp] = ()) -> list[int]:
        """Commit submissions in one transaction; the ids of those not there before.

        OutdatedError where a stamp that they were found to be in scope by holds no more: that is looked at in the
        transaction itself, and none is journalled then. Where there is room to claim ahead, the transaction fills it
        too: what comes alone is not claimed by one of its own, nor by a statement of its own.
        """
        if not submissions:
            return []

        def append(connection: Connection) -> tuple[list[int], list[JournalEntry], steps.Lane]:
            if self._room >= len(submissions):
                claimed = steps.append_claimed(connection, submissions, in_scope_by)
                return [entry.id for entry in claimed], claimed, self._last
            new = steps.append(connection, submissions, in_scope_by)
            return new, *(steps.claim(connection, self._room, self._last) if self._room else ([], self._last))

        async with self._claiming:
            new, claimed, self._last = await self._sessions.write_at_once(append)
            self._ahead += claimed
            self._room -= len(claimed)
        return new

    async def claim(self, limit: int) -> list[JournalEntry]:
        """Take up to `limit` pending submissions: servers in turn, oldest first within a server.

        What a server says now takes turns with what was missed of it: hours of that hold up nobody who speaks. A claim
        goes on where the one before it ended, so also of many small ones each server has its turn. Where there is room
        for none, none is claimed ahead either: what was goes back in the queue.
        """
        async with self._claiming:
            if limit == 0 and self._ahead:
                ids = [entry.id for entry in self._ahead]
                await self._sessions.write_at_once(lambda connection: steps.put_back(connection, ids))
                self._ahead = []
            room = limit - len(self._ahead)
            if room > 0 and not (self._ahead and self._room):
                claimed, self._last = await self._sessions.write_at_once(
                    lambda connection: steps.claim(connection, room, self._last)
                )
                self._ahead += claimed
            given, self._ahead = self._ahead[:limit], self._ahead[limit:]
            self._room = 0
        return given

    def claim_ahead(self, limit: int) -> None:
        """Let up to `limit` be claimed as they are journalled, after a claim that left none.

        Whoever says so claims again as soon as something was journalled: what is forgotten meanwhile is in its hands.
        """
        self._room = limit

    async def release_claimed(self) -> int:
        """Put what a dead process had claimed back in the queue; how many those were."""
        row = tables.Submission
        async with self._claiming, self._sessions.write() as session:
            self._ahead, self._room = [], 0
            released = await session.scalars(
                update(row)
                .where(row.state == JournalState.CLAIMED)
                .values(state=JournalState.PENDING)
                .returning(row.id)
            )
            return len(released.all())

    async def release(self, journal_ids: Sequence[int]) -> None:
        """Put claimed submissions back in the queue."""
        async with self._claiming:
            self._room = 0
            await self._sessions.write_at_once(lambda connection: steps.release(connection, journal_ids))

    async def settle_allowed(
        self,
        journal_id: int,
        verdict: Verdict | None,
        decision: Decision,
        mode: Mode,
        policy_number: int | None,
        extends: Sequence[int] = (),
        stamp: Stamp | None = None,
    ) -> None:
        """Record that a submission is allowed; it is settled. ForgottenError.

        Those that are to be settled at the same time share a transaction. OutdatedError where what it was decided by,
        which has the stamp, holds no more: that is looked at in the transaction itself, and nothing is recorded then.
        """
        values = verdict_values(journal_id, verdict, decision, mode, policy_number, extends)
        await self._settle(Allowed(journal_id, values, stamp))

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
        values = verdict_values(journal_id, verdict, decision, mode, policy_number, extends)
        return await self._sessions.write_chained(
            lambda connection, touched: case_steps.open_case(connection, touched, journal_id, values, actions, now)
        )

    async def _settle_together(self, allowed: Sequence[Allowed]) -> list[Exception | None]:
        return await self._sessions.write_at_once(lambda connection: steps.settle(connection, allowed))

    async def drop(self, journal_id: int, reason: str, stamp: Stamp | None = None) -> None:
        """Settle without judging, as where no policy is live or the channel is watched no longer. As above."""
        decision = Decision(Outcome.ALLOW, reason=reason)
        await self.settle_allowed(journal_id, None, decision, Mode.OFF, None, stamp=stamp)

    async def settled(self, journal_id: int) -> None:
        """The case's actions are through."""
        await self._sessions.write_at_once(
            lambda connection: case_steps.set_state(connection, journal_id, JournalState.SETTLED)
        )

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


async def new_case(session: AsyncSession, submission: tables.Submission, now: datetime) -> tables.Case:
    """A new case of a submission, with its server's next number."""
    case = tables.Case(
        **await on_connection(
            session, lambda connection: case_values(connection, submission.guild_id, submission.id, now)
        )
    )
    session.add(case)
    await session.flush()
    return case


def verdict_row(
    journal_id: int,
    verdict: Verdict | None,
    decision: Decision,
    mode: Mode,
    policy_number: int | None,
    extends: Sequence[int] = (),
) -> tables.Verdict:
    """The row of a verdict and what was decided on it, see `verdict_values`."""
    return tables.Verdict(**verdict_values(journal_id, verdict, decision, mode, policy_number, extends))


def action_row(case_id: int, action: Action, now: datetime) -> tables.Action:
    """A new row for an action that is planned at `now`."""
    return tables.Action(**action_values(case_id, action, now))
