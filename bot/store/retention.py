"""Retention: members' words go after the time the server set; the decision stays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.guild import GuildSettings
from bot.domain.records import JournalState
from bot.store import tables
from bot.store.chain_kinds import APPEAL_WORDS, REASONS, WORDS
from bot.store.chain_watch import erased
from bot.store.indexing import drop_traces
from bot.store.learned import clear_learned
from bot.store.sessions import Sessions

LOT = 500
"""Messages that one transaction blanks: all of a month may be due at once, and others want to write meanwhile."""

_IS_CASE = exists().where(tables.Case.submission_id == tables.Submission.id)
_Days = Callable[[GuildSettings | tables.Guild], int]
_DAYS: tuple[tuple[ColumnElement[bool], _Days], ...] = (
    (_IS_CASE, lambda guild: guild.keep_case_days),
    (~_IS_CASE, lambda guild: guild.keep_allowed_days),
)


class Retention:
    """Clears the content of settled submissions and of appeals, and removes the examples learned from them."""

    def __init__(self, sessions: Sessions) -> None:
        """Work with the store's sessions."""
        self._sessions = sessions

    async def clear(self, now: datetime) -> int:
        """Blank what is past its server's time, of cases and of allowed messages; how many those were.

        What was blanked stays so where this ends early; the rest is due at the next.
        """
        row = tables.Submission
        async with self._sessions.read() as session:
            guild_ids = (await session.scalars(select(row.guild_id).where(~row.cleared).distinct())).all()
        cleared, in_index = 0, False
        for guild_id in guild_ids:
            for wanted, days in _DAYS:
                count = await self._clear_all(guild_id, now, wanted, days)
                cleared += count
                in_index = in_index or bool(count and wanted is _IS_CASE)
        async with self._sessions.write() as session:
            in_index = await _clear_appeals(session, now) or in_index
            await clear_learned(session, now)
        if in_index:
            await drop_traces(self._sessions)
        return cleared

    async def _clear_all(self, guild_id: int, now: datetime, wanted: ColumnElement[bool], days: _Days) -> int:
        """Blank a server's messages of which this is true and that are older than so many days, from the oldest on."""
        cleared, after = 0, 0
        while True:
            async with self._sessions.write() as session:
                guild = await session.get(tables.Guild, guild_id) or GuildSettings(guild_id)
                before = now - timedelta(days=days(guild))
                ids = await _clear_lot(session, guild_id, before, tables.Submission.id > after, wanted)
            cleared += len(ids)
            if len(ids) < LOT:
                return cleared
            after = max(ids)


async def _clear_lot(
    session: AsyncSession, guild_id: int, before: datetime, *wanted: ColumnElement[bool]
) -> Sequence[int]:
    """Blank the first LOT of a server's settled messages of which these are true; their ids."""
    row = tables.Submission
    due = (row.guild_id == guild_id, row.state == JournalState.SETTLED, ~row.cleared, row.received_at < before)
    found = select(row.id).where(*due, *wanted).order_by(row.id).limit(LOT)
    ids = (
        await session.scalars(
            update(row)
            .where(row.id.in_(found))
            .values(text="", normalised="", context=[], author_name="", cleared=True)
            .returning(row.id),
            execution_options={"synchronize_session": False},
        )
    ).all()
    if ids:
        blanked = update(tables.Verdict).where(tables.Verdict.submission_id.in_(ids))
        await session.execute(blanked.values(rationale="", quote="", reasoning=None))
        for kind in (WORDS, REASONS):
            erased(session, guild_id, kind, ids)
    return ids


async def _clear_appeals(session: AsyncSession, now: datetime) -> bool:
    """Blank appeals and their answers: they may come long after the message, so their own time counts.

    Whether there were any.
    """
    appeal, case, found = tables.Appeal, tables.Case, False
    holds = or_(appeal.text != "", appeal.answer != "")
    has_words = exists().where(appeal.case_id == case.id, holds)
    for guild_id in (await session.scalars(select(case.guild_id).where(has_words).distinct())).all():
        guild = await session.get(tables.Guild, guild_id) or GuildSettings(guild_id)
        blanked = await session.scalars(
            update(appeal)
            .where(
                appeal.case_id.in_(select(case.id).where(case.guild_id == guild_id)),
                appeal.at < now - timedelta(days=guild.keep_case_days),
                holds,
            )
            .values(text="", answer="")
            .returning(appeal.case_id),
            execution_options={"synchronize_session": False},
        )
        cleared = blanked.all()
        erased(session, guild_id, APPEAL_WORDS, cleared)
        found = found or bool(cleared)
    return found
