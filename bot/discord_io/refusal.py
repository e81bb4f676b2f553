"""What is told to somebody whose wish cannot be fulfilled, in a command or on the console."""

from __future__ import annotations

from discord import app_commands

from bot.language import mark

OURS = mark("Something went wrong on the bot's side; its log says more. Nothing was changed.")
DATABASE = mark(
    "The bot cannot use its database at the moment: try again in some minutes, and tell whoever runs the bot if that "
    "does not help. Nothing was changed."
)


class RefusedError(app_commands.AppCommandError):
    """What was asked cannot be done; the message is one sentence that says what to do."""


class NotAllowedError(RefusedError):
    """The member may not do this here."""
