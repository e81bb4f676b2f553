"""Examples that moderators made of messages. Each that comes or goes is on record in the audit table, without words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.audit import THE_BOT, SettingChange
from bot.domain.guild import GuildSettings
from bot.domain.learned import MOST_CHARACTERS, LearnedExample, Lesson, example_text
from bot.language import mark, tr
from bot.store import tables
from bot.store.audit import audit_row
from bot.store.engine import StoreError
from bot.store.guilds import ensure_guild
from bot.store.sessions import Sessions

MOST_LEARNED = 200
"""Of one server: all of them are read for each message."""
_FULL = mark("This server has {most} learned examples, the most there may be: remove some with /policy learned.")
_GONE = mark("The bot no longer keeps what this message said: nothing was learned.")
_UNFIT = mark(
    "Only a text of up to {most} characters can be an example: nothing was learned. Write a shorter one "
    "into the policy with /policy edit."
)
_TAUGHT = mark("This was learned already, as example {id}: see /policy learned.")
_REMOVED = mark("There is no learned example {id} any more: see /policy learned.")


class LearnedRepository:
    """Each step is one transaction."""

    def __init__(self, sessions: Sessions) -> None:
        """Work with the store's sessions."""
        self._sessions = sessions

    async def of(self, guild_id: int) -> list[LearnedExample]:
        """A server's examples, newest first: MOST_LEARNED at most."""
        of = {"guild_id": guild_id}
        rows = await self._sessions.read_at_once(lambda connection: connection.execute(_OF_SERVER, of).all())
        return [_example(row, row.number) for row in rows]

    async def parent_of(self, guild_id: int, channel_id: int) -> int | None:
        """The channel of the thread that an example comes from, as its messages have it; None where it is none."""
        row = tables.Submission
        async with self._sessions.read() as session:
            return await session.scalar(
                select(row.parent_id).where(row.guild_id == guild_id, row.channel_id == channel_id).limit(1)
            )

    async def from_message(self, guild_id: int, journal_id: int, lesson: Lesson, moderator_id: int) -> LearnedExample:
        """Make an example of a submission, of its case where it has one.

        StoreError where its words went, fit no example or were learned before, and where there is no room.
        """
        row, case = tables.Submission, tables.Case
        async with self._sessions.write() as session:
            # Held against whoever forgets its author at this moment.
            said = await session.scalar(
                select(row).where(row.id == journal_id, row.guild_id == guild_id).with_for_update()
            )
            if said is None or not said.text:
                raise StoreError(tr(_GONE))
            found = tables.LearnedExample(
                case_id=await session.scalar(select(case.id).where(case.submission_id == journal_id)),
                author_id=said.author_id,
                channel_id=said.channel_id,
            )
            return await _add(session, guild_id, found, said.normalised or said.text, lesson, moderator_id)

    async def from_pack(self, guild_id: int, text: str, lesson: Lesson, moderator_id: int) -> LearnedExample:
        """Make an example of a text that no member wrote; StoreError as above."""
        async with self._sessions.write() as session:
            return await _add(session, guild_id, tables.LearnedExample(), text, lesson, moderator_id)

    async def remove(self, guild_id: int, example_id: int, moderator_id: int) -> LearnedExample:
        """Remove an example of a server, and return what it was; StoreError where it is not there."""
        one = tables.LearnedExample
        async with self._sessions.write() as session:
            found = (await session.execute(_with_case(one.guild_id == guild_id, one.id == example_id))).first()
            if found is None:
                raise StoreError(tr(_REMOVED, id=example_id))
            await remove_learned(session, moderator_id, one.id == example_id)
            return _example(*found)


async def remove_learned(session: AsyncSession, by: int, *wanted: ColumnElement[bool]) -> int:
    """Remove examples for somebody, put that on record, and say how many those were."""
    found = (await session.execute(_with_case(*wanted))).all()
    now = datetime.now(UTC)
    for row, number in found:
        session.add(audit_row(SettingChange(row.guild_id, now, by, _name(row), _recorded(row, number), None)))
        await session.delete(row)
    await session.flush()
    return len(found)


async def clear_learned(session: AsyncSession, now: datetime) -> None:
    """Remove examples whose time is over.

    One made of a case goes when the case's words do; another message's as many days after it was learned as those of a
    case are kept. A pack's stays.
    """
    one, case, row = tables.LearnedExample, tables.Case, tables.Submission
    cleared = select(case.id).join(row, row.id == case.submission_id).where(row.cleared)
    await remove_learned(session, THE_BOT, one.case_id.in_(cleared))
    alone = (one.case_id.is_(None), one.author_id.is_not(None))
    for guild_id in (await session.scalars(select(one.guild_id).where(*alone).distinct())).all():
        guild = await session.get(tables.Guild, guild_id) or GuildSettings(guild_id)
        old = one.at < now - timedelta(days=guild.keep_case_days)
        await remove_learned(session, THE_BOT, one.guild_id == guild_id, *alone, old)


async def _add(
    session: AsyncSession, guild_id: int, row: tables.LearnedExample, said: str, lesson: Lesson, moderator_id: int
) -> LearnedExample:
    """Complete a row and add it, in the place of another answer about the same text."""
    text = example_text(said)
    if text is None:
        raise StoreError(tr(_UNFIT, most=MOST_CHARACTERS))
    await ensure_guild(session, guild_id)
    one = tables.LearnedExample
    await session.execute(select(tables.Guild.id).where(tables.Guild.id == guild_id).with_for_update())
    # What is sealed cannot be searched for: the few there are, are read.
    there = await session.scalars(select(one).where(one.guild_id == guild_id))
    for same in [row for row in there if row.text == text]:
        if _lesson(same) == lesson:
            raise StoreError(tr(_TAUGHT, id=same.id))
        await remove_learned(session, moderator_id, one.id == same.id)
    if (await session.scalar(select(func.count()).where(one.guild_id == guild_id)) or 0) >= MOST_LEARNED:
        raise StoreError(tr(_FULL, most=MOST_LEARNED))
    row.guild_id, row.text, row.moderator_id, row.at = guild_id, text, moderator_id, datetime.now(UTC)
    row.rule, row.words, row.breaks = lesson.rule, lesson.words, lesson.breaks
    session.add(row)
    await session.flush()
    number = await session.scalar(select(tables.Case.number).where(tables.Case.id == row.case_id))
    session.add(audit_row(SettingChange(guild_id, row.at, moderator_id, _name(row), None, _recorded(row, number))))
    return _example(row, number)


def _with_case(*wanted: ColumnElement[bool]) -> Select[tables.LearnedExample, int]:
    """Examples with their cases' numbers, newest first."""
    one, case = tables.LearnedExample, tables.Case
    return select(one, case.number).outerjoin(case, case.id == one.case_id).where(*wanted).order_by(one.id.desc())


_ONE, _CASE = tables.LearnedExample, tables.Case
_OF_SERVER = (
    select(*_ONE.__table__.c, _CASE.number)
    .outerjoin(_CASE, _CASE.id == _ONE.case_id)
    .where(_ONE.guild_id == bindparam("guild_id"))
    .order_by(_ONE.id.desc())
)


def _name(row: tables.LearnedExample) -> str:
    return f"learned.{row.id}"


def _recorded(row: tables.LearnedExample, case_number: int | None) -> dict[str, Any]:
    """What the audit table says of an example: no member's words, and not whose they are."""
    return {"rule": row.rule, "breaks": row.breaks, "case": case_number}


def _lesson(row: Any) -> Lesson:
    return Lesson(row.rule, row.words, row.breaks)


def _example(row: Any, case_number: int | None) -> LearnedExample:
    return LearnedExample(
        row.id, _lesson(row), row.text, case_number, row.author_id, row.channel_id, row.moderator_id, row.at
    )
