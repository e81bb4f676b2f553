"""`/policy learned`: what moderators taught, page by page, each with a button that removes it."""

from __future__ import annotations

import re
from typing import Any, Self

import discord
from discord import app_commands
from discord.ext import commands

from bot.discord_io.limits import CUSTOM_ID
from bot.discord_io.places import parents_in
from bot.discord_io.sight import Sight
from bot.language import mark, tr
from bot.pipeline.learned_sight import sees_example
from bot.pipeline.teaching import Learned, Teaching
from bot.store import Store
from cogs.answers import Interaction, answer, controls, think
from cogs.permissions import member_of, require_use
from cogs.pressed import cog_of
from cogs.render_learned import PAGE, on_page, page_embed, removed_text

_PREFIX = "lawspeaker:learned"


class LearnedPages(commands.Cog):
    """For moderators, who see texts of channels that they can see."""

    def __init__(self, store: Store, teaching: Teaching) -> None:
        """Remove from `store`; read through `teaching`."""
        self._store = store
        self._teaching = teaching

    async def begin(self, interaction: Interaction) -> None:
        """Answer with the first page."""
        await think(interaction)
        guild = await require_use(interaction, self._store)
        learned = await self._teaching.learned(guild.id, parents_in(guild))
        embed, view = await self._page(learned, member_of(interaction), 0)
        await answer(interaction, embeds=[embed], view=view)

    async def turn(self, interaction: Interaction, page: int) -> None:
        """Put another page in the place of the one whose button was pressed."""
        await interaction.response.defer()
        guild = await require_use(interaction, self._store)
        await self._show(interaction, guild, page, "")

    async def remove(self, interaction: Interaction, page: int, example_id: int) -> None:
        """Remove an example and show the page without it."""
        await interaction.response.defer()
        guild = await require_use(interaction, self._store)
        removed = await self._store.learned.remove(guild.id, example_id, interaction.user.id)
        await self._show(interaction, guild, page, removed_text(removed))
        await self._teaching.prepare(guild.id, parents_in(guild))

    async def _show(self, interaction: Interaction, guild: discord.Guild, page: int, content: str) -> None:
        learned = await self._teaching.learned(guild.id, parents_in(guild))
        embed, view = await self._page(learned, member_of(interaction), page)
        none = discord.AllowedMentions.none()
        await interaction.edit_original_response(content=content, embed=embed, view=view, allowed_mentions=none)

    async def _page(
        self, learned: Learned, member: discord.Member, page: int
    ) -> tuple[discord.Embed, discord.ui.View | None]:
        """A page as a member may see it, with its buttons; the last one if beyond it."""
        pages = max((len(learned.examples) + PAGE - 1) // PAGE, 1)
        page = min(page, pages - 1)
        sight = Sight(member)
        shown, guild_id = on_page(learned.examples, page), member.guild.id
        seen = {one.id for one in shown if await sees_example(self._store, sight, guild_id, one)}
        return page_embed(learned, page, pages, seen), _buttons(learned, page, pages) if learned.examples else None


def _buttons(learned: Learned, page: int, pages: int) -> discord.ui.View:
    buttons = [
        _button(tr("Remove {number}", number=one.id), f"remove:{page}:{one.id}", row=0)
        for one in on_page(learned.examples, page)
    ]
    if pages > 1:
        buttons.append(_button(tr("Newer"), f"page:{max(page - 1, 0)}", row=1, disabled=page == 0))
        buttons.append(_button(tr("Older"), f"page:{page + 1}", row=1, disabled=page == pages - 1))
    return controls(*buttons)


def _button(label: str, deed: str, *, row: int, disabled: bool = False) -> discord.ui.Button[discord.ui.View]:
    custom_id = f"{_PREFIX}:{deed}"
    assert len(custom_id) <= CUSTOM_ID
    return discord.ui.Button(label=label, custom_id=custom_id, row=row, disabled=disabled)


class LearnedButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
    template=rf"{_PREFIX}:(?P<deed>page|remove):(?P<page>[0-9]{{1,4}})(?::(?P<id>[0-9]{{1,18}}))?",
):
    """A button under a page, which works after a restart too."""

    def __init__(self, button: discord.ui.Button[discord.ui.View], page: int, removes: int | None) -> None:
        """The button for a page, or for removing an example that stands on it."""
        super().__init__(button)
        self._page = page
        self._removes = removes

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The button as it was sent."""
        assert isinstance(item, discord.ui.Button)
        return cls(item, int(match["page"]), int(match["id"]) if match["id"] else None)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Somebody presses it; what they may do is looked at now."""
        async with cog_of(interaction, LearnedPages) as pages:
            if self._removes is None:
                await pages.turn(interaction, self._page)
            else:
                await pages.remove(interaction, self._page, self._removes)


class LearnedCommands(app_commands.Group, name="learning", description=mark("A part of /policy.")):
    """The command, to be put into the group of `/policy`."""

    def __init__(self, pages: LearnedPages) -> None:
        """List on `pages`."""
        super().__init__()
        self._pages = pages

    @app_commands.command(
        name="learned", description=mark("Show what the judge learned from moderators; remove any of it.")
    )
    async def learned(self, interaction: Interaction) -> None:
        """Show the newest examples."""
        await self._pages.begin(interaction)
