"""What moderators are shown of where a case's author stands on the server's ladder."""

from __future__ import annotations

from datetime import UTC, datetime

import discord

from bot.domain.records import CaseRecord
from bot.domain.submission import NOBODY
from bot.pipeline.standing import cases_for
from bot.store import Store
from cogs.render_case import standing_embed


async def standing_of(store: Store, case: CaseRecord) -> discord.Embed | None:
    """The author's standing now; None where no ladder looks at the case, or its author was forgotten."""
    if case.decision.rule is None or case.submission.author_id == NOBODY:
        return None
    ladder = (await store.guilds.get(case.guild_id)).ladder
    now = datetime.now(UTC)
    cases = await cases_for(store, ladder, case.decision.rule, case.submission, now)
    return None if cases is None else standing_embed(case, ladder, cases, now)
