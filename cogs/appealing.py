"""*Appeal*: the button under what a warned, kicked or banned member was told, and the modal it opens."""

from __future__ import annotations

import re
from typing import Any, Self

import discord
from discord.ext import commands

from bot.discord_io.appeal_text import fate_text
from bot.discord_io.appealview import APPEAL_TEMPLATE, appeal_button
from bot.discord_io.limits import MODAL_TITLE, clip
from bot.discord_io.refusal import RefusedError
from bot.discord_io.speaking import speak_for, speak_on
from bot.domain.records import CaseRecord, CaseStatus
from bot.language import mark, tr
from bot.pipeline.appeals import Appeals
from bot.store import Store
from cogs.answers import Interaction, answer, think
from cogs.errors import answer_failure
from cogs.modals import modal_id, typed_in
from cogs.pressed import cog_of

MOST_CHARACTERS = 1_000
_LARGEST = 2**63 - 1
_WRITTEN = re.compile(r"lawspeaker:appeal:written:(?P<guild_id>[0-9]{1,19}):(?P<number>[0-9]{1,9})")
_NOT_YOURS = mark(
    "There is no case here that you could appeal: the button belongs to the member whom the case is about."
)


class Appealing(commands.Cog):
    """For the author of a case's message, in direct messages, also when they are no longer on the server."""

    def __init__(self, client: commands.Bot, store: Store, appeals: Appeals) -> None:
        """Read from `store`, appeal through `appeals`; `client` knows the servers."""
        self._client = client
        self._store = store
        self._appeals = appeals

    async def press(self, interaction: Interaction, guild_id: int, number: int) -> None:
        """Open the modal, or say what became of the appeal there is."""
        guild, case = await self._case(interaction, guild_id, number)
        if case.appeal is not None:
            await answer(interaction, fate_text(guild.name, case, case.appeal))
            return
        _require_standing(case)
        await interaction.response.send_modal(AppealModal(guild_id, number))

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """A modal is sent off; what goes wrong gives what was written back."""
        match = _WRITTEN.fullmatch(modal_id(interaction))
        if match is None or interaction.type is not discord.InteractionType.modal_submit:
            return
        speak_for(interaction)
        text = "\n".join(typed_in(interaction))
        try:
            await self._submit(interaction, int(match["guild_id"]), int(match["number"]), text)
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the text goes back to its author
            await answer_failure(interaction, error, lost=text)

    async def _submit(self, interaction: Interaction, guild_id: int, number: int, text: str) -> None:
        """Keep the appeal and put it before moderators."""
        await think(interaction)
        _, case = await self._case(interaction, guild_id, number)
        if not text.strip():
            raise RefusedError(
                tr("The appeal has no words: press Appeal again and say what the moderators should know.")
            )
        _require_standing(case)
        await self._appeals.lodge(case, text.strip())
        told = tr("Your appeal against case {number} is before the moderators; the answer comes here.", number=number)
        await answer(interaction, told)

    async def _case(self, interaction: Interaction, guild_id: int, number: int) -> tuple[discord.Guild, CaseRecord]:
        """The server and its case, where whoever asks wrote the case's message and was told of it; RefusedError."""
        case = await self._store.cases.get(guild_id, number) if guild_id <= _LARGEST else None
        if case is None or case.submission.author_id != interaction.user.id or not case.was_told:
            raise RefusedError(tr(_NOT_YOURS))
        guild = self._client.get_guild(guild_id)
        if guild is None:
            raise RefusedError(tr("The bot is no longer on that server: write to its moderators yourself."))
        speak_on(guild, await self._store.guilds.get(guild_id))
        return guild, case


def _require_standing(case: CaseRecord) -> None:
    if case.status is CaseStatus.OVERTURNED:
        raise RefusedError(
            tr("The moderators overturned case {number} already: there is nothing to appeal.", number=case.number)
        )


class AppealButton(discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]], template=APPEAL_TEMPLATE):
    """The button for an appeal, which works after a restart too."""

    def __init__(self, guild_id: int, number: int) -> None:
        """The button for a server's case."""
        super().__init__(appeal_button(guild_id, number))
        self._guild_id = guild_id
        self._number = number

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The button as it was sent."""
        return cls(int(match["guild_id"]), int(match["number"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Somebody presses it; who they are is looked at now."""
        async with cog_of(interaction, Appealing) as appealing:
            await appealing.press(interaction, self._guild_id, self._number)


class AppealModal(discord.ui.Modal):
    """What the member says against the case; what is sent off comes to the cog by the modal's id alone."""

    def __init__(self, guild_id: int, number: int) -> None:
        """For a server's case."""
        title = clip(tr("Appeal against case {number}", number=number), MODAL_TITLE)
        super().__init__(title=title, custom_id=f"lawspeaker:appeal:written:{guild_id}:{number}")
        self.add_item(
            discord.ui.Label(
                text=tr("What should the moderators know?"),
                description=tr("A human reads it. You can appeal a case once."),
                component=discord.ui.TextInput[Any](
                    style=discord.TextStyle.paragraph, custom_id="text", max_length=MOST_CHARACTERS
                ),
            )
        )
        self.stop()
