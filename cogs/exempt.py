"""`/exempt`: whose messages are not judged, and where."""

from __future__ import annotations

import discord
from discord import ChannelType, app_commands
from discord.ext import commands

from bot.discord_io.refusal import NotAllowedError, RefusedError
from bot.domain.guild import GuildSettings
from bot.language import mark, tr
from bot.store import Store
from cogs.answers import Interaction, answer, think
from cogs.channels import EXEMPTABLE, GivenChannel, exempting
from cogs.permissions import require_use
from cogs.render_exempt import KINDS, Exempt, added_sentence, choice_name, exempt_list, removed_sentence

_MOST_CHOICES = 25
_NAME_ONE = mark("Name one: a role, a member, or a channel or category.")

Channel = app_commands.Transform[GivenChannel, EXEMPTABLE]


@app_commands.guild_only()
@app_commands.default_permissions(manage_guild=True)
class ExemptCog(
    commands.GroupCog, group_name="exempt", group_description=mark("Whose messages are not judged, and where.")
):
    """Setting needs Manage Server; moderators may look."""

    def __init__(self, store: Store) -> None:
        """Read and write settings in `store`."""
        self._store = store

    @app_commands.command(
        name="add", description=mark("Judge the messages of a role, a member or a channel no longer.")
    )
    @app_commands.describe(
        role=mark("Whoever has this role."),
        member=mark("This member."),
        channel=mark("This channel with its threads, or all channels of this category."),
    )
    async def add(
        self,
        interaction: Interaction,
        role: discord.Role | None = None,
        member: discord.User | None = None,
        channel: Channel | None = None,
    ) -> None:
        """Exempt one, and say all that is exempt by it."""
        await think(interaction)
        guild = await require_use(interaction, self._store)
        one = _named(role, member, channel)
        if one is None:
            raise RefusedError(tr(_NAME_ONE))
        await self._store.guilds.exempt(guild.id, one.kind, one.target_id, by=interaction.user.id)
        within = sum(other.category_id == one.target_id for other in guild.channels)
        await answer(interaction, added_sentence(one, within))

    @app_commands.command(name="remove", description=mark("Judge the messages of a role, a member or a channel again."))
    @app_commands.describe(
        role=mark("Whoever has this role."),
        member=mark("This member."),
        channel=mark("This channel, or this category."),
        other=mark("Any other that is exempt, as one that is deleted or has left: its id."),
    )
    async def remove(
        self,
        interaction: Interaction,
        role: discord.Role | None = None,
        member: discord.User | None = None,
        channel: Channel | None = None,
        other: app_commands.Range[str, 1, 100] | None = None,
    ) -> None:
        """Exempt one no longer, and say what exempts it all the same."""
        await think(interaction)
        guild = await require_use(interaction, self._store)
        if (other is None) is (role is None and member is None and channel is None):
            raise RefusedError(tr(_NAME_ONE))
        before = _exempt_in(guild, await self._store.guilds.get(guild.id))
        one = _named(role, member, channel) if other is None else _with_id(before, other)
        if one is None:
            raise RefusedError(tr(_NAME_ONE))
        if not await self._store.guilds.unexempt(guild.id, one.kind, one.target_id, by=interaction.user.id):
            raise RefusedError(tr("{whom} was not exempt.", whom=one.mention))
        still = None
        if one.kind == "channel":
            still = exempting(guild, await self._store.guilds.get(guild.id), one.target_id, channel)
        await answer(interaction, removed_sentence(one, Exempt(*still) if still else None))

    @remove.autocomplete("other")
    async def _suggest(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """All that is exempt, for whoever may change it."""
        try:
            guild = await require_use(interaction, self._store)
        except NotAllowedError:
            return []
        exempt = _exempt_in(guild, await self._store.guilds.get(guild.id))
        choices = [app_commands.Choice(name=choice_name(one), value=str(one.target_id)) for one in exempt]
        return [one for one in choices if typed.lower() in one.name.lower() or typed in one.value][:_MOST_CHOICES]

    @app_commands.command(name="list", description=mark("Show whose messages are not judged, and where."))
    async def list(self, interaction: Interaction) -> None:
        """Show all that `/exempt` sets."""
        await think(interaction)
        guild = await require_use(interaction, self._store)
        await answer(interaction, embeds=[exempt_list(_exempt_in(guild, await self._store.guilds.get(guild.id)))])


def _named(role: discord.Role | None, member: discord.User | None, channel: GivenChannel | None) -> Exempt | None:
    """What was given, where that is one and no more."""
    given: list[Exempt] = []
    if role is not None:
        given.append(Exempt("role", role.id))
    if member is not None:
        given.append(Exempt("user", member.id))
    if channel is not None:
        given.append(Exempt("category" if channel.type is ChannelType.category else "channel", channel.id))
    return given[0] if len(given) == 1 else None


def _with_id(exempt: list[Exempt], given: str) -> Exempt:
    for one in exempt:
        if str(one.target_id) == given.strip():
            return one
    raise RefusedError(tr("Nothing with that id is exempt: /exempt list shows what is."))


def _exempt_in(guild: discord.Guild, settings: GuildSettings) -> list[Exempt]:
    """All that is exempt on a server, what is gone from it last within its kind."""
    found: list[Exempt] = []
    for kind in KINDS:
        for target_id in sorted(settings.exempt_ids(kind)):
            match kind:
                case "role":
                    known: discord.abc.Snowflake | None = guild.get_role(target_id)
                case "user":
                    found.append(Exempt(kind, target_id, getattr(guild.get_member(target_id), "display_name", "")))
                    continue
                case _:
                    known = guild.get_channel_or_thread(target_id)
            found.append(Exempt(kind, target_id, str(known or ""), known is None))
    return sorted(found, key=lambda one: (KINDS.index(one.kind), one.gone))
