"""*Report to moderators*: the message menu for every member."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.discord_io.refusal import RefusedError
from bot.discord_io.speaking import speak_on
from bot.domain.decision import Mode
from bot.language import mark, tr
from bot.pipeline.intake import Intake
from bot.pipeline.reporting import Reporting
from bot.store import Store
from cogs.answers import Interaction, answer, think
from cogs.channels import mode_there
from cogs.permissions import member_of, require_sight


class ReportingCog(commands.Cog):
    """For every member, about messages of other members in channels they can see, watched or not."""

    def __init__(self, client: commands.Bot, store: Store, intake: Intake, reporting: Reporting) -> None:
        """Read settings from `store` and messages through `intake`; report through `reporting`."""
        self._client = client
        self._store = store
        self._intake = intake
        self._reporting = reporting
        menu = app_commands.ContextMenu(name=mark("Report to moderators"), callback=self._menu_chosen)
        self._menu = app_commands.guild_only(menu)

    async def cog_load(self) -> None:
        """Cogs do not add menus by themselves."""
        self._client.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Nor take them away."""
        self._client.tree.remove_command(self._menu.name, type=self._menu.type)

    async def _menu_chosen(self, interaction: Interaction, message: discord.Message) -> None:
        """Report the message the menu was opened on."""
        await think(interaction)
        member = member_of(interaction)
        settings = await self._store.guilds.get(member.guild.id)
        speak_on(member.guild, settings)
        await require_sight(interaction, message.channel.id, getattr(message.channel, "parent_id", None))
        if message.author.bot or message.webhook_id is not None or message.is_system():
            raise RefusedError(tr("Only messages of members can be reported: write to the moderators about this one."))
        if message.author.id == member.id:
            raise RefusedError(tr("This message is your own: delete it, or write to the moderators."))
        if settings.mode is Mode.OFF:
            raise RefusedError(tr("The bot is switched off on this server: write to the moderators."))
        submission = await self._intake.read(message, member.guild.id)
        if submission is None:
            raise RefusedError(tr("The bot finds nothing to read in this message: write to the moderators."))
        mode = mode_there(interaction.channel, settings)
        case, is_new = await self._reporting.report(submission, member.id, mode)
        await answer(interaction, tr("Thank you: the moderators have your report. Its author is not told who made it."))
        if is_new:
            # The member need not wait for the judge.
            await self._reporting.follow_up(case)
