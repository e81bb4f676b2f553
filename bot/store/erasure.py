"""Erasure: what a member wrote leaves a server's records; what was decided about it stays, without them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from bot.domain.audit import THE_BOT, THE_SHELL
from bot.domain.decision import Decision, Mode, Outcome
from bot.domain.records import CaseRecord, JournalState
from bot.domain.submission import NOBODY
from bot.domain.verdict import AS_AN_ANSWER
from bot.store import tables
from bot.store.case_steps import queue_all
from bot.store.chain_kinds import APPEAL_WORDS, AUTHOR, NOTE, REASONS, REPORTS, REVIEW_NOTE, WORDS
from bot.store.chain_watch import erased
from bot.store.context import is_theirs, mentions
from bot.store.engine import sqlite_file
from bot.store.indexing import drop_traces
from bot.store.journal import verdict_row
from bot.store.learned import remove_learned
from bot.store.rows import read_cases
from bot.store.sessions import Sessions, on_connection
from bot.store.wal import shorten_log

# Between two pages others get to write.
PAGE = 500
UNJUDGED = "what its author wrote was erased before it was judged"
_WAITING = (JournalState.PENDING, JournalState.CLAIMED)
_NO_WORDS: dict[str, Any] = {"text": "", "normalised": "", "context": [], "author_name": "", "cleared": True}
_NO_REASONS: dict[str, Any] = {"rationale": "", "quote": "", "reasoning": None}


@dataclass(frozen=True, slots=True)
class Held:
    """How much of a member is on record: `waiting` of the `messages` are not judged yet.

    `contexts` are submissions of others that have words of theirs among the messages before. `named` counts all
    submissions that bear their id, also those whose words went before; `reports` are those they made, `learned` the
    examples that were made of what they wrote.
    """

    messages: int = 0
    waiting: int = 0
    contexts: int = 0
    cases: int = 0
    named: int = 0
    reports: int = 0
    learned: int = 0

    @property
    def is_nothing(self) -> bool:
        """Whether nothing bears their words or id."""
        return not (self.named or self.contexts or self.reports or self.learned)


class Erasure:
    """Safe to run while the bot judges, and again: each page is a transaction, and finds what is there then."""

    def __init__(self, sessions: Sessions, url: str) -> None:
        """Work with the store's sessions; `url` is the database's."""
        self._sessions = sessions
        self._file = sqlite_file(url)

    async def held(self, guild_id: int, member_id: int, names: Collection[str]) -> Held:
        """What there is of a member; `names` are those they go by, for records from before ids were kept."""
        row, case = tables.Submission, tables.Case
        theirs = _theirs(guild_id, member_id)
        async with self._sessions.read() as session:
            named = await _count(session, *theirs)
            messages = await _count(session, *theirs, ~row.cleared)
            waiting = await _count(session, *theirs, row.state.in_(_WAITING))
            cases = await _count(session, *theirs, exists().where(case.submission_id == row.id))
            reports = await _reports(session, guild_id, member_id)
            learned = await session.scalar(select(func.count()).where(*_learned(guild_id, member_id))) or 0
        contexts = last = 0
        while True:
            async with self._sessions.read() as session:
                page = await _others_page(session, guild_id, member_id, last)
            if not page:
                return Held(messages, waiting, contexts, cases, named, reports, learned)
            contexts += sum(any(is_theirs(entry, member_id, names) for entry in one.context) for one in page)
            last = page[-1].id

    async def erase(self, guild_id: int, member_id: int, names: Collection[str], by: int = THE_SHELL) -> Held:
        """Blank a member's words wherever they stand; what was held before, as far as it was found.

        What waits to be judged is settled as allowed and never judged. Ids stay: see `unname`. `by` is the member who
        wants it, here and there: the chain says that they had something erased, and what, not what it held.
        """
        held = await self.held(guild_id, member_id, names)
        last: int | None = 0
        while last is not None:
            last = await self._erase_contexts(guild_id, member_id, names, last, by)
        await self._erase_own(guild_id, member_id, by)
        await self._erase_unposted_reports(guild_id, member_id, by)
        # After their own words: what is still there to be learned from until then goes with the rest.
        async with self._sessions.write() as session:
            await remove_learned(session, THE_BOT, *_learned(guild_id, member_id))
        await self._overwrite()
        return held

    async def _erase_unposted_reports(self, guild_id: int, member_id: int, by: int) -> None:
        """Who reported something is no longer on record, where no post names them or will; what was reported is."""
        case, row = tables.Case, tables.Submission
        unposted = (
            select(case.id)
            .join(row, row.id == case.submission_id)
            .where(case.guild_id == guild_id, case.log_message_id.is_(None), row.state == JournalState.SETTLED)
        )
        await self._unreport(guild_id, member_id, unposted, by)

    async def reported(self, guild_id: int, member_id: int, limit: int) -> list[CaseRecord]:
        """Cases that stand in the mod log and that a member reported, oldest first."""
        report, case = tables.Report, tables.Case
        query = (
            select(case.id)
            .join(report, report.case_id == case.id)
            .where(case.guild_id == guild_id, report.reporter_id == member_id, case.log_message_id.is_not(None))
            .order_by(case.id)
            .limit(limit)
        )
        return await self._sessions.read_at_once(lambda connection: read_cases(connection, query))

    async def unreport(self, guild_id: int, member_id: int, journal_id: int, by: int = THE_SHELL) -> None:
        """Take a member out of those who reported a submission, whose post names them no more."""
        cases = select(tables.Case.id).where(tables.Case.submission_id == journal_id)
        await self._unreport(guild_id, member_id, cases, by)

    async def _unreport(self, guild_id: int, member_id: int, case_ids: Select[int], by: int) -> None:
        """The cases stay, and wait for what else they wait for."""
        report = tables.Report
        theirs = (report.reporter_id == member_id, report.case_id.in_(case_ids))
        async for page in self._pages(report.case_id, *theirs):
            async with self._sessions.write() as session:
                reported = await session.scalars(
                    delete(report).where(*theirs, report.case_id.in_(page)).returning(report.case_id), **_UNSEEN
                )
                cases = reported.all()
                erased(session, guild_id, REPORTS, cases, by)
                await on_connection(session, partial(queue_all, case_ids=cases))

    async def _pages(self, key: InstrumentedAttribute[int], *wanted: ColumnElement[bool]) -> AsyncIterator[list[int]]:
        """The keys of what is wanted, at most PAGE at a time: looked for without the turn to write.

        So whoever writes what it finds asks again whether it is still wanted.
        """
        last = 0
        while True:
            async with self._sessions.read() as session:
                query = select(key).where(*wanted, key > last).order_by(key).limit(PAGE)
                page = list(await session.scalars(query))
            if not page:
                return
            yield page
            last = page[-1]

    async def _erase_contexts(
        self, guild_id: int, member_id: int, names: Collection[str], after: int, by: int
    ) -> int | None:
        """Take their words out of a page of what others wrote; the last id of the page, None where there was none."""
        row, verdict = tables.Submission, tables.Verdict
        async with self._sessions.read() as session:
            page = await _others_page(session, guild_id, member_id, after)
        found = {
            one.id: [entry for entry in one.context if is_theirs(entry, member_id, names)]
            for one in page
            if any(is_theirs(entry, member_id, names) for entry in one.context)
        }
        async with self._sessions.write() as session:
            for one in await session.scalars(select(row).where(row.id.in_(found), ~row.cleared)):
                one.context = [entry for entry in one.context if not is_theirs(entry, member_id, names)]
                erased(session, guild_id, WORDS, [one.id], by)
            # A judge that was told what was said before may say it again, in its own words too.
            for made in await session.scalars(select(verdict).where(verdict.submission_id.in_(found))):
                made.reasoning = None
                said_again = any(mentions(made.rationale, entry) for entry in found[made.submission_id])
                if said_again or AS_AN_ANSWER in made.rationale:
                    made.rationale = ""
                erased(session, guild_id, REASONS, [made.submission_id], by)
        return page[-1].id if page else None

    async def _erase_own(self, guild_id: int, member_id: int, by: int) -> None:
        """Blank what they wrote."""
        row, case = tables.Submission, tables.Case
        theirs = _theirs(guild_id, member_id)
        async for page in self._pages(row.id, *theirs):
            async with self._sessions.write() as session:
                # Where rows are locked one by one, what is being settled now is settled first.
                wanted = select(row.id, row.state).where(*theirs, row.id.in_(page)).order_by(row.id).with_for_update()
                found = (await session.execute(wanted)).all()
                ids = [one.id for one in found]
                await session.execute(update(row).where(row.id.in_(ids)).values(**_NO_WORDS), **_UNSEEN)
                await session.execute(
                    update(tables.Verdict).where(tables.Verdict.submission_id.in_(ids)).values(**_NO_REASONS), **_UNSEEN
                )
                for kind in (WORDS, REASONS):
                    erased(session, guild_id, kind, ids, by)
                await _erase_of_cases(session, guild_id, select(case.id).where(case.submission_id.in_(ids)), by)
                waiting = [one.id for one in found if one.state in _WAITING]
                decision = Decision(Outcome.ALLOW, reason=UNJUDGED)
                for journal_id in waiting:
                    await session.merge(verdict_row(journal_id, None, decision, Mode.OFF, None))
                await session.execute(
                    update(row).where(row.id.in_(waiting)).values(state=JournalState.SETTLED), **_UNSEEN
                )

    async def erase_late(self, guild_id: int, journal_id: int, by: int = THE_SHELL) -> None:
        """Blank what came to a submission after its words were erased: what a judge made of them, and an appeal."""
        verdict = tables.Verdict
        async with self._sessions.write() as session:
            await session.execute(update(verdict).where(verdict.submission_id == journal_id).values(**_NO_REASONS))
            erased(session, guild_id, REASONS, [journal_id], by)
            cases = select(tables.Case.id).where(tables.Case.submission_id == journal_id)
            await _blank_appeals(session, guild_id, cases, by)
        await self._overwrite()

    async def posted(self, guild_id: int, member_id: int, limit: int) -> list[CaseRecord]:
        """Cases about a member that stand in the mod log, oldest first."""
        row, case = tables.Submission, tables.Case
        query = (
            select(case.id)
            .join(row, row.id == case.submission_id)
            .where(*_theirs(guild_id, member_id), case.log_message_id.is_not(None))
            .order_by(case.id)
            .limit(limit)
        )
        return await self._sessions.read_at_once(lambda connection: read_cases(connection, query))

    async def unname(self, guild_id: int, member_id: int, journal_id: int, by: int = THE_SHELL) -> None:
        """Take a member's id out of a submission whose post holds nothing of them any more.

        One that is not settled keeps it: whatever its case asks for is still to be done to them.
        """
        await self._unname(guild_id, member_id, tables.Submission.id == journal_id, by)

    async def unname_unposted(self, guild_id: int, member_id: int, by: int = THE_SHELL) -> None:
        """Take a member's id out of all settled submissions that are not in the mod log."""
        case = tables.Case
        posted = exists().where(case.submission_id == tables.Submission.id, case.log_message_id.is_not(None))
        await self._unname(guild_id, member_id, ~posted, by)

    async def _unname(self, guild_id: int, member_id: int, wanted: ColumnElement[bool], by: int) -> None:
        row, case = tables.Submission, tables.Case
        settled = (*_theirs(guild_id, member_id), wanted, row.cleared.is_(True), row.state == JournalState.SETTLED)
        async for page in self._pages(row.id, *settled):
            async with self._sessions.write() as session:
                found = await session.scalars(select(row.id).where(*settled, row.id.in_(page)).with_for_update())
                ids = found.all()
                # They may have appealed since their words were erased; from now on no case is theirs to appeal.
                await _blank_appeals(session, guild_id, select(case.id).where(case.submission_id.in_(ids)), by)
                await session.execute(update(row).where(row.id.in_(ids)).values(author_id=NOBODY), **_UNSEEN)
                erased(session, guild_id, AUTHOR, ids, by)

    async def unfinished(self, guild_id: int, member_id: int) -> int:
        """How many cases about a member, or reported by them, are still being worked on."""
        row, case, report = tables.Submission, tables.Case, tables.Report
        reported = exists().where(
            report.reporter_id == member_id, report.case_id == case.id, case.submission_id == row.id
        )
        about = (row.guild_id == guild_id, or_(row.author_id == member_id, reported))
        async with self._sessions.read() as session:
            return await _count(session, *about, row.state == JournalState.JUDGED)

    async def _overwrite(self) -> None:
        """Have SQLite take the old words out of what it keeps beside the rows: the index, and its log.

        Its pages it overwrites by itself, see the engine.
        """
        await drop_traces(self._sessions)
        if self._file is not None:
            await asyncio.to_thread(shorten_log, self._file)


_UNSEEN: dict[str, Any] = {"execution_options": {"synchronize_session": False}}


async def _erase_of_cases(session: AsyncSession, guild_id: int, cases: Select[int], by: int) -> None:
    """Blank what was written about cases, by moderators and by who appealed; `cases` selects their ids."""
    review, note = tables.Review, tables.CaseNote
    reviews = update(review).where(review.case_id.in_(cases)).values(note="").returning(review.id)
    notes = delete(note).where(note.case_id.in_(cases)).returning(note.id)
    for kind, statement in ((REVIEW_NOTE, reviews), (NOTE, notes)):
        erased(session, guild_id, kind, await session.scalars(statement, **_UNSEEN), by)
    await _blank_appeals(session, guild_id, cases, by)


async def _blank_appeals(session: AsyncSession, guild_id: int, cases: Select[int], by: int) -> None:
    appeal = tables.Appeal
    blanked = update(appeal).where(appeal.case_id.in_(cases)).values(text="", answer="").returning(appeal.case_id)
    erased(session, guild_id, APPEAL_WORDS, await session.scalars(blanked, **_UNSEEN), by)


def _theirs(guild_id: int, member_id: int) -> tuple[ColumnElement[bool], ...]:
    row = tables.Submission
    return row.guild_id == guild_id, row.author_id == member_id


def _learned(guild_id: int, member_id: int) -> tuple[ColumnElement[bool], ...]:
    one = tables.LearnedExample
    return one.guild_id == guild_id, one.author_id == member_id


async def _count(session: AsyncSession, *wanted: ColumnElement[bool]) -> int:
    return await session.scalar(select(func.count()).select_from(tables.Submission).where(*wanted)) or 0


async def _reports(session: AsyncSession, guild_id: int, member_id: int) -> int:
    report, case = tables.Report, tables.Case
    query = select(func.count()).select_from(report).join(case, case.id == report.case_id)
    return await session.scalar(query.where(case.guild_id == guild_id, report.reporter_id == member_id)) or 0


async def _others_page(session: AsyncSession, guild_id: int, member_id: int, after: int) -> Sequence[Any]:
    """Ids and contexts of what others wrote: of a whole server nothing else is read."""
    row = tables.Submission
    others = (row.guild_id == guild_id, row.author_id != member_id, ~row.cleared, row.id > after)
    return (await session.execute(select(row.id, row.context).where(*others).order_by(row.id).limit(PAGE))).all()
