"""`/policy test` and the menu *Check against policy*: a text tried under the live policy and the draft."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.discord_io.embeds import message_link
from bot.discord_io.places import where_in
from bot.discord_io.refusal import RefusedError
from bot.domain.lawbook import Where
from bot.domain.normalise import normalise
from bot.language import mark, tr
from bot.pipeline.rehearsal import Rehearsal, Said
from bot.pipeline.said import said_in
from bot.store import Store
from cogs.answers import Interaction, answer, think
from cogs.channels import mode_there
from cogs.permissions import member_of, require_use
from cogs.render_trial import NO_TEXT, trial_embed
from cogs.versions import NONE_YET
from cogs.where import GivenWhere, place_id_of, require_seen, where_named


class Trials:
    """Tries texts and answers with what would come of them."""

    def __init__(self, store: Store, rehearsal: Rehearsal) -> None:
        """Read settings from `store`; ask the judge through `rehearsal`."""
        self._store = store
        self._rehearsal = rehearsal

    async def show(self, interaction: Interaction, said: Said, where: Where, channel: object, about: str = "") -> None:
        """Answer with what each version makes of a text in a place; RefusedError where none can be asked.

        The mode is that of `channel`.
        """
        guild = member_of(interaction).guild
        tried = await self._rehearsal.under_each(guild.id, said, where)
        if not tried:
            raise RefusedError(tr(NONE_YET))
        if not any(one.verdict for one in tried):
            raise RefusedError(tr("Nothing could be tried: {reason}", reason=tried[0].decision.reason))
        settings = await self._store.guilds.get(guild.id)
        embed = trial_embed(tried, said, settings.thresholds, mode_there(channel, settings), about)
        await answer(interaction, embeds=[embed])


class TrialCommands(app_commands.Group, name="trial", description=mark("A part of /policy.")):
    """Commands that try the policy, to be put into the group of `/policy`."""

    def __init__(self, store: Store, trials: Trials) -> None:
        """Look permissions up in `store`."""
        super().__init__()
        self._store = store
        self._trials = trials

    @app_commands.command(
        name="test", description=mark("Try a text under the live policy and the draft; nothing is done.")
    )
    @app_commands.describe(
        text=mark("What a member might write."),
        where=mark("As if it were written there, by the policy in force there; by the server's alone unless given."),
    )
    async def test(
        self, interaction: Interaction, text: app_commands.Range[str, 1, 4000], where: GivenWhere | None = None
    ) -> None:
        """Judge a text and show what would come of it."""
        await think(interaction)
        guild = await require_use(interaction, self._store)
        if not text.strip():
            raise RefusedError(tr("Give a text to try: a message without one is never judged."))
        require_seen(interaction, place_id_of(where))
        about = tr("as if written in {channel}", channel=f"<#{place_id_of(where)}>") if where is not None else ""
        channel = guild.get_channel(place_id_of(where) or 0) if where is not None else interaction.channel
        said = Said(text, normalise(text))
        await self._trials.show(interaction, said, where_named(guild, where), channel, about)


class CheckCog(commands.Cog):
    """The menu of a message that a moderator sees."""

    def __init__(self, client: commands.Bot, store: Store, trials: Trials) -> None:
        """Put the menu into the tree of `client`."""
        self._client = client
        self._store = store
        self._trials = trials
        menu = app_commands.ContextMenu(name=mark("Check against policy"), callback=self._chosen)
        self._menu = app_commands.guild_only(app_commands.default_permissions(manage_messages=True)(menu))

    async def cog_load(self) -> None:
        """Cogs do not add menus by themselves."""
        self._client.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Nor take them away."""
        self._client.tree.remove_command(self._menu.name, type=self._menu.type)

    async def _chosen(self, interaction: Interaction, message: discord.Message) -> None:
        """Judge a message as it stands, as intake would hand it in, and show what would come of it."""
        await think(interaction)
        guild = await require_use(interaction, self._store)
        if not interaction.permissions.view_channel:
            raise RefusedError(tr("That message is in a channel you cannot see."))
        said = await said_in(message)
        if said is None:
            raise RefusedError(tr(NO_TEXT))
        about = tr(
            "[message]({link}) of {member}; whether its author is exempt was not looked at",
            link=message_link(guild.id, message.channel.id, message.id),
            member=f"<@{message.author.id}>",
        )
        # Discord tells of the channel in full, also of an archived thread, which the library has forgotten.
        channel_id = getattr(interaction.channel, "parent_id", None) or message.channel.id
        await self._trials.show(interaction, said, where_in(guild, channel_id), interaction.channel, about)
