"""The *Appeal* button of the direct message that a case's author gets: what it is called and how it names the case.

It is pressed outside any server, so its `custom_id` names the server too. Whoever answers to it looks up whose
message the case is about.
"""

from __future__ import annotations

import discord

from bot.discord_io.buttons import has_button
from bot.language import tr

APPEAL_TEMPLATE = r"lawspeaker:appeal:(?P<guild_id>[0-9]{1,19}):(?P<number>[0-9]{1,9})"


def appeal_button(guild_id: int, number: int) -> discord.ui.Button[discord.ui.View]:
    """The button for an appeal against a server's case."""
    return discord.ui.Button(
        label=tr("Appeal"),
        style=discord.ButtonStyle.secondary,
        custom_id=_button_id(guild_id, number),
    )


def appeal_view(guild_id: int, number: int) -> discord.ui.View:
    """The button alone, to send with a warning or a farewell."""
    view = discord.ui.View(timeout=None)
    view.add_item(appeal_button(guild_id, number))
    # The library would keep every view that still listens, one per message for as long as the bot runs.
    view.stop()
    return view


def tells_of(message: discord.Message, guild_id: int, number: int) -> bool:
    """Whether a message has the button for an appeal against this case: it told the author of it."""
    return has_button(message, _button_id(guild_id, number))


def _button_id(guild_id: int, number: int) -> str:
    return f"lawspeaker:appeal:{guild_id}:{number}"
