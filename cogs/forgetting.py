"""Asking before a member is forgotten, and the button that does it."""

from __future__ import annotations

import re
from typing import Any, Self

import discord
from discord.ext import commands

from bot.language import tr
from bot.pipeline.forgetting import Forgetting
from bot.store import Store
from cogs.answers import Interaction, answer, controls, think
from cogs.members import find_person, person_meant
from cogs.permissions import require_use
from cogs.pressed import cog_of
from cogs.render_privacy import forgotten_text, nothing_held, will_forget


class ForgettingDesk(commands.Cog):
    """For those with Manage Server, looked at when they ask and again when they press."""

    def __init__(self, store: Store, forgetting: Forgetting) -> None:
        """Count in `store`; erase through `forgetting`."""
        self._store = store
        self._forgetting = forgetting

    async def ask(self, interaction: Interaction, member: discord.User | None, user_id: str | None) -> None:
        """Say what would be erased of a member, or of whoever has the id, with the button that erases it."""
        await think(interaction)
        guild = await require_use(interaction, self._store)
        person = await find_person(interaction.client, guild, person_meant(member, user_id))
        held = await self._store.erasure.held(guild.id, person.id, person.names)
        if held.is_nothing:
            await answer(interaction, nothing_held(person.id))
            return
        await answer(interaction, will_forget(person.id, held), view=forget_view(person.id))

    async def forget(self, interaction: Interaction, user_id: int) -> None:
        """Erase, and say how much that was and what could not be reached."""
        await think(interaction)
        guild = await require_use(interaction, self._store)
        person = await find_person(interaction.client, guild, user_id)
        done = await self._forgetting.forget(guild.id, person.id, person.names, interaction.user.id)
        await answer(interaction, forgotten_text(person.id, done))


class ForgetButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
    template=r"lawspeaker:forget:(?P<user>[1-8]?[0-9]{1,18})",
):
    """Forgets the member it was shown for, on the server where it is pressed, also after a restart."""

    def __init__(self, user_id: int) -> None:
        """A button for a member."""
        super().__init__(
            discord.ui.Button(
                label=tr("Erase for good"), style=discord.ButtonStyle.danger, custom_id=f"lawspeaker:forget:{user_id}"
            )
        )
        self._user_id = user_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The button as it was sent."""
        return cls(int(match["user"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Somebody presses it; what they may do is looked at now."""
        async with cog_of(interaction, ForgettingDesk) as desk:
            await desk.forget(interaction, self._user_id)


def forget_view(user_id: int) -> discord.ui.View:
    """The button alone, to send with what it will do."""
    return controls(ForgetButton(user_id))
