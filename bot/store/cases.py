"""Cases, their actions and reviews."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import bindparam, func, select

from bot.domain.policy import PUNISHING, ActionKind
from bot.domain.records import ActionOutcome, CaseRecord
from bot.domain.withholding import NOT_SHOWN
from bot.store import case_steps, tables
from bot.store.engine import no_case
from bot.store.linked import begins_one, withheld_before
from bot.store.plain import Plain
from bot.store.rows import BY_JOURNAL, BY_NUMBER, read_case, read_cases
from bot.store.sessions import Sessions

_BRAKED = tuple(PUNISHING - {ActionKind.WARN})


class CaseRepository:
    """The numbered records that moderators see."""

    def __init__(self, sessions: Sessions) -> None:
        """Work with the store's sessions."""
        self._sessions = sessions

    async def get(self, guild_id: int, number: int) -> CaseRecord | None:
        """A server's case by its number."""
        return await self._one(BY_NUMBER, guild_id=guild_id, number=number)

    async def by_journal(self, journal_id: int) -> CaseRecord | None:
        """The case of a submission."""
        return await self._one(BY_JOURNAL, journal_id=journal_id)

    async def numbers(self, guild_id: int, journal_ids: Collection[int]) -> dict[int, int]:
        """The numbers of a server's cases by their submissions; of these submissions those that became one."""
        case = tables.Case
        query = select(case.submission_id, case.number)
        query = query.where(case.guild_id == guild_id, case.submission_id.in_(journal_ids))
        async with self._sessions.read() as session:
            return {row.submission_id: row.number for row in await session.execute(query)}

    async def context_shown(self, case: CaseRecord) -> CaseRecord:
        """The case with what was said before it as it may be shown: words that are only linked have gone from it."""
        said = case.submission
        async with self._sessions.read() as session:
            withheld = await withheld_before(session, said.channel_id, case.journal_id)
        context = tuple(replace(one, text=NOT_SHOWN) if begins_one(one.text, withheld) else one for one in said.context)
        return replace(case, submission=replace(said, context=context))

    async def _one(self, query: Plain, **of: int) -> CaseRecord | None:
        return await self._sessions.read_at_once(lambda connection: read_case(connection, query, **of))

    async def list(self, guild_id: int | None = None, limit: int = 50, before: int | None = None) -> list[CaseRecord]:
        """Cases, newest first; of one server, and numbered below `before`, if given."""
        # On one server cases are in the order of their numbers, and an index has these.
        newest = tables.Case.id if guild_id is None else tables.Case.number
        query = select(tables.Case.id).order_by(newest.desc()).limit(limit)
        if guild_id is not None:
            query = query.where(tables.Case.guild_id == guild_id)
        if before is not None:
            query = query.where(tables.Case.number < before)
        return await self._sessions.read_at_once(lambda connection: read_cases(connection, query))

    async def logged(self, guild_id: int, number: int, channel_id: int, message_id: int) -> None:
        """The case stands in the mod log."""
        place = channel_id, message_id
        if not await self._sessions.write_at_once(
            lambda connection: case_steps.log(connection, guild_id, number, *place)
        ):
            raise no_case(number)

    async def explained(self, guild_id: int, number: int, rationale: str, quote: str) -> None:
        """Keep the rationale and the quote."""
        words = {"rationale": rationale, "quote": quote}
        if not await self._sessions.write_chained(
            lambda connection, touched: case_steps.explain(connection, touched, guild_id, number, words)
        ):
            raise no_case(number)

    async def attempt(self, action_id: int) -> None:
        """An action is about to be performed: from here on its outcome is unknown until told.

        When it was attempted first stays: whatever it made on Discord was made since then.
        """
        now = datetime.now(UTC)
        await self._sessions.write_chained(
            lambda connection, touched: case_steps.attempt(connection, touched, action_id, now)
        )

    async def finish(self, action_id: int, outcome: ActionOutcome, note: str = "") -> None:
        """What became of an action."""
        await self._sessions.write_chained(
            lambda connection, touched: case_steps.finish(connection, touched, action_id, outcome, note)
        )

    async def recent_punishments(self, guild_id: int, since: datetime) -> int:
        """Deletions and punishments that the bot first attempted by itself since then, for the brake."""
        of = {"guild_id": guild_id, "since": since}
        return await self._sessions.read_at_once(lambda connection: connection.scalars(_PUNISHED, of).one())


_ACTION, _CASE = tables.Action, tables.Case
_PUNISHED = (
    select(func.count())
    .select_from(_ACTION)
    .join(_CASE, _CASE.id == _ACTION.case_id)
    .where(
        # An expression, not the column: SQLite would look through all cases that the server ever had.
        _CASE.guild_id + 0 == bindparam("guild_id"),
        _ACTION.kind.in_(_BRAKED),
        _ACTION.asked_by.is_(None),
        _ACTION.attempted_at >= bindparam("since"),
        _ACTION.outcome.in_([ActionOutcome.ATTEMPTED, ActionOutcome.DONE]),
    )
)
