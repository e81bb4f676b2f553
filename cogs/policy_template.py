"""`/policy template`: the packs listed, looked at, and merged into the draft by the button below."""

from __future__ import annotations

import re
from typing import Any, Self

import discord
from discord import app_commands
from discord.ext import commands

from bot.discord_io.limits import CHOICE_NAME, clip
from bot.discord_io.refusal import NotAllowedError, RefusedError
from bot.domain.policy import PolicyError
from bot.domain.policy_merge import Merged, merge
from bot.language import mark, tr, trn
from bot.packs import Pack, load_packs
from bot.store import Store
from cogs.answers import Interaction, answer, controls, text_file, think
from cogs.drafting import Basis, Drafting
from cogs.permissions import require_use
from cogs.pressed import cog_of
from cogs.render_policy import pack_embed, packs_embed
from cogs.versions import Choice
from cogs.where import PLACE, WHERE, GivenWhere, require_own, require_seen, with_place

_MOST_CHOICES = 25


def pack_named(name: str) -> Pack:
    """The pack of this name; RefusedError where there is none."""
    for pack in load_packs():
        if pack.name == name.strip().casefold():
            return pack
    raise RefusedError(tr("There is no such template: /policy template without a name lists them."))


def merged_with(basis: Basis, pack: Pack) -> Merged:
    """What merging a pack makes of the draft, else of the live text; PolicyError where it cannot be merged."""
    return merge(basis.shown.source if basis.shown else "", pack.policy, basis.first)


def effect(merged: Merged) -> str:
    """A sentence or two on what merging adds and what it leaves out."""
    text = trn("It adds rule {rules}.", "It adds rules {rules}.", len(merged.added), rules=", ".join(merged.added))
    if not merged.there_already:
        return text
    there = trn(
        "What else it has is there already, as rule {rules}.",
        "What else it has is there already, as rules {rules}.",
        len(merged.there_already),
        rules=", ".join(merged.there_already),
    )
    return f"{text} {there}"


class Templating(commands.Cog):
    """Shows packs, and merges them into drafts."""

    def __init__(self, store: Store, drafting: Drafting) -> None:
        """Look permissions up in `store`; keep drafts through `drafting`."""
        self._store = store
        self._drafting = drafting

    async def show(self, interaction: Interaction, pack: Pack, place_id: int | None) -> None:
        """Show a pack and what merging it would do, with a button where it can be merged."""
        guild = await require_use(interaction, self._store)
        basis = await self._drafting.basis(guild, place_id)
        try:
            said = effect(merged_with(basis, pack))
            view = merge_view(pack.name, place_id)
        except PolicyError as error:
            said, view = tr("It cannot be merged: {error}", error=error), None
        shown = pack_embed(pack, said)
        with_place(shown.embeds[0], guild, await self._store.policies.lawbook(guild.id), place_id)
        files = [] if shown.is_whole else [text_file(pack.policy.source)]
        await answer(interaction, embeds=shown.embeds, files=files, view=view)

    async def merge(self, interaction: Interaction, pack: Pack, place_id: int | None) -> None:
        """Merge a pack into the draft there is now, and answer as `/policy edit` does."""
        await think(interaction)
        guild = await require_use(interaction, self._store)
        require_seen(interaction, place_id)
        basis = await self._drafting.basis(guild, place_id)
        merged = merged_with(basis, pack)
        await self._drafting.submit_change(interaction, merged.source, basis, [effect(merged)])


class TemplateCommands(app_commands.Group, name="templates", description=mark("A part of /policy.")):
    """The command, to be put into the group of `/policy`."""

    def __init__(self, store: Store, templating: Templating) -> None:
        """Look permissions up in `store`."""
        super().__init__()
        self._store = store
        self._templating = templating

    @app_commands.command(name="template", description=mark("Look at a ready-made policy and merge it into the draft."))
    @app_commands.describe(name=mark("The template; lists them all unless given."), where=WHERE)
    async def template(
        self,
        interaction: Interaction,
        name: app_commands.Range[str, 1, 100] | None = None,
        where: GivenWhere | None = None,
    ) -> None:
        """List the packs, or show one."""
        await think(interaction)
        await require_use(interaction, self._store)
        if name is None:
            await answer(interaction, embeds=[packs_embed(load_packs())])
            return
        place_id = await require_own(interaction, self._store, where)
        await self._templating.show(interaction, pack_named(name), place_id)

    @template.autocomplete("name")
    async def _offer(self, interaction: Interaction, current: str) -> list[Choice]:
        """Packs whose name or title has in it what is typed; nothing for other members."""
        try:
            await require_use(interaction, self._store)
        except NotAllowedError:
            return []
        named = [(pack.name, clip(f"{pack.name} · {pack.policy.title}", CHOICE_NAME)) for pack in load_packs()]
        typed = current.strip().casefold()
        return [Choice(name=name, value=value) for value, name in named if typed in name.casefold()][:_MOST_CHOICES]


class MergeButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
    template=rf"lawspeaker:template:(?P<pack>[\w-]{{1,60}})(?::(?P<place>{PLACE}))?",
):
    """Merges the pack it was shown under into the draft of that moment, also after a restart."""

    def __init__(self, name: str, place_id: int | None = None) -> None:
        """A button for the pack of this name, and for the draft of a place's policy where one is given."""
        place = f":{place_id:x}" if place_id is not None else ""
        super().__init__(
            discord.ui.Button(
                label=tr("Merge into the draft"),
                style=discord.ButtonStyle.primary,
                custom_id=f"lawspeaker:template:{name}{place}",
            )
        )
        self._name = name
        self._place_id = place_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The button as it was sent."""
        return cls(match["pack"], int(match["place"], 16) if match["place"] else None)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Somebody presses it; what they may do is looked at now."""
        async with cog_of(interaction, Templating) as templating:
            await templating.merge(interaction, pack_named(self._name), self._place_id)


def merge_view(name: str, place_id: int | None = None) -> discord.ui.View:
    """The button alone, to send with a preview."""
    return controls(MergeButton(name, place_id))
