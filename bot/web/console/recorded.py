"""How people and places are named on the console, by the ids that are recorded."""

from __future__ import annotations

import re

import discord

from bot.domain.audit import THE_BOT, THE_SHELL
from bot.language import tr


def who(guild: discord.Guild, user_id: int) -> str:
    """A member's name as far as the library knows it, else the id; who is no member of Discord in words."""
    if user_id == THE_SHELL:
        return tr("the operator of the bot's machine")
    if user_id == THE_BOT:
        return tr("the bot itself")
    member = guild.get_member(user_id)
    return f"{member.display_name} ({user_id})" if member is not None else str(user_id)


_ID = re.compile(r"(?<!\d)\d{15,20}(?!\d)")


def named(guild: discord.Guild, text: str) -> str:
    """A text in which the ids of the server's channels and roles are their names, as far as the library knows them."""

    def name(found: re.Match[str]) -> str:
        known = int(found[0])
        if (channel := guild.get_channel_or_thread(known)) is not None:
            return f"#{channel.name}"
        if (role := guild.get_role(known)) is not None:
            return f"@{role.name}"
        return found[0]

    return _ID.sub(name, text)
