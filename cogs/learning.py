"""*Learn from this*: the button under the answer to a review, by which a case becomes an example."""

from __future__ import annotations

import re
from typing import Any, Self

import discord
from discord.ext import commands

from bot.discord_io.places import parents_in
from bot.discord_io.refusal import RefusedError
from bot.domain.records import CaseRecord
from bot.language import mark, tr
from bot.pipeline.teaching import Teaching
from bot.store import Store
from cogs.answers import Interaction, answer, controls, think
from cogs.permissions import member_of, require_case
from cogs.pressed import cog_of
from cogs.render_learned import learned_text, offer_embed

_CHANGED = mark("Nothing was learned: the answer to case {number} or the policy is another by now. See /case view.")


class Learning(commands.Cog):
    """For moderators of the server a case belongs to who can see its channel."""

    def __init__(self, store: Store, teaching: Teaching) -> None:
        """Read from `store`, learn through `teaching`."""
        self._store = store
        self._teaching = teaching

    async def answer_offering(self, interaction: Interaction, content: str, case: CaseRecord) -> None:
        """Answer a review, with the button where something can be learned from it."""
        lesson = await self._teaching.lesson(case)
        if lesson is None:
            await answer(interaction, content)
            return
        view = controls(LearnButton(lesson.breaks, case.number))
        await answer(interaction, content, embeds=[offer_embed(lesson)], view=view)

    async def button(self, case: CaseRecord) -> LearnButton | None:
        """The button, to be put with the others of a case; None where nothing can be learned from it."""
        lesson = await self._teaching.lesson(case)
        return LearnButton(lesson.breaks, case.number) if lesson is not None else None

    async def learn(self, interaction: Interaction, number: int, *, breaks: bool) -> None:
        """Make an example of a case whose answer still says so; RefusedError where it does not."""
        await think(interaction)
        case = await require_case(interaction, self._store, number)
        lesson = await self._teaching.lesson(case)
        if lesson is None or lesson.breaks is not breaks:
            raise RefusedError(tr(_CHANGED, number=number))
        guild = member_of(interaction).guild
        learned = self._store.learned
        made = await learned.from_message(case.guild_id, case.journal_id, lesson, interaction.user.id)
        in_use = made.id in (await self._teaching.learned(guild.id, parents_in(guild))).used
        await answer(interaction, learned_text(made, in_use=in_use))
        await self._teaching.prepare(guild.id, parents_in(guild))


class LearnButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
    template=r"lawspeaker:learn:(?P<said>breaks|fine):(?P<number>[0-9]{1,9})",
):
    """Makes an example of the case it was shown for, on the server where it is pressed, also after a restart."""

    def __init__(self, breaks: bool, number: int) -> None:
        """A button for the case of this number, of which a moderator said that it breaks its rule or does not."""
        said = "breaks" if breaks else "fine"
        super().__init__(discord.ui.Button(label=tr("Learn from this"), custom_id=f"lawspeaker:learn:{said}:{number}"))
        self._breaks = breaks
        self._number = number

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The button as it was sent."""
        return cls(match["said"] == "breaks", int(match["number"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Somebody presses it; what they may do is looked at now."""
        async with cog_of(interaction, Learning) as learning:
            await learning.learn(interaction, self._number, breaks=self._breaks)
