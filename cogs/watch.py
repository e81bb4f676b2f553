"""`/watch`: which channels are judged, and where cases are posted."""

from __future__ import annotations

from typing import Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.discord_io.places import where_in
from bot.discord_io.refusal import RefusedError
from bot.discord_io.text import listed
from bot.domain.decision import Mode
from bot.domain.guild import GuildSettings
from bot.language import mark, tr
from bot.store import Store
from cogs.answers import Interaction, answer, think
from cogs.channels import (
    LOGGABLE,
    WATCHABLE,
    GivenChannel,
    exempting,
    may_mention_all,
    missing_to_log,
    missing_to_watch,
    parent_of,
)
from cogs.permissions import require_use
from cogs.render_watch import LogPlace, Place, log_sentence, watch_list, watched_sentence


def place_in(
    guild: discord.Guild, settings: GuildSettings, channel_id: int, given: GivenChannel | None = None
) -> Place:
    """A watched channel of a server as it stands; `given` is it as an option, where there is one."""
    mode = settings.mode_in(channel_id)
    is_own = settings.watched.get(channel_id) is not None
    if given is None and guild.get_channel_or_thread(channel_id) is None:
        return Place(channel_id, mode, is_own, known=False)
    parent_id = parent_of(given) if given is not None else None
    missing, exempt = (
        missing_to_watch(guild, channel_id, mode, parent_id),
        _is_exempt(guild, settings, channel_id, given),
    )
    return Place(channel_id, mode, is_own, missing=missing, exempt=exempt)


def log_place(guild: discord.Guild, settings: GuildSettings) -> LogPlace | None:
    """The server's log channel as it stands; None where there is none."""
    channel_id = settings.log_channel_id
    if channel_id is None:
        return None
    if guild.get_channel_or_thread(channel_id) is None:
        return LogPlace(channel_id, known=False)
    role_id = settings.escalation_role_id
    return LogPlace(channel_id, missing=missing_to_log(guild, channel_id), calls=role_id)


@app_commands.guild_only()
@app_commands.default_permissions(manage_guild=True)
class WatchCog(
    commands.GroupCog, group_name="watch", group_description=mark("Which channels are judged, and the log.")
):
    """Setting needs Manage Server; moderators may look."""

    def __init__(self, store: Store) -> None:
        """Read and write settings in `store`."""
        self._store = store

    @app_commands.command(name="add", description=mark("Judge the messages of a channel, its threads included."))
    @app_commands.describe(
        channel=mark("The channel to watch."), mode=mark("A mode of its own; the server's unless given.")
    )
    async def add(
        self,
        interaction: Interaction,
        channel: app_commands.Transform[GivenChannel, WATCHABLE],
        mode: Literal["off", "shadow", "enforce"] | None = None,
    ) -> None:
        """Watch a channel, and say at once what the bot lacks there; granted later, it works from then on."""
        await think(interaction)
        guild = await require_use(interaction, self._store)
        await self._store.guilds.watch(guild.id, channel.id, Mode(mode) if mode else None, by=interaction.user.id)
        settings = await self._store.guilds.get(guild.id)
        text = watched_sentence(place_in(guild, settings, channel.id, channel))
        there = where_in(guild, parent_of(channel) or channel.id)
        if not (await self._store.policies.lawbook(guild.id, there.place_ids)).in_force(there):
            text += " " + tr("Nothing is judged before a policy is published: write one with /policy edit.")
        await answer(interaction, text)

    @app_commands.command(name="remove", description=mark("Judge a channel's messages no longer."))
    @app_commands.describe(channel=mark("The channel to leave alone."))
    async def remove(self, interaction: Interaction, channel: app_commands.Transform[GivenChannel, WATCHABLE]) -> None:
        """Watch a channel no longer."""
        await think(interaction)
        guild = await require_use(interaction, self._store)
        if not await self._store.guilds.unwatch(guild.id, channel.id, by=interaction.user.id):
            raise RefusedError(tr("{channel} was not watched.", channel=channel.mention))
        await answer(interaction, tr("{channel} is watched no longer.", channel=channel.mention))

    @app_commands.command(
        name="list", description=mark("Show the watched channels, their modes, and what the bot lacks.")
    )
    async def list(self, interaction: Interaction) -> None:
        """Show all that `/watch` sets."""
        await think(interaction)
        guild = await require_use(interaction, self._store)
        settings = await self._store.guilds.get(guild.id)
        places = [place_in(guild, settings, channel_id) for channel_id in settings.watched]
        await answer(interaction, embeds=[watch_list(settings.mode, places, log_place(guild, settings))])

    @app_commands.command(
        name="log", description=mark("Post cases in a channel; without a channel, post them no longer.")
    )
    @app_commands.describe(
        channel=mark("Where cases are posted."),
        call=mark("The role to ping when a rule escalates; as it was unless given."),
    )
    async def log(
        self,
        interaction: Interaction,
        channel: app_commands.Transform[GivenChannel, LOGGABLE] | None = None,
        call: discord.Role | None = None,
    ) -> None:
        """Set the log channel, and who is called there. A channel the bot cannot post in is refused: a working log
        is not given up for it.
        """
        await think(interaction)
        guild = await require_use(interaction, self._store)
        if channel is None:
            await self._store.guilds.update(guild.id, log_channel_id=None, by=interaction.user.id)
            await answer(interaction, tr("Cases are posted no longer; they are still kept."))
            return
        if names := missing_to_log(guild, channel.id, parent_of(channel)):
            raise RefusedError(
                tr(
                    "The log channel stays as it was, because the bot lacks {permissions} in {channel}: grant it to "
                    "the bot's role and try again.",
                    permissions=listed(names),
                    channel=f"<#{channel.id}>",
                )
            )
        called = {} if call is None else {"escalation_role_id": call.id}
        await self._store.guilds.update(guild.id, log_channel_id=channel.id, **called, by=interaction.user.id)
        await answer(
            interaction, log_sentence(channel.id, call.id if call else None, _cannot_ping(guild, channel, call))
        )


def _is_exempt(guild: discord.Guild, settings: GuildSettings, channel_id: int, given: GivenChannel | None) -> bool:
    """Whether a channel or thread is exempt, by itself or with what it is in."""
    return channel_id in settings.exempt_channel_ids or exempting(guild, settings, channel_id, given) is not None


def _cannot_ping(guild: discord.Guild, channel: GivenChannel, role: discord.Role | None) -> bool:
    """Whether a ping of the role would reach nobody: Discord passes over one that not everyone may mention."""
    return role is not None and not role.mentionable and not may_mention_all(guild, channel.id, parent_of(channel))
