"""`/policy`: show, edit, import, publish and look back on the server's policy; the rest joins from files beside."""

from __future__ import annotations

from collections.abc import Sequence

import discord
from discord import app_commands
from discord.ext import commands

from bot.discord_io.calibration_text import shift_lines
from bot.discord_io.limits import MODAL_INPUT
from bot.discord_io.prospects import effect_note
from bot.domain.policy_text import parse_policy
from bot.language import mark, tr
from bot.store import Store
from cogs.answers import Interaction, answer, text_file, think
from cogs.calibrating import kept_with
from cogs.drafting import Drafting, PolicyModal, read_policy_file
from cogs.permissions import require_use
from cogs.policy_rules import RuleCommands
from cogs.publishing import Publishing
from cogs.render_policy import history_embed, policy_embeds
from cogs.versions import Choice, Versions
from cogs.where import WHERE, GivenWhere, require_own, require_seen, with_place

_MOST_VERSIONS = 25


@app_commands.guild_only()
@app_commands.default_permissions(manage_messages=True)
class PolicyCog(
    commands.GroupCog, group_name="policy", group_description=mark("The server's policy and its versions.")
):
    """For moderators."""

    def __init__(
        self, store: Store, drafting: Drafting, publishing: Publishing, parts: Sequence[app_commands.Group]
    ) -> None:
        """Keep drafts through `drafting`, publish through `publishing`; the commands of `parts` join this group."""
        self._store = store
        self._drafting = drafting
        self._publishing = publishing
        self._versions = Versions(store)
        group = self.app_command
        assert isinstance(group, app_commands.Group)
        for part in parts:
            for command in part.commands:
                group.add_command(command)
        group.add_command(RuleCommands(store, drafting))

    @app_commands.command(name="show", description=mark("Show the live policy, or a version of it, with its rules."))
    @app_commands.describe(version=mark("A version's number, or draft; the live one unless given."), where=WHERE)
    async def show(
        self,
        interaction: Interaction,
        version: app_commands.Range[str, 1, 40] | None = None,
        where: GivenWhere | None = None,
    ) -> None:
        """Show a version's text and what was read from it."""
        await think(interaction)
        guild = await require_use(interaction, self._store)
        place_id = await require_own(interaction, self._store, where)
        found = await self._versions.given(guild.id, version, place_id)
        require_seen(interaction, found.place_id)
        book = await self._store.policies.lawbook(guild.id)
        live = await self._store.policies.live(guild.id, found.place_id)
        is_live = live is not None and found.number == live.number
        ladder = (await self._store.guilds.get(guild.id)).ladder
        calibration = shift_lines(await kept_with(self._store, found))
        shown = policy_embeds(found, parse_policy(found.source), is_live, ladder, calibration)
        with_place(shown.embeds[-1], guild, book, found.place_id)
        files = [] if shown.is_whole else [text_file(found.source)]
        await answer(interaction, effect_note(guild, book, found), embeds=shown.embeds, files=files)

    @show.autocomplete("version")
    async def _offer(self, interaction: Interaction, current: str) -> list[Choice]:
        """Versions there are."""
        return await self._versions.offered(interaction, current)

    @app_commands.command(name="edit", description=mark("Edit the policy as a draft and see what it would change."))
    @app_commands.describe(where=WHERE)
    async def edit(self, interaction: Interaction, where: GivenWhere | None = None) -> None:
        """Open the text for editing, where it fits Discord's editor."""
        guild = await require_use(interaction, self._store)
        basis = await self._drafting.basis(guild, await require_own(interaction, self._store, where))
        if basis.shown is not None and len(basis.shown.source) > MODAL_INPUT:
            await answer(
                interaction,
                tr(
                    "The policy is too long for Discord's editor: change the attached text and send it with "
                    "/policy import."
                ),
                files=[text_file(basis.shown.source)],
            )
            return
        await interaction.response.send_modal(PolicyModal(self._drafting, basis))

    @app_commands.command(
        name="import", description=mark("Take the policy from a file as a draft; see what it would change.")
    )
    @app_commands.describe(file=mark("The whole text as a UTF-8 file."), where=WHERE)
    async def take(self, interaction: Interaction, file: discord.Attachment, where: GivenWhere | None = None) -> None:
        """Keep a file's text as the draft."""
        await think(interaction)
        guild = await require_use(interaction, self._store)
        basis = await self._drafting.basis(guild, await require_own(interaction, self._store, where))
        await self._drafting.submit(interaction, await read_policy_file(file), basis, unread=basis.draft)

    @app_commands.command(name="publish", description=mark("Make the draft the law from the next message on."))
    @app_commands.describe(reason=mark("Why, for the history."), where=WHERE)
    async def publish(
        self,
        interaction: Interaction,
        reason: app_commands.Range[str, 1, 400] | None = None,
        where: GivenWhere | None = None,
    ) -> None:
        """Publish the draft there is."""
        await think(interaction)
        await require_use(interaction, self._store)
        place_id = await require_own(interaction, self._store, where)
        await self._publishing.publish(interaction, None, reason or "", place_id)

    @app_commands.command(name="history", description=mark("Show the published versions: who, when and why."))
    @app_commands.describe(where=WHERE)
    async def history(self, interaction: Interaction, where: GivenWhere | None = None) -> None:
        """Show the newest versions."""
        await think(interaction)
        guild = await require_use(interaction, self._store)
        place_id = await require_own(interaction, self._store, where)
        live = await self._store.policies.live(guild.id, place_id)
        versions = await self._store.policies.history(guild.id, _MOST_VERSIONS, place_id)
        embed = history_embed(versions, live.number if live else None)
        await answer(
            interaction, embeds=[with_place(embed, guild, await self._store.policies.lawbook(guild.id), place_id)]
        )
