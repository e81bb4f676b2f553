"""`/setup`: a server made ready step by step, on one message that only who asked sees."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AsyncExitStack, suppress
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.discord_io.limits import CONTENT, clip
from bot.discord_io.places import channel_of
from bot.discord_io.refusal import RefusedError
from bot.discord_io.speaking import speak_for
from bot.discord_io.text import listed
from bot.domain.access import WRITES_POLICY
from bot.domain.decision import Mode
from bot.domain.guild import GuildSettings
from bot.domain.policy import PolicyError
from bot.domain.policy_merge import has_all, merge
from bot.language import mark, tr
from bot.packs import Pack
from bot.store import Store, StoreError
from cogs.answers import Interaction, answer, think
from cogs.channels import GivenChannel, missing_to_log, parent_of
from cogs.drafting import Basis
from cogs.errors import answer_failure
from cogs.mode import server_mode
from cogs.permissions import member_of, require_access, require_use
from cogs.policy_template import pack_named
from cogs.publishing import Publishing
from cogs.render_setup import Standing, merged_note, setup_embed, watched_note
from cogs.setup_view import MOST_PICKED, WATCH_TYPES, SetupControl, setup_view
from cogs.watch import log_place, place_in

COMPILING = mark("The policy is being compiled, which takes about half a minute.")


class SetupCog(commands.Cog):
    """Needs Manage Server, each time something is used; what touches the policy needs a moderator besides."""

    def __init__(self, store: Store) -> None:
        """Read and write in `store`."""
        self._store = store

    @app_commands.command(name="setup", description=mark("Make this server ready, step by step: safe to run again."))
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    async def setup(self, interaction: Interaction) -> None:
        """Show what is set and what is missing, with the controls to change it; this alone changes nothing."""
        await think(interaction)
        standing = await self._standing(await require_use(interaction, self._store))
        await answer(interaction, embeds=[setup_embed(standing)], view=setup_view(standing))

    async def use(self, interaction: Interaction, control: SetupControl) -> None:
        """A select or button is used; what the member may do is looked at now."""
        speak_for(interaction)
        try:
            guild = await require_use(interaction, self._store)
            await interaction.response.defer()
            try:
                note = await self._change(interaction, guild, control)
            except (RefusedError, StoreError, PolicyError) as error:
                note = str(error)
            await self._show(interaction, await self._standing(guild), note)
        except Exception as error:  # noqa: BLE001 - the library would only log it
            await answer_failure(interaction, error)

    async def _change(self, interaction: Interaction, guild: discord.Guild, control: SetupControl) -> str:
        """Do what a control is for, and nothing else; a sentence on what became of it."""
        by = interaction.user.id
        match control.does:
            case "watch":
                return await self._watch(guild, control.shown_ids, control.picked, by)
            case "log":
                return await self._log(guild, control.picked, by)
            case "mode" if offered := [one for one in Mode if one.value in control.picked]:
                settings = await self._store.guilds.update(guild.id, mode=offered[0], by=by)
                return server_mode(guild, settings)
            case "packs":
                await require_access(member_of(interaction), self._store, WRITES_POLICY)
                return await self._merge(guild.id, [pack_named(name) for name in control.picked], by)
            case "publish":
                await require_access(member_of(interaction), self._store, WRITES_POLICY)
                return await self._publish(interaction, guild, control.digest)
            case _:
                return ""

    async def _watch(
        self, guild: discord.Guild, shown_ids: Collection[int], picked: Sequence[GivenChannel], by: int
    ) -> str:
        """Watch what was picked besides the channels shown as picked, and no longer what was taken out of them.

        What somebody else watches meanwhile is in neither; a channel's own mode stays.
        """
        watched = (await self._store.guilds.get(guild.id)).watched
        picked_ids = {one.id for one in picked}
        added = sorted(picked_ids.difference(shown_ids, watched))
        for channel_id in added:
            await _require_there(guild, channel_id)
        removed = []
        # A change of several channels is several to the store: where one fails, those before it are taken back.
        async with AsyncExitStack() as undo:
            for channel_id in added:
                await self._store.guilds.watch(guild.id, channel_id, by=by)
                undo.push_async_callback(self._store.guilds.unwatch, guild.id, channel_id, by=by)
            for channel_id in sorted(set(shown_ids) - picked_ids):
                if await self._store.guilds.unwatch(guild.id, channel_id, by=by):
                    removed.append(channel_id)
                    undo.push_async_callback(
                        self._store.guilds.watch, guild.id, channel_id, watched.get(channel_id), by=by
                    )
            undo.pop_all()
        return watched_note(added, removed)

    async def _log(self, guild: discord.Guild, picked: Sequence[GivenChannel], by: int) -> str:
        """Set the log channel, or none; a channel the bot cannot post in is refused, a working log is kept."""
        if not picked:
            await self._store.guilds.update(guild.id, log_channel_id=None, by=by)
            return tr("Cases are posted no longer; they are still kept.")
        channel = picked[0]
        await _require_there(guild, channel.id)
        if names := missing_to_log(guild, channel.id, parent_of(channel)):
            raise RefusedError(
                tr(
                    "The log stays as it was, because the bot lacks {permissions} in {channel}: grant it to the bot's "
                    "role and pick it again.",
                    permissions=listed(names),
                    channel=f"<#{channel.id}>",
                )
            )
        await self._store.guilds.update(guild.id, log_channel_id=channel.id, by=by)
        return tr("Cases are posted in {channel}.", channel=f"<#{channel.id}>")

    async def _merge(self, guild_id: int, packs: Sequence[Pack], by: int) -> str:
        """Merge packs into the draft there is now, all that can be or none."""
        basis = Basis(await self._store.policies.draft(guild_id), await self._store.policies.live(guild_id))
        source = basis.shown.source if basis.shown else ""
        there_already = [pack.name for pack in packs if has_all(source, pack.policy)]
        added = [pack for pack in packs if pack.name not in there_already]
        if not added:
            raise RefusedError(tr("Nothing was changed: all rules of these templates are in the policy already."))
        for pack in added:
            source = _merged(source, pack)
        await self._store.policies.save_draft(guild_id, source, by, basis.draft_digest)
        continued = basis.draft.author_id if basis.draft is not None and basis.draft.author_id != by else None
        return merged_note([pack.name for pack in added], there_already, continued, basis.live is None)

    async def _publish(self, interaction: Interaction, guild: discord.Guild, digest: str) -> str:
        """Publish the first policy; one that went live meanwhile is not replaced from here."""
        live = await self._store.policies.live(guild.id)
        if live is not None and live.digest != digest:
            raise RefusedError(
                tr("Meanwhile version {number} went live: see /policy diff before you publish.", number=live.number)
            )
        publishing = interaction.client.get_cog(Publishing.__name__)
        assert isinstance(publishing, Publishing)
        with suppress(discord.NotFound):  # dismissed meanwhile
            await interaction.edit_original_response(content=tr(COMPILING))
        return await publishing.publication.make_live(guild, interaction.user.id, digest)

    async def _standing(self, guild: discord.Guild) -> Standing:
        settings = await self._store.guilds.get(guild.id)
        offered = offered_ids(guild, settings)
        others = [channel_id for channel_id in sorted(settings.watched) if channel_id not in offered]
        return Standing(
            settings,
            [place_in(guild, settings, channel_id) for channel_id in offered],
            [place_in(guild, settings, channel_id) for channel_id in others],
            log_place(guild, settings),
            await self._store.policies.live(guild.id),
            await self._store.policies.draft(guild.id),
        )

    async def _show(self, interaction: Interaction, standing: Standing, note: str) -> None:
        """Show everything as it is now on the message whose control was used."""
        embed, view = setup_embed(standing), setup_view(standing)
        how: dict[str, Any] = {"embed": embed, "view": view, "allowed_mentions": discord.AllowedMentions.none()}
        try:
            await interaction.edit_original_response(content=clip(note, CONTENT), **how)
        except discord.NotFound:  # dismissed meanwhile
            await answer(interaction, note, embeds=[embed], view=view)


def offered_ids(guild: discord.Guild, settings: GuildSettings) -> list[int]:
    """The watched channels that a select can show, oldest first: no threads, none that is gone, at most 25."""
    channels = [guild.get_channel(channel_id) for channel_id in sorted(settings.watched)]
    return [one.id for one in channels if one is not None and one.type in WATCH_TYPES][:MOST_PICKED]


async def _require_there(guild: discord.Guild, channel_id: int) -> None:
    """RefusedError where a picked channel was deleted meanwhile, or is hidden from the bot altogether."""
    if await channel_of(guild, channel_id) is None:
        raise RefusedError(
            tr(
                "Nothing was changed: {channel} is deleted, or hidden from the bot: let the bot's role see it, or "
                "pick another.",
                channel=f"<#{channel_id}>",
            )
        )


def _merged(source: str, pack: Pack) -> str:
    """A text with a pack merged in; RefusedError that names the pack where it cannot be."""
    if source.strip() and has_all(source, pack.policy):  # by a pack picked with it
        return source
    try:
        return merge(source, pack.policy).source
    except PolicyError as error:
        raise RefusedError(tr("Nothing was changed. Template {name}: {why}", name=pack.name, why=error)) from error
