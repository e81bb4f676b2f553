"""The sentence each failure gets."""

from __future__ import annotations

import discord
import pytest
from discord import app_commands

from bot.discord_io.refusal import NotAllowedError, RefusedError
from bot.domain.policy import PolicyError
from bot.judge.interface import JudgeError
from bot.store import StoreError
from cogs.errors import sentence_of


@app_commands.command(name="any")
async def any_command(interaction: discord.Interaction) -> None:
    """A command to fail in."""


@pytest.mark.parametrize(
    "error",
    [
        NotAllowedError("Say this."),
        RefusedError("Say this."),
        StoreError("Say this."),
        JudgeError("Say this."),
        PolicyError("Say this."),
    ],
)
def test_a_known_failure_is_its_own_sentence_wherever_it_happened(error: Exception) -> None:
    assert sentence_of(error) == "Say this."
    assert sentence_of(app_commands.CommandInvokeError(any_command, error)) == "Say this."


def test_any_other_failure_has_none_so_that_nothing_of_it_is_shown() -> None:
    assert sentence_of(app_commands.CommandInvokeError(any_command, ValueError("what a member wrote"))) is None
