"""Retention: members' words go after the time the server set; the decision stays."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.guild import GuildSettings
from bot.domain.records import JournalState
from bot.store import tables
from bot.store.chain_kinds import APPEAL_WORDS, REASONS, WORDS
from bot.store.chain_watch import erased
from bot.store.indexing import drop_traces
from bot.store.learned import clear_learned
from bot.store.sessions import Sessions


class Retention:
    """Clears the content of settled submissions and of appeals, and removes the examples learned from them."""

    def __init__(self, sessions: Sessions) -> None:
        """Work with the store's sessions."""
        self._sessions = sessions

    async def clear(self, now: datetime) -> int:
        """Blank what is past its server's time, of cases and of allowed messages; how many those were."""
        row, case = tables.Submission, tables.Case
        cleared, in_index = 0, False
        async with self._sessions.write() as session:
            guild_ids = (await session.scalars(select(row.guild_id).where(~row.cleared).distinct())).all()
            for guild_id in guild_ids:
                guild = await session.get(tables.Guild, guild_id) or GuildSettings(guild_id)
                is_case = exists().where(case.submission_id == row.id)
                for wanted, days in ((is_case, guild.keep_case_days), (~is_case, guild.keep_allowed_days)):
                    ids = (
                        await session.scalars(
                            update(row)
                            .where(
                                row.guild_id == guild_id,
                                row.state == JournalState.SETTLED,
                                ~row.cleared,
                                row.received_at < now - timedelta(days=days),
                                wanted,
                            )
                            .values(text="", normalised="", context=[], author_name="", cleared=True)
                            .returning(row.id),
                            execution_options={"synchronize_session": False},
                        )
                    ).all()
                    await session.execute(
                        update(tables.Verdict)
                        .where(tables.Verdict.submission_id.in_(ids))
                        .values(rationale="", quote="", reasoning=None)
                    )
                    for kind in (WORDS, REASONS):
                        erased(session, guild_id, kind, ids)
                    cleared += len(ids)
                    in_index = in_index or bool(ids and wanted is is_case)
            in_index = await _clear_appeals(session, now) or in_index
            await clear_learned(session, now)
        if in_index:
            await drop_traces(self._sessions)
        return cleared


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
