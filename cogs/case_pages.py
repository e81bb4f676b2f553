"""Pages of a list of cases. What is listed stands in the buttons' `custom_id`s, so they work as long as the list does.

Words that are looked for have no room there: they stand above the list.

A page shows the cases up to the highest number there was when the list was made: new ones do not shift it. What the
moderator may see is looked at anew for each page.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Self

import discord
from discord.ext import commands

from bot.discord_io.limits import CUSTOM_ID
from bot.discord_io.sight import Sight
from bot.discord_io.text import terminal
from bot.domain.case_filter import CaseFilter
from bot.domain.records import CaseRecord
from bot.language import tr
from bot.store import Store
from cogs.answers import Interaction, answer, controls
from cogs.case_codec import FILTER, NUMBER, long, read, short, written
from cogs.permissions import member_of, require_use
from cogs.pressed import cog_of
from cogs.render_case import case_line, page_of

PAGE = 10
MOST_TEXT = 200
TEMPLATE = rf"lawcases:(?P<page>{NUMBER}{{1,4}}):(?P<sought>{FILTER})"
"""Shorter than those of other buttons, as the longest filter needs the room."""


class CasePages(commands.Cog):
    """Shows lists of cases to moderators, as far as they can see the cases' channels."""

    def __init__(self, store: Store) -> None:
        """Read from `store`."""
        self._store = store

    async def begin(self, interaction: Interaction, wanted: CaseFilter) -> None:
        """Answer with the first page."""
        embed, view = await self._page(member_of(interaction), wanted, 0)
        await answer(interaction, embeds=[embed], view=view)

    async def turn(self, interaction: Interaction, wanted: CaseFilter, page: int) -> None:
        """Put another page, counted from 0, in the place of the one whose button was pressed."""
        await interaction.response.defer()
        await require_use(interaction, self._store)
        embed, view = await self._page(member_of(interaction), wanted, page)
        await interaction.edit_original_response(
            embed=embed, view=view, allowed_mentions=discord.AllowedMentions.none()
        )

    async def _page(
        self, member: discord.Member, wanted: CaseFilter, page: int
    ) -> tuple[discord.Embed, discord.ui.View | None]:
        """A page of the cases a member may see, with buttons where there are more; the last one if beyond it."""
        guild_id, search, sight = member.guild.id, self._store.search, Sight(member)
        if wanted.up_to is None:
            newest = await sight.cases(lambda hidden: search.find(guild_id, replace(wanted, hidden=hidden), 1))
            wanted = replace(wanted, up_to=newest[0].number if newest else 0)
        while True:
            seen = replace(wanted, hidden=sight.hidden)
            count = await search.count(guild_id, seen)
            pages = max((count + PAGE - 1) // PAGE, 1)
            shown = min(page, pages - 1)
            cases = await search.find(guild_id, seen, PAGE, shown * PAGE)
            if not await sight.hides(one.submission for one in cases):
                embed = _embed(cases, seen.text, page_of(count, shown, pages))
                return embed, _buttons(seen, shown, pages) if pages > 1 else None


def _embed(cases: list[CaseRecord], text: str | None, footer: str) -> discord.Embed:
    lines = "\n".join(map(case_line, cases)) or tr("There are no such cases.")
    embed = discord.Embed(title=tr("Cases"), description=lines)
    embed.set_footer(text=footer)
    if text and (words := terminal(text, MOST_TEXT)).strip():
        embed.set_author(name=words)  # which is shown as it is, and read again by `_text_of`
    return embed


def _text_of(message: discord.Message | None) -> str | None:
    """The words that a list was looked for by."""
    return message.embeds[0].author.name if message is not None and message.embeds else None


def _buttons(wanted: CaseFilter, page: int, pages: int) -> discord.ui.View:
    return controls(
        _button(tr("Newer"), wanted, max(page - 1, 0), disabled=page == 0),
        _button(tr("Older"), wanted, page + 1, disabled=page == pages - 1),
    )


def _button(label: str, wanted: CaseFilter, page: int, *, disabled: bool = False) -> discord.ui.Button[discord.ui.View]:
    custom_id = f"lawcases:{short(page)}:{written(wanted)}"
    assert len(custom_id) <= CUSTOM_ID
    return discord.ui.Button(label=label, custom_id=custom_id, disabled=disabled)


class CasePageButton(discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]], template=TEMPLATE):
    """*Newer* and *Older* under a list of cases."""

    def __init__(self, button: discord.ui.Button[discord.ui.View], page: int, wanted: CaseFilter) -> None:
        """The button for a page of what is wanted."""
        super().__init__(button)
        self._page = page
        self._wanted = wanted

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The button as it was sent."""
        assert isinstance(item, discord.ui.Button)
        return cls(item, long(match["page"]) or 0, read(match["sought"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Turn the page."""
        async with cog_of(interaction, CasePages) as pages:
            wanted = replace(self._wanted, text=_text_of(interaction.message))
            await pages.turn(interaction, wanted, self._page)
