"""Answers to interactions: seen only by who asked, pinging nobody, whether deferred before or not."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import discord
from discord.ext import commands

from bot.discord_io.limits import CONTENT, clip

Interaction = discord.Interaction[commands.Bot]
"""An interaction of the bot's client."""


def controls(*items: discord.ui.Item[Any]) -> discord.ui.View:
    """Controls to show below an answer: what is used comes to a cog by its id alone, also after a restart.

    The view is stopped already: else the library would keep it, with a task, for a quarter of an hour.
    """
    view = discord.ui.View(timeout=None)
    for item in items:
        view.add_item(item)
    view.stop()
    return view


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
    text = clip(content, CONTENT)
    how: dict[str, Any] = {
        "embeds": list(embeds),
        "files": list(files),
        "view": view if view is not None else discord.utils.MISSING,
        "allowed_mentions": discord.AllowedMentions.none(),
        "ephemeral": True,
    }
    if interaction.response.is_done():
        await interaction.followup.send(text, **how)
    else:
        await interaction.response.send_message(text, **how)


def text_file(text: str, name: str = "policy.md") -> discord.File:
    """`text` as an attachment, exactly as it is."""
    return discord.File(io.BytesIO(text.encode("utf-8", "replace")), filename=name)
