"""Slash commands, context menus, buttons and listeners: parse, check permission, call, render."""

from __future__ import annotations

from discord.ext import commands

from bot.judge.interface import Judge
from bot.pipeline.intake import Intake
from bot.store import Store
from cogs.errors import on_command_failure
from cogs.listener import Listener
from cogs.mode import ModeCog
from cogs.policies import policy_cogs
from cogs.watch import WatchCog
from cogs.why import WhyCog


async def add_cogs(client: commands.Bot, store: Store, judge: Judge, intake: Intake) -> None:
    """Add everything members and moderators reach the bot by; registering the commands is the client's."""
    client.tree.error(on_command_failure)
    for cog in (
        Listener(intake),
        WatchCog(store),
        ModeCog(store),
        *policy_cogs(client, store, judge),
        WhyCog(client, store),
    ):
        await client.add_cog(cog)
