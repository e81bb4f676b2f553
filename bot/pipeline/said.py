"""A message as it stands on Discord now, read to be tried: as intake would hand it in."""

from __future__ import annotations

from contextlib import suppress

import discord

from bot.domain.normalise import normalise
from bot.domain.submission import ContextMessage
from bot.pipeline.intake import CONTEXT_CHARACTERS, CONTEXT_MESSAGES
from bot.pipeline.rehearsal import Said
from bot.pipeline.text import text_of


async def said_in(message: discord.Message) -> Said | None:
    """What is judged of a message, with the few before it from its channel's history; None where it has no text."""
    text = await text_of(message)
    if not text.strip():
        return None
    return Said(text, normalise(text), await _before(message))


async def _before(message: discord.Message) -> tuple[ContextMessage, ...]:
    """The few messages before one, the oldest first; none where the bot may not read them."""
    found: list[discord.Message] = []
    with suppress(discord.HTTPException):
        found = [one async for one in message.channel.history(limit=CONTEXT_MESSAGES, before=message)]
    return tuple(
        ContextMessage(one.author.display_name[:100], one.content[:CONTEXT_CHARACTERS]) for one in reversed(found)
    )
