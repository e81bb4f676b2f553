"""What goes wrong in a command, and the one sentence each failure gets."""

from __future__ import annotations

from contextlib import suppress

import discord
import structlog
from discord import app_commands

from bot.discord_io.refusal import DATABASE, OURS, RefusedError
from bot.domain.policy import PolicyError
from bot.faults import place_of
from bot.judge.interface import JudgeError
from bot.language import mark, tr
from bot.store import StoreError
from bot.store.trouble import trouble_in
from cogs.answers import Interaction, answer, text_file

log = structlog.get_logger(__name__)

_STALE = mark("This command has changed since your app loaded it: restart the app, or try again in a few minutes.")


def sentence_of(error: BaseException) -> str | None:
    """The sentence a failure gets; None where it is nobody's doing but the bot's."""
    match error:
        case app_commands.CommandInvokeError():
            return sentence_of(error.original)
        case RefusedError() | StoreError() | PolicyError():
            return str(error)
        case JudgeError():
            return tr(str(error))
        case app_commands.NoPrivateMessage():
            return tr("This works on a server only.")
        case app_commands.CommandSignatureMismatch() | app_commands.CommandNotFound() | app_commands.TransformerError():
            return tr(_STALE)
        case _:
            return None


async def answer_failure(interaction: Interaction, error: BaseException, lost: str | None = None) -> None:
    """Tell who asked, and log what is the bot's own fault: its type and place, never what anybody wrote.

    `lost` is a text they wrote that was not kept: they get it back.
    """
    sentence = sentence_of(error)
    if sentence is None:
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        log.error("interaction_failed", command=_name(interaction), error=type(cause).__name__, where=place_of(cause))
        sentence = tr(OURS) if trouble_in(cause) is None else tr(DATABASE)
    files = [text_file(lost, "your-text.md")] if lost else []
    told = [sentence, *([tr("Your text is attached.")] if files else [])]
    with suppress(discord.HTTPException):
        await answer(interaction, " ".join(told), files=files)


async def on_command_failure(interaction: Interaction, error: app_commands.AppCommandError) -> None:
    """The command tree's handler."""
    await answer_failure(interaction, error)


def _name(interaction: Interaction) -> str:
    command = interaction.command
    return command.qualified_name if command is not None else interaction.type.name
