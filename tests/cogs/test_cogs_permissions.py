"""Who may do what, and the sentence each failure gets."""

from __future__ import annotations

import discord
import pytest
from discord import app_commands

from bot.domain.guild import GuildSettings
from bot.domain.policy import PolicyError
from bot.judge.interface import JudgeError
from bot.store import StoreError
from cogs.errors import RefusedError, sentence_of
from cogs.permissions import NotAllowedError, may_manage, may_moderate

NAMED = GuildSettings(1, moderator_role_ids=frozenset({7, 8}))
NOTHING = discord.Permissions.none()


@pytest.mark.parametrize(
    ("permissions", "role_ids", "settings", "may"),
    [
        (discord.Permissions(manage_messages=True), [], GuildSettings(1), True),
        (NOTHING, [3, 8], NAMED, True),
        (NOTHING, [3], NAMED, False),
        (NOTHING, [8], GuildSettings(1), False),
        (discord.Permissions(manage_guild=True, kick_members=True), [], NAMED, False),
        (discord.Permissions.all(), [], GuildSettings(1), True),
    ],
)
def test_moderators_manage_messages_or_have_a_role_the_server_named(
    permissions: discord.Permissions, role_ids: list[int], settings: GuildSettings, may: bool
) -> None:
    assert may_moderate(permissions, role_ids, settings) is may


def test_settings_need_manage_server() -> None:
    assert may_manage(discord.Permissions(manage_guild=True))
    assert not may_manage(discord.Permissions(manage_messages=True, manage_channels=True))


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
