"""Slash commands, context menus, buttons and listeners: parse, check permission, call, render."""

from __future__ import annotations

from discord.ext import commands

from bot.judge.interface import Judge
from bot.pipeline.intake import Intake
from bot.pipeline.rehearsal import Rehearsal
from bot.store import Store
from cogs.drafting import Drafting
from cogs.errors import on_command_failure
from cogs.listener import Listener
from cogs.mode import ModeCog
from cogs.policy import PolicyCog
from cogs.policy_template import MergeButton, Templating
from cogs.policy_trial import CheckCog, Trials
from cogs.publishing import PublishButton, Publishing
from cogs.watch import WatchCog
from cogs.why import WhyCog


async def add_cogs(client: commands.Bot, store: Store, judge: Judge, intake: Intake) -> None:
    """Add everything members and moderators reach the bot by; registering the commands is the client's."""
    client.tree.error(on_command_failure)
    client.add_dynamic_items(PublishButton, MergeButton)
    publishing = Publishing(store, judge)
    drafting = Drafting(store)
    templating = Templating(store, drafting)
    trials = Trials(store, Rehearsal(store, judge))
    for cog in (
        Listener(intake),
        WatchCog(store),
        ModeCog(store),
        publishing,
        templating,
        PolicyCog(store, publishing, drafting, trials, templating),
        CheckCog(client, store, trials),
        WhyCog(client, store),
    ):
        await client.add_cog(cog)
