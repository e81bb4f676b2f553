"""The cog behind a button or select, which outlives the message it stands under."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

from discord.ext import commands

from bot.discord_io.speaking import speak_for
from cogs.answers import Interaction
from cogs.errors import answer_failure

C = TypeVar("C", bound=commands.Cog)


@asynccontextmanager
async def cog_of(interaction: Interaction, kind: type[C]) -> AsyncIterator[C]:
    """The cog that does what was pressed; what goes wrong in the block is told to who pressed."""
    speak_for(interaction)
    try:
        cog = interaction.client.get_cog(kind.__name__)
        assert isinstance(cog, kind)
        yield cog
    except Exception as error:  # noqa: BLE001 - the library would only log it
        await answer_failure(interaction, error)
