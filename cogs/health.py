"""`/health`: what works, what is missing, and how to fix it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import discord
from discord import app_commands
from discord.ext import commands

from bot.discord_io.lack_text import lack_lines
from bot.discord_io.places import parents_in
from bot.domain.care import offers_help
from bot.domain.decision import Mode, actions_of
from bot.domain.guild import GuildSettings
from bot.domain.lacks import Lack, LackKind, OpenLack, permission_for
from bot.domain.lawbook import rules_somewhere
from bot.domain.policy import ActionKind, Policy
from bot.domain.policy_text import parse_policy
from bot.judge.interface import Judge
from bot.language import mark
from bot.store import Store
from cogs.answers import Interaction, answer, text_file, think
from cogs.channels import may_mention_all, missing, missing_to_log, missing_to_watch
from cogs.permissions import member_of, require_use
from cogs.render_health import Caller, Health, Law, channel_list, health_embed
from cogs.render_watch import LogPlace, Place

# Channels may allow or deny these; what punishes members is a matter of the bot's role alone.
_IN_CHANNELS = (
    "view_channel",
    "read_message_history",
    "send_messages",
    "send_messages_in_threads",
    "embed_links",
    "manage_messages",
)


class HealthCog(commands.Cog):
    """For moderators, and for whoever may set what is amiss right."""

    def __init__(self, store: Store, judge: Judge) -> None:
        """Look at what `store` holds of a server, and at `judge`."""
        self._store = store
        self._judge = judge

    @app_commands.command(name="health", description=mark("Say what works, what is missing here, and how to fix it."))
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_messages=True)
    async def health(self, interaction: Interaction) -> None:
        """Look at everything that a message needs to be judged and acted on, as it stands now."""
        await think(interaction)
        guild = await require_use(interaction, self._store)
        health = await self._health(guild)
        listed = channel_list(health, _names_seen_by(member_of(interaction), health))
        files = [text_file(listed, "channels.txt")] if listed else []
        await answer(interaction, embeds=[health_embed(health, discord.utils.utcnow())], files=files)

    async def _health(self, guild: discord.Guild) -> Health:
        settings = await self._store.guilds.get(guild.id)
        version = await self._store.policies.live(guild.id)
        policy = parse_policy(version.source) if version is not None else None
        if policy is not None:  # and what the rules of single channels ask for
            book = await self._store.policies.lawbook(guild.id)
            policy = replace(policy, rules=rules_somewhere(book, parents_in(guild)))
        places = [_place(guild, settings, channel_id) for channel_id in settings.watched]
        enforces = any(place.mode is Mode.ENFORCE for place in places)
        return Health(
            judge=self._judge.info(),
            queue=await self._store.figures.queue(guild.id),
            law=Law(version.number, _unpermitted(guild, policy, enforces)) if version and policy else None,
            server_mode=settings.mode,
            places=places,
            log=await _log_place(guild, settings),
            caller=_caller(guild, settings, policy) if enforces else None,
            role_lacks=missing(guild.me.guild_permissions, _IN_CHANNELS),
            helpless=_helpless(settings, policy),
            can_record=self._store.condition.trouble is None,
            lacks=lack_lines(guild, _not_seen_otherwise(await self._store.lacks.of(guild.id), settings)),
        )


def _not_seen_otherwise(lacks: Sequence[OpenLack], settings: GuildSettings) -> list[Lack]:
    """Of what moderators were told the bot lacks, what is not looked at here anyway."""
    looked_at = {LackKind.READ, LackKind.DELETE, LackKind.TIMEOUT, LackKind.KICK, LackKind.BAN}
    found = [one.lack for one in lacks if not one.seen or one.lack.kind not in looked_at]
    in_log = {Lack(kind, settings.log_channel_id or 0) for kind in (LackKind.POST, LackKind.GONE)}
    return [one for one in found if one not in in_log]


def _place(guild: discord.Guild, settings: GuildSettings, channel_id: int) -> Place:
    """A watched channel; where nothing is judged nothing is missing."""
    mode, is_own = settings.mode_in(channel_id), settings.watched.get(channel_id) is not None
    if guild.get_channel_or_thread(channel_id) is None:
        return Place(channel_id, mode, is_own, known=False)
    lacking = missing_to_watch(guild, channel_id, mode) if mode is not Mode.OFF else ()
    return Place(channel_id, mode, is_own, missing=lacking)


async def _log_place(guild: discord.Guild, settings: GuildSettings) -> LogPlace | None:
    """The log channel; a thread that was archived is asked for, since a post in it opens it again."""
    channel_id = settings.log_channel_id
    if channel_id is None:
        return None
    channel = guild.get_channel_or_thread(channel_id)
    if channel is None:
        with suppress(discord.HTTPException, discord.InvalidData):
            channel = await guild.fetch_channel(channel_id)
    if channel is None:
        return LogPlace(channel_id, known=False)
    parent_id = channel.parent_id if isinstance(channel, discord.Thread) else None
    return LogPlace(channel_id, missing=missing_to_log(guild, channel_id, parent_id), calls=settings.escalation_role_id)


def _unpermitted(guild: discord.Guild, policy: Policy | None, enforces: bool) -> dict[ActionKind, str]:
    """The permission that the bot's role lacks, by the kind of action that a rule asks for and that would be done."""
    if policy is None or not enforces:
        return {}
    kinds = {action.kind for rule in policy.rules for action in actions_of(rule)} - {ActionKind.DELETE}
    wanted = {kind: name for kind in sorted(kinds) if (name := permission_for(kind)) is not None}
    lacking = {kind: missing(guild.me.guild_permissions, [name]) for kind, name in wanted.items()}
    return {kind: names[0] for kind, names in lacking.items() if names}


def _caller(guild: discord.Guild, settings: GuildSettings, policy: Policy | None) -> Caller | None:
    """Who is called where a rule escalates; None where no rule does."""
    if policy is None or not any(rule.escalates for rule in policy.rules):
        return None
    role = guild.get_role(settings.escalation_role_id or 0)
    if role is None or settings.log_channel_id is None:
        return Caller(None)
    return Caller(role.id, reached=role.mentionable or may_mention_all(guild, settings.log_channel_id))


def _helpless(settings: GuildSettings, policy: Policy | None) -> list[str]:
    """The rules about members who may hurt themselves, where there is nothing to offer them."""
    if settings.help_lines is not None or policy is None:
        return []
    return [rule.key for rule in policy.rules if offers_help(rule)]


def _names_seen_by(member: discord.Member, health: Health) -> dict[int, str]:
    """The names of the watched channels that a member may see."""
    found = [member.guild.get_channel_or_thread(place.channel_id) for place in health.places]
    return {one.id: one.name for one in found if one is not None and _sees(member, one)}


def _sees(member: discord.Member, channel: discord.abc.GuildChannel | discord.Thread) -> bool:
    seen = channel.parent if isinstance(channel, discord.Thread) else channel
    return seen is not None and seen.permissions_for(member).view_channel
