"""Answers to interactions: seen only by who asked, pinging nobody, whether deferred before or not."""

from __future__ import annotations

import io
from collections.abc import Sequence

import discord
from discord.ext import commands

from bot.discord_io.limits import CONTENT, clip

Interaction = discord.Interaction[commands.Bot]
"""An interaction of the bot's client."""


async def think(interaction: Interaction) -> None:
    """Ask Discord for patience: an answer is due within three seconds, a database or a judge may take longer."""
    if not interaction.response.is_done():
        await interaction.response.defer(ephemeral=True, thinking=True)


async def answer(
    interaction: Interaction,
    content: str = "",
    *,
    embeds: Sequence[discord.Embed] = (),
    files: Sequence[discord.File] = (),
    view: discord.ui.View | None = None,
) -> None:
    """Answer ephemerally; `content` is cut to Discord's limit."""
    nobody = discord.AllowedMentions.none()
    shown = view if view is not None else discord.utils.MISSING
    if interaction.response.is_done():
        await interaction.followup.send(
            clip(content, CONTENT),
            embeds=list(embeds),
            files=list(files),
            view=shown,
            allowed_mentions=nobody,
            ephemeral=True,
        )
        return
    await interaction.response.send_message(
        clip(content, CONTENT),
        embeds=list(embeds),
        files=list(files),
        view=shown,
        allowed_mentions=nobody,
        ephemeral=True,
    )


def text_file(text: str, name: str = "policy.md") -> discord.File:
    """`text` as an attachment, exactly as it is."""
    return discord.File(io.BytesIO(text.encode("utf-8", "replace")), filename=name)
