"""Telling messages of the bot by their buttons: a `custom_id` is the same in every language, and outlives new words."""

from __future__ import annotations

import discord


def has_button(message: discord.Message, custom_id: str) -> bool:
    """Whether a message has the button of this `custom_id`."""
    rows = [row for row in message.components if isinstance(row, discord.ActionRow)]
    return any(isinstance(one, discord.Button) and one.custom_id == custom_id for row in rows for one in row.children)
