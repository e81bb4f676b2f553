"""`/access`: which roles may use which groups of commands."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.discord_io.refusal import NotAllowedError, RefusedError
from bot.discord_io.text import terminal
from bot.domain.access import AccessChange, Group
from bot.domain.guild import GuildSettings
from bot.language import mark, tr
from bot.store import Store
from cogs.answers import Interaction, answer, think
from cogs.permissions import member_of, require_use
from cogs.render_access import access_embed, changed_text

_GROUPS = [
    app_commands.Choice(name=mark("policy: the policy"), value=Group.POLICY.value),
    app_commands.Choice(name=mark("cases: cases and reviews"), value=Group.CASES.value),
    app_commands.Choice(name=mark("trial: /why and trying the policy"), value=Group.TRIAL.value),
    app_commands.Choice(name=mark("stats: figures and health"), value=Group.STATS.value),
    app_commands.Choice(name=mark("settings: settings, channels and modes"), value=Group.SETTINGS.value),
    app_commands.Choice(name=mark("privacy: members' data"), value=Group.PRIVACY.value),
]
_MOST_CHOICES = 25

_described = app_commands.describe(role=mark("Whom it is about."), group=mark("Which commands."))


@app_commands.guild_only()
@app_commands.default_permissions(manage_guild=True)
class AccessCog(commands.GroupCog, group_name="access", group_description=mark("Who may use which commands.")):
    """Looked up by moderators, changed with Manage Server of one's own: nobody gives themselves more by a role."""

    def __init__(self, store: Store) -> None:
        """Read and write in `store`."""
        self._store = store

    @app_commands.command(name="list", description=mark("Show the groups of commands, and which roles may use them."))
    async def list_access(self, interaction: Interaction) -> None:
        """Show what is given and refused."""
        await think(interaction)
        guild = await require_use(interaction, self._store)
        embed = access_embed(await self._store.guilds.get(guild.id), {role.id for role in guild.roles})
        await answer(interaction, embeds=[embed])

    @app_commands.command(name="give", description=mark("Let a role use a group of commands."))
    @_described
    @app_commands.choices(group=_GROUPS)
    async def give(self, interaction: Interaction, role: discord.Role, group: app_commands.Choice[str]) -> None:
        """Give a role a group."""
        await self._set(interaction, AccessChange(role.id, Group(group.value), True))

    @app_commands.command(name="refuse", description=mark("Let a role use a group of commands no longer."))
    @_described
    @app_commands.choices(group=_GROUPS)
    async def refuse(self, interaction: Interaction, role: discord.Role, group: app_commands.Choice[str]) -> None:
        """Refuse a role a group."""
        await self._set(interaction, AccessChange(role.id, Group(group.value), False))

    @app_commands.command(
        name="reset", description=mark("Let the default hold again for a role and a group of commands.")
    )
    @app_commands.describe(said=mark("What was said of a role: pick it from the list."))
    async def reset(self, interaction: Interaction, said: app_commands.Range[str, 1, 60]) -> None:
        """Take back what was said, of a role that is gone too."""
        role, _, group = said.strip().partition(".")
        known = role.isascii() and role.isdecimal() and len(role) < 20 and group in list(Group)
        await self._set(interaction, AccessChange(int(role), Group(group), None) if known else None)

    @reset.autocomplete("said")
    async def _suggest(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """All that was said, for who may change it."""
        try:
            guild = await require_use(interaction, self._store)
        except NotAllowedError:
            return []
        settings = await self._store.guilds.get(guild.id)
        choices = [
            app_commands.Choice(name=name, value=value)
            for name, value in _said(guild, settings)
            if typed.casefold() in name.casefold()
        ]
        return choices[:_MOST_CHOICES]

    async def _set(self, interaction: Interaction, change: AccessChange | None) -> None:
        await think(interaction)
        guild = await require_use(interaction, self._store)
        if not member_of(interaction).guild_permissions.manage_guild:
            raise NotAllowedError(tr("Who may use what is changed by members with the permission Manage Server only."))
        said = {(one.role_id, one.group) for one in (await self._store.guilds.get(guild.id)).access}
        if change is None or (change.is_given is None and (change.role_id, change.group) not in said):
            raise RefusedError(tr("Nothing is said of that role and those commands: /access list shows what is."))
        await self._store.guilds.set_access(guild.id, change, by=interaction.user.id)
        await answer(interaction, changed_text(change))


def _said(guild: discord.Guild, settings: GuildSettings) -> list[tuple[str, str]]:
    """What was said of which role, as choices: words, and what stands for it."""
    found = []
    for one in sorted(settings.access):
        role = guild.get_role(one.role_id)
        name = f"@{terminal(role.name, 40)}" if role is not None else tr("a deleted role ({id})", id=one.role_id)
        if one.is_given:
            words = tr("{role}: {group} given", role=name, group=one.group)
        else:
            words = tr("{role}: {group} refused", role=name, group=one.group)
        found.append((words, f"{one.role_id}.{one.group}"))
    return found
