"""`/queue`: what waits for a human, and *Next*, which claims the oldest case that nobody holds.

The buttons work after a restart: their `custom_id`s say which page is meant, and what is on it is looked up when one
is pressed.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, Self

import discord
from discord import app_commands
from discord.ext import commands

from bot.discord_io.refusal import RefusedError
from bot.discord_io.sight import Sight
from bot.language import mark, tr
from bot.pipeline.reviews import Reviews
from bot.store import Store
from cogs.answers import Interaction, answer, controls, think
from cogs.case_shown import show_case
from cogs.permissions import member_of, require_use
from cogs.pressed import cog_of
from cogs.render_case import claimed_text
from cogs.render_queue import EMPTY, NONE_FREE, PAGE, queue_embed

LOOKED_THROUGH = 100
TEMPLATE = r"lawspeaker:queue:(?:next|page:(?P<page>[0-9]{1,6}))"


class QueueCog(commands.Cog):
    """For moderators, about cases of their own server in channels they can see."""

    def __init__(self, store: Store, reviews: Reviews) -> None:
        """Read from `store`, claim through `reviews`."""
        self._store = store
        self._reviews = reviews

    @app_commands.command(
        name="queue", description=mark("List what waits for a human, oldest first, and take the next on.")
    )
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_messages=True)
    async def queue(self, interaction: Interaction) -> None:
        """Show the first page."""
        await think(interaction)
        await require_use(interaction, self._store)
        embed, view = await self._page(member_of(interaction), 0)
        await answer(interaction, embeds=[embed], view=view)

    async def turn(self, interaction: Interaction, page: int) -> None:
        """Put another page, counted from 0, in the place of the one whose button was pressed."""
        await interaction.response.defer()
        await require_use(interaction, self._store)
        embed, view = await self._page(member_of(interaction), page)
        await interaction.edit_original_response(
            embed=embed, view=view, allowed_mentions=discord.AllowedMentions.none()
        )

    async def next(self, interaction: Interaction) -> None:
        """Claim the oldest case that nobody holds, and show it with its buttons."""
        await think(interaction)
        guild, waiting = await require_use(interaction, self._store), self._store.waiting
        sight = Sight(member_of(interaction))
        # A claim is seen by others: what the moderator cannot see is left out before one is made.
        await sight.cases(lambda hidden: waiting.find(guild.id, hidden, LOOKED_THROUGH))
        case = await self._reviews.claim_next(guild.id, sight.hidden, interaction.user.id)
        while case is not None and await sight.hides([case.submission]):
            await self._reviews.release(case, interaction.user.id)
            case = await self._reviews.claim_next(guild.id, sight.hidden, interaction.user.id)
        if case is None:
            raise RefusedError(tr(NONE_FREE) if await waiting.count(guild.id, sight.hidden) else tr(EMPTY))
        await show_case(interaction, self._store, case, claimed_text(case), QueueButton.next())

    async def _page(self, member: discord.Member, page: int) -> tuple[discord.Embed, discord.ui.View]:
        """A page of what a member may see, the last one if beyond it, with its buttons."""
        guild_id, waiting, sight = member.guild.id, self._store.waiting, Sight(member)
        while True:
            count = await waiting.count(guild_id, sight.hidden)
            pages = max((count + PAGE - 1) // PAGE, 1)
            shown = min(page, pages - 1)
            cases = await waiting.find(guild_id, sight.hidden, PAGE, shown * PAGE)
            if not await sight.hides(one.submission for one in cases):
                embed = queue_embed(cases, count, shown, pages, datetime.now(UTC))
                return embed, _view(shown, pages, is_empty=not cases)


def _view(page: int, pages: int, *, is_empty: bool) -> discord.ui.View:
    """*Next* where there is something, the pages where there are several, and *Refresh*."""
    buttons = [] if is_empty else [QueueButton.next()]
    if page > 0:
        buttons.append(QueueButton.to_page(tr("Older"), page - 1))
    if page < pages - 1:
        buttons.append(QueueButton.to_page(tr("Newer"), page + 1))
    return controls(*buttons, QueueButton.to_page(tr("Refresh"), page))


class QueueButton(discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]], template=TEMPLATE):
    """*Next*, *Older*, *Newer* and *Refresh*."""

    def __init__(self, button: discord.ui.Button[discord.ui.View], page: int | None) -> None:
        """The button for a page, or for the next case where `page` is None."""
        super().__init__(button)
        self._page = page

    @classmethod
    def next(cls) -> Self:
        """*Next*: claims the oldest case that nobody holds."""
        style = discord.ButtonStyle.primary
        return cls(discord.ui.Button(label=tr("Next"), style=style, custom_id="lawspeaker:queue:next"), None)

    @classmethod
    def to_page(cls, label: str, page: int) -> Self:
        """A button that shows a page, counted from 0."""
        return cls(discord.ui.Button(label=label, custom_id=f"lawspeaker:queue:page:{page}"), page)

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The button as it was sent."""
        assert isinstance(item, discord.ui.Button)
        return cls(item, int(match["page"]) if match["page"] is not None else None)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Claim, or turn the page."""
        async with cog_of(interaction, QueueCog) as queue:
            await (queue.next(interaction) if self._page is None else queue.turn(interaction, self._page))
