"""The buttons under a case, *Confirm*, *Overturn*, *More*, *Claim* and *Release*, and the select for another action.

Who may is looked at when one is used.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self

import discord
from discord.ext import commands

from bot.discord_io.caseview import ASKABLE, BUTTON_TEMPLATE, SELECT_TEMPLATE, Deed, case_button
from bot.discord_io.limits import EMBED_TOTAL
from bot.discord_io.rank import require_may_act
from bot.discord_io.refusal import RefusedError
from bot.discord_io.sight import Sight
from bot.domain.case_filter import CaseFilter
from bot.domain.policy import Action
from bot.domain.records import CaseRecord
from bot.domain.submission import NOBODY
from bot.language import tr
from bot.pipeline.reviews import Reviews
from bot.pipeline.rules import rule_texts_of
from bot.store import Store
from cogs.answers import Interaction, answer, text_file, think
from cogs.learning import Learning
from cogs.permissions import member_of, require_case
from cogs.pressed import cog_of
from cogs.render_case import MOST_EARLIER, asked_text, claimed_text, details_embed, overturned_text, reasoning_part
from cogs.standing import standing_of


class Reviewing(commands.Cog):
    """For moderators of the server a case belongs to who can see its channel."""

    def __init__(self, store: Store, reviews: Reviews, learning: Learning) -> None:
        """Read from `store`, answer through `reviews`, and offer through `learning` what could be learned."""
        self._store = store
        self._reviews = reviews
        self._learning = learning

    async def press(self, interaction: Interaction, deed: Deed, number: int) -> None:
        """Do what a button says, for a case of the server on which it is pressed."""
        await think(interaction)
        case = await require_case(interaction, self._store, number)
        # Where an appeal waits, whoever presses sees the earlier answers, and answers anew.
        known = len(case.reviews) if case.appeal_waits else 0
        match deed:
            case Deed.CONFIRM:
                after = await self._reviews.confirm(case, interaction.user.id, known=known)
                await self._learning.answer_offering(
                    interaction, tr("Case {number} is confirmed.", number=number), after
                )
            case Deed.OVERTURN:
                after = await self._reviews.overturn(case, interaction.user.id, known=known)
                await self._learning.answer_offering(interaction, overturned_text(after), after)
            case Deed.MORE:
                await self._tell_more(interaction, case)
            case Deed.CLAIM:
                await answer(interaction, claimed_text(await self._reviews.claim(case, interaction.user.id)))
            case Deed.RELEASE:
                await self._reviews.release(case, interaction.user.id)
                await answer(interaction, tr("Case {number} is free for others.", number=number))

    async def choose(self, interaction: Interaction, action: Action, number: int) -> None:
        """Have another action done, for a moderator who could do it by hand."""
        await think(interaction)
        case = await require_case(interaction, self._store, number)
        member = member_of(interaction)
        if case.answer is None:
            await require_may_act(member, case, action)
        await answer(interaction, asked_text(await self._reviews.act(case, action, member.id)))

    async def _tell_more(self, interaction: Interaction, case: CaseRecord) -> None:
        earlier = await self._earlier(case, Sight(member_of(interaction)))
        case = await self._store.cases.context_shown(case)
        details = details_embed(case, await rule_texts_of(self._store, case), earlier)
        standing = await standing_of(self._store, case)
        shown = [details, standing] if standing is not None else [details]
        thoughts, too_long = reasoning_part(case, EMBED_TOTAL - sum(map(len, shown)))
        await answer(
            interaction,
            embeds=[*shown, thoughts] if thoughts else shown,
            files=[text_file(too_long, "reasoning.txt")] if too_long else [],
        )

    async def _earlier(self, case: CaseRecord, sight: Sight) -> list[CaseRecord]:
        """The author's newest earlier cases that the moderator sees; none of an author who was forgotten."""
        if case.submission.author_id == NOBODY:
            return []
        wanted = CaseFilter(member_id=case.submission.author_id, up_to=case.number - 1)

        async def find(hidden: frozenset[int]) -> list[CaseRecord]:
            return await self._store.search.find(case.guild_id, replace(wanted, hidden=hidden), MOST_EARLIER)

        return await sight.cases(find)


class CaseButton(discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]], template=BUTTON_TEMPLATE):
    """A button of a case, which works after a restart too."""

    def __init__(self, deed: Deed, number: int) -> None:
        """The button for a deed about the case of this number."""
        super().__init__(case_button(deed, number))
        self._deed = deed
        self._number = number

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The button as it was sent."""
        return cls(Deed(match["deed"]), int(match["number"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Somebody presses it."""
        async with cog_of(interaction, Reviewing) as reviewing:
            await reviewing.press(interaction, self._deed, self._number)


class CaseSelect(discord.ui.DynamicItem[discord.ui.Select[discord.ui.View]], template=SELECT_TEMPLATE):
    """The select of a case, which works after a restart too."""

    def __init__(self, select: discord.ui.Select[discord.ui.View], number: int) -> None:
        """The select under the case of this number."""
        super().__init__(select)
        self._number = number

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The select as it was sent."""
        assert isinstance(item, discord.ui.Select)
        return cls(item, int(match["number"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Somebody picks an action."""
        async with cog_of(interaction, Reviewing) as reviewing:
            action = _asked(self.item.values)
            await reviewing.choose(interaction, action, self._number)


def _asked(values: Sequence[str]) -> Action:
    """The action that was picked; RefusedError where an older bot offered what this one does not."""
    action = ASKABLE.get(values[0]) if values else None
    if action is None:
        raise RefusedError(tr("That action is no longer offered: use /case view for the case as it is now."))
    return action
