"""A case as a moderator who may see it gets it: its post, what else there is to it, and its buttons."""

from __future__ import annotations

from typing import Any

import discord

from bot.discord_io.caseview import case_view
from bot.discord_io.embeds import case_embed
from bot.discord_io.limits import EMBED_TOTAL
from bot.domain.records import CaseRecord
from bot.pipeline.rules import rule_text_of
from bot.store import Store
from cogs.answers import Interaction, answer
from cogs.render_case import appeal_embed, notes_embed
from cogs.standing import standing_of


async def show_case(
    interaction: Interaction,
    store: Store,
    case: CaseRecord,
    content: str = "",
    more: discord.ui.Item[Any] | None = None,
) -> None:
    """Answer with a case, where its author stands on the ladder, its appeal and its notes.

    `more` is a control below those of the case.
    """
    shown = [case_embed(case, await rule_text_of(store, case))]
    later: list[discord.Embed] = []
    for embed in (await standing_of(store, case), appeal_embed(case), notes_embed(case)):
        if embed is not None:
            fits = sum(len(one) for one in (*shown, embed)) <= EMBED_TOTAL
            (shown if fits else later).append(embed)
    view = case_view(case)
    if more is not None:
        view.add_item(more)
    await answer(interaction, content, embeds=shown, view=view)
    for embed in later:
        await answer(interaction, embeds=[embed])
