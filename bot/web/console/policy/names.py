"""What places are called, and sentences written for Discord as they are read here."""

from __future__ import annotations

import re

import discord

from bot.discord_io.text import plain
from bot.language import tr
from bot.web.console.names import Names

_MARKS = re.compile(r"\\([\\*_~`|<>\[\]()#:@-])|\*\*|`|\u200b")


def place_name(guild: discord.Guild, place_id: int | None) -> str:
    """A channel as `#name`, a category by its name, the server where no place is given."""
    if place_id is None:
        return tr("the server")
    found = guild.get_channel_or_thread(place_id)
    if found is None:
        return tr("a deleted channel ({id})", id=place_id)
    return plain(found.name) if isinstance(found, discord.CategoryChannel) else f"#{plain(found.name)}"


def readable(names: Names, text: str) -> str:
    """A sentence that was written for Discord, with names for mentions and without marks."""
    return _MARKS.sub(lambda match: match[1] or "", names.sentence(text))
