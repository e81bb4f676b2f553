"""The buttons under a case: *Confirm*, *Overturn* and *More*. Who may is looked at when one is pressed."""

from __future__ import annotations

import re
from typing import Any, Self

import discord
from discord.ext import commands

from bot.discord_io.caseview import BUTTON_TEMPLATE, Deed, case_button
from bot.discord_io.limits import EMBED_TOTAL
from bot.domain.case_filter import CaseFilter
from bot.domain.records import CaseRecord
from bot.pipeline.reviews import Reviews
from bot.pipeline.rules import rule_texts_of
from bot.store import Store
from cogs.answers import Interaction, answer, text_file, think
from cogs.errors import answer_failure
from cogs.permissions import hidden_from, member_of, require_case
from cogs.render_case import MOST_EARLIER, details_embed, overturned_text, reasoning_part


class Reviewing(commands.Cog):
    """For moderators of the server a case belongs to who can see its channel."""

    def __init__(self, store: Store, reviews: Reviews) -> None:
        """Read from `store`, answer through `reviews`."""
        self._store = store
        self._reviews = reviews

    async def press(self, interaction: Interaction, deed: Deed, number: int) -> None:
        """Do what a button says, for a case of the server on which it is pressed."""
        await think(interaction)
        case = await require_case(interaction, self._store, number)
        match deed:
            case Deed.CONFIRM:
                await self._reviews.confirm(case, interaction.user.id)
                await answer(interaction, f"Case {number} is confirmed.")
            case Deed.OVERTURN:
                await answer(interaction, overturned_text(await self._reviews.overturn(case, interaction.user.id)))
            case Deed.MORE:
                await self._tell_more(interaction, case)

    async def _tell_more(self, interaction: Interaction, case: CaseRecord) -> None:
        wanted = CaseFilter(
            member_id=case.submission.author_id, up_to=case.number - 1, hidden=hidden_from(member_of(interaction))
        )
        earlier = await self._store.search.find(case.guild_id, wanted, MOST_EARLIER)
        details = details_embed(case, await rule_texts_of(self._store, case), earlier)
        thoughts, too_long = reasoning_part(case, EMBED_TOTAL - len(details))
        await answer(
            interaction,
            embeds=[details, thoughts] if thoughts else [details],
            files=[text_file(too_long, "reasoning.txt")] if too_long else [],
        )


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
        try:
            reviewing = interaction.client.get_cog(Reviewing.__name__)
            assert isinstance(reviewing, Reviewing)
            await reviewing.press(interaction, self._deed, self._number)
        except Exception as error:  # noqa: BLE001 - the library would only log it
            await answer_failure(interaction, error)
