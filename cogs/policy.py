"""`/policy`: show, edit, publish and look back on the server's policy."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.discord_io.limits import MODAL_INPUT
from bot.domain.policy_text import parse_policy
from bot.domain.records import PolicyVersion
from bot.store import Store
from cogs.answers import Interaction, answer, text_file, think
from cogs.drafting import Drafting, PolicyModal, read_policy_file
from cogs.errors import RefusedError
from cogs.permissions import NotAllowedError, require_moderator
from cogs.publishing import Publishing
from cogs.render_policy import history_embed, policy_embeds

_MOST_VERSIONS = 25
_LARGEST_NUMBER = 2**31 - 1
_NONE_YET = "There is no policy yet: write one with /policy edit."


def version_number(given: str) -> int:
    """A version's number as somebody writes it, `3` or `v3`; 0 for `draft`; RefusedError for anything else."""
    words = given.strip().casefold().removeprefix("version").strip().removeprefix("v")
    if words == "draft":
        return 0
    if words.isascii() and words.isdecimal() and 0 < int(words[:12]) <= _LARGEST_NUMBER:
        return int(words[:12])
    raise RefusedError("Name a version by its number, as 3, or write draft.")


@app_commands.guild_only()
@app_commands.default_permissions(manage_messages=True)
class PolicyCog(commands.GroupCog, group_name="policy", group_description="The server's policy and its versions."):
    """For moderators."""

    def __init__(self, store: Store, publishing: Publishing) -> None:
        """Read from `store`; publish through `publishing`."""
        self._store = store
        self._publishing = publishing
        self._drafting = Drafting(store)

    @app_commands.command(name="show", description="Show the live policy, or a version of it, with its rules.")
    @app_commands.describe(version="A version's number, or draft; the live one unless given.")
    async def show(self, interaction: Interaction, version: app_commands.Range[str, 1, 40] | None = None) -> None:
        """Show a version's text and what was read from it."""
        await think(interaction)
        guild = await require_moderator(interaction, self._store)
        live = await self._store.policies.live(guild.id)
        found = live if version is None else await self._version(guild.id, version_number(version))
        if found is None:
            has_draft = await self._store.policies.draft(guild.id) is not None
            raise RefusedError(
                "No version is live yet; see the draft with the version draft." if has_draft else _NONE_YET
            )
        shown = policy_embeds(found, parse_policy(found.source), live is not None and found.number == live.number)
        await answer(interaction, embeds=shown.embeds, files=[] if shown.is_whole else [text_file(found.source)])

    @show.autocomplete("version")
    async def _versions(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        """The draft and the newest versions."""
        try:
            guild = await require_moderator(interaction, self._store)
        except NotAllowedError:
            return []
        numbers = [str(one.number) for one in await self._store.policies.history(guild.id, _MOST_VERSIONS - 1)]
        return [app_commands.Choice(name=one, value=one) for one in ["draft", *numbers] if current.casefold() in one]

    @app_commands.command(name="edit", description="Edit the policy as a draft and see what it would change.")
    @app_commands.describe(file="The whole text as a UTF-8 file; without it the text opens for editing.")
    async def edit(self, interaction: Interaction, file: discord.Attachment | None = None) -> None:
        """Open the text for editing, or take a file."""
        if file is None:
            await self._open(interaction)
            return
        await think(interaction)
        guild = await require_moderator(interaction, self._store)
        basis = await self._drafting.basis(guild.id)
        await self._drafting.submit(interaction, await read_policy_file(file), basis, unread=basis.draft)

    async def _open(self, interaction: Interaction) -> None:
        guild = await require_moderator(interaction, self._store)
        basis = await self._drafting.basis(guild.id)
        if basis.shown is not None and len(basis.shown.source) > MODAL_INPUT:
            await answer(
                interaction,
                "The policy is too long for Discord's editor: change the attached text and send it with "
                "/policy edit and its option file.",
                files=[text_file(basis.shown.source)],
            )
            return
        await interaction.response.send_modal(PolicyModal(self._drafting, basis))

    @app_commands.command(name="publish", description="Make the draft the law from the next message on.")
    @app_commands.describe(reason="Why, for the history.")
    async def publish(self, interaction: Interaction, reason: app_commands.Range[str, 1, 400] | None = None) -> None:
        """Publish the draft there is."""
        await self._publishing.publish(interaction, None, reason or "")

    @app_commands.command(name="history", description="Show the published versions: who, when and why.")
    async def history(self, interaction: Interaction) -> None:
        """Show the newest versions."""
        await think(interaction)
        guild = await require_moderator(interaction, self._store)
        live = await self._store.policies.live(guild.id)
        versions = await self._store.policies.history(guild.id, _MOST_VERSIONS)
        await answer(interaction, embeds=[history_embed(versions, live.number if live else None)])

    async def _version(self, guild_id: int, number: int) -> PolicyVersion:
        """The draft for 0, else a published version; RefusedError where there is none."""
        policies = self._store.policies
        found = await (policies.version(guild_id, number) if number else policies.draft(guild_id))
        if found is None:
            raise RefusedError(
                f"There is no version {number}: see /policy history." if number else "There is no draft at present."
            )
        return found
