"""Claims: while a moderator holds a case nobody else answers it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.case_terms import CLAIMED
from bot.domain.moderators import moderator_mention
from bot.domain.records import CLAIM_LASTS
from bot.language import tr
from bot.store import tables
from bot.store.engine import StoreError
from bot.store.rows import case_record


class ClaimedError(StoreError):
    """Another moderator holds the case; the message says who and until when."""


async def refuse_others(session: AsyncSession, case: tables.Case, moderator_id: int, now: datetime) -> int | None:
    """Who holds the case: the moderator, or None; ClaimedError where it is another."""
    record = await case_record(session, case.id)
    holder = record.claim_at(now)
    if holder is not None and holder != moderator_id and record.claimed_at is not None:
        until = int((record.claimed_at + CLAIM_LASTS).timestamp())
        raise ClaimedError(
            tr(
                CLAIMED,
                number=case.number,
                moderator=moderator_mention(holder),
                until=f"<t:{until}:t>",
            )
        )
    return holder
