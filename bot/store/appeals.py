"""Appeals: what the author of a case's message says against it, and what moderators answer."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.moderators import moderator_mention
from bot.domain.submission import NOBODY
from bot.domain.untold import Untold, untold_by, untold_note, untold_notes
from bot.language import tr
from bot.store import tables
from bot.store.chain_watch import written
from bot.store.claims import refuse_others
from bot.store.engine import StoreError, no_case
from bot.store.sessions import Sessions, dialect_of, insert_new
from bot.store.waiting import queued


class AppealRepository:
    """Each step is one transaction; of two at once the second is told of the first."""

    def __init__(self, sessions: Sessions) -> None:
        """Work with the store's sessions."""
        self._sessions = sessions

    async def lodge(self, guild_id: int, number: int, author_id: int, text: str) -> None:
        """Keep the one appeal of a case, of which moderators are to be told.

        StoreError where there is one, or where the case is not the author's.
        """
        async with self._sessions.write() as session:
            case_id = await _case_id(session, guild_id, number)
            author = select(tables.Submission.author_id).join(
                tables.Case, tables.Case.submission_id == tables.Submission.id
            )
            # Held, so that whoever forgets the author at this moment either finds the appeal or comes before it.
            author = author.where(tables.Case.id == case_id).with_for_update(of=tables.Submission)
            if author_id == NOBODY or await session.scalar(author) != author_id:
                raise StoreError(tr("Case {number} is not about a message of yours.", number=number))
            statement = (
                insert_new(dialect_of(session), tables.Appeal, ["case_id"])
                .values(case_id=case_id, text=text, at=datetime.now(UTC), answer="", note=untold_note(Untold.APPEAL))
                .returning(tables.Appeal)
            )
            appeal = await session.scalar(statement)
            if appeal is None:
                raise StoreError(
                    tr(
                        "You have appealed case {number} already: press Appeal again to see what became of it.",
                        number=number,
                    )
                )
            written(session, appeal)
            await queued(session, await session.get_one(tables.Case, case_id))

    async def answer(self, guild_id: int, number: int, moderator_id: int, text: str) -> None:
        """Keep a moderator's answer, which the member is to be told.

        StoreError where there is no appeal, or an answer that has reached its member, ClaimedError where another
        moderator holds the case.
        """
        async with self._sessions.write() as session:
            appeal = await _locked(session, guild_id, number)
            if appeal is None:
                raise StoreError(tr("Case {number} was not appealed: there is nobody to answer.", number=number))
            if appeal.answered_at is not None and (not appeal.note or untold_by(appeal.note)):
                when = int(appeal.answered_at.timestamp())
                raise StoreError(
                    tr(
                        "The appeal was answered already by {moderator}, {when}.",
                        moderator=moderator_mention(appeal.answered_by or 0),
                        when=f"<t:{when}:R>",
                    )
                )
            case, now = await session.get_one(tables.Case, appeal.case_id), datetime.now(UTC)
            await refuse_others(session, case, moderator_id, now)
            appeal.answer, appeal.answered_by, appeal.answered_at = text, moderator_id, now
            appeal.note = untold_note(Untold.ANSWER)
            await queued(session, case)

    async def noted(self, guild_id: int, number: int, note: str) -> None:
        """What could not be told to whom, for moderators; empty where all were told."""
        async with self._sessions.write() as session:
            if appeal := await _locked(session, guild_id, number):
                appeal.note = note

    async def untold(self) -> list[tuple[int, int]]:
        """Servers and numbers of the cases of whose appeals something is still to be told, oldest first."""
        appeal, case = tables.Appeal, tables.Case
        # By the appeals, which are few, not by all cases.
        query = select(case.guild_id, case.number).select_from(appeal).join(case, case.id == appeal.case_id)
        async with self._sessions.read() as session:
            found = await session.execute(query.where(appeal.note.in_(untold_notes())).order_by(appeal.case_id))
            return [(one.guild_id, one.number) for one in found]


async def _case_id(session: AsyncSession, guild_id: int, number: int) -> int:
    case = tables.Case
    found = await session.scalar(select(case.id).where(case.guild_id == guild_id, case.number == number))
    if found is None:
        raise no_case(number)
    return found


async def _locked(session: AsyncSession, guild_id: int, number: int) -> tables.Appeal | None:
    """A case's appeal, held against others who would answer it at the same moment; StoreError for no such case."""
    case_id = await _case_id(session, guild_id, number)
    return await session.get(tables.Appeal, case_id, with_for_update=True)
