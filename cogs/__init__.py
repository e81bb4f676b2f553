"""Slash commands, context menus, buttons and listeners: parse, check permission, call, render."""

from __future__ import annotations

from discord.ext import commands

from bot.judge.interface import Judge
from bot.pipeline.forgetting import Forgetting
from bot.pipeline.intake import Intake
from bot.store import Store
from cogs.departures import DepartureListener
from cogs.errors import on_command_failure
from cogs.forgetting import ForgetButton, ForgettingDesk
from cogs.listener import Listener
from cogs.mode import ModeCog
from cogs.policy import PolicyCog
from cogs.privacy import PrivacyCog
from cogs.publishing import PublishButton, Publishing
from cogs.watch import WatchCog
from cogs.why import WhyCog


async def add_cogs(client: commands.Bot, store: Store, judge: Judge, intake: Intake) -> None:
    """Add everything members and moderators reach the bot by; registering the commands is the client's."""
    client.tree.error(on_command_failure)
    client.add_dynamic_items(PublishButton)
    client.add_dynamic_items(ForgetButton)
    publishing = Publishing(store, judge)
    desk = ForgettingDesk(store, Forgetting(client, store, intake))
    for cog in (
        Listener(intake),
        WatchCog(store),
        ModeCog(store),
        publishing,
        PolicyCog(store, publishing),
        WhyCog(client, store),
        desk,
        DepartureListener(client, store, intake),
        PrivacyCog(store, desk),
    ):
        await client.add_cog(cog)
