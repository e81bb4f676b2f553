"""`/why` and the message menu *Why?*: what was decided about a message, and on what grounds."""

from __future__ import annotations

from contextlib import suppress

import discord
from discord import app_commands
from discord.ext import commands

from bot.discord_io.embeds import case_embed
from bot.discord_io.limits import EMBED_TOTAL
from bot.domain.records import CaseRecord, Judgement
from bot.domain.verdict import Verdict
from bot.pipeline.intake import facts_of
from bot.pipeline.rules import rule_texts_of
from bot.store import Store
from cogs.answers import Interaction, answer, think
from cogs.channels import channel_of
from cogs.errors import RefusedError
from cogs.permissions import require_moderator, require_sight
from cogs.render_why import (
    PASSED_BY,
    UNKNOWN,
    WAITING,
    allowed_embed,
    not_judged,
    reason_unjudged,
    reasoning_embed,
    revision_notes,
)
from cogs.targets import CaseTarget, parse_target


class WhyCog(commands.Cog):
    """For moderators, about messages of their own server in channels they can see."""

    def __init__(self, client: commands.Bot, store: Store) -> None:
        """Read from `store`; look at messages through `client`."""
        self._client = client
        self._store = store
        menu = app_commands.ContextMenu(name="Why?", callback=self._menu_chosen)
        self._menu = app_commands.guild_only(app_commands.default_permissions(manage_messages=True)(menu))

    async def cog_load(self) -> None:
        """Cogs do not add menus by themselves."""
        self._client.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Nor take them away."""
        self._client.tree.remove_command(self._menu.name, type=self._menu.type)

    @app_commands.command(name="why", description="Say what was decided about a message, and why.")
    @app_commands.describe(message="A message's link or id, or a case's number.")
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_messages=True)
    async def why(self, interaction: Interaction, message: app_commands.Range[str, 1, 200]) -> None:
        """Answer for a link, an id or a case's number."""
        await think(interaction)
        guild = await require_moderator(interaction, self._store)
        target = parse_target(message)
        if isinstance(target, CaseTarget):
            await self._answer_case(interaction, await self._case(guild.id, target.number))
            return
        if target.guild_id not in {None, guild.id}:
            raise RefusedError("That message is on another server: ask there.")
        if judgement := await self._store.journal.judgement(guild.id, target.message_id):
            await self._answer_judgement(interaction, judgement)
            return
        channel_id = target.channel_id or interaction.channel_id
        if channel_id is not None:
            await require_sight(interaction, channel_id)
        await answer(interaction, await self._unjudged(await self._fetch(guild, channel_id, target.message_id)))

    async def _menu_chosen(self, interaction: Interaction, message: discord.Message) -> None:
        """Answer for the message the menu was opened on."""
        await think(interaction)
        guild = await require_moderator(interaction, self._store)
        if judgement := await self._store.journal.judgement(guild.id, message.id):
            await self._answer_judgement(interaction, judgement)
            return
        await answer(interaction, await self._unjudged(await self._fetch(guild, message.channel.id, message.id)))

    # -- what is on record -------------------------------------------------------------------------------

    async def _case(self, guild_id: int, number: int) -> CaseRecord:
        case = await self._store.cases.get(guild_id, number)
        if case is None:
            raise RefusedError(f"There is no case {number} on this server.")
        return case

    async def _answer_judgement(self, interaction: Interaction, judgement: Judgement) -> None:
        submission = judgement.submission
        if judgement.case_number is not None:
            await self._answer_case(interaction, await self._case(submission.guild_id, judgement.case_number))
            return
        await require_sight(interaction, submission.channel_id)
        if judgement.verdict is None:
            await answer(interaction, not_judged(judgement.decision.reason or "no reason was recorded"))
            return
        texts = await rule_texts_of(self._store, judgement)
        latest = await self._store.journal.latest_revision(submission.message_id)
        await answer(
            interaction,
            revision_notes(submission, latest),
            embeds=_with_reasoning(allowed_embed(judgement, texts), judgement.verdict),
        )

    async def _answer_case(self, interaction: Interaction, case: CaseRecord) -> None:
        await require_sight(interaction, case.submission.channel_id)
        texts = await rule_texts_of(self._store, case)
        latest = await self._store.journal.latest_revision(case.submission.message_id)
        embeds = _with_reasoning(case_embed(case, texts.get(case.decision.rule or "", "")), case.verdict)
        await answer(interaction, revision_notes(case.submission, latest), embeds=embeds)

    # -- what is not -------------------------------------------------------------------------------------

    async def _unjudged(self, message: discord.Message | None) -> str:
        """Why nothing is on record for a message; None stands for one that cannot be looked at."""
        if message is None or message.guild is None:
            return UNKNOWN
        settings = await self._store.guilds.get(message.guild.id)
        if reason := reason_unjudged(settings, facts_of(message, self._client.user)):
            return not_judged(reason)
        waits = await self._store.journal.latest_revision(message.id) is not None
        return WAITING if waits else PASSED_BY

    async def _fetch(self, guild: discord.Guild, channel_id: int | None, message_id: int) -> discord.Message | None:
        """A message of this server with its author as a member; None where it cannot be had.

        Only what Discord itself finds in a channel of this server is looked into any further.
        """
        channel = await channel_of(guild, channel_id) if channel_id is not None else None
        if not isinstance(channel, discord.abc.Messageable):
            return None
        with suppress(discord.HTTPException):
            message = await channel.fetch_message(message_id)
            if message.webhook_id is None:
                with suppress(discord.NotFound):
                    message.author = await guild.fetch_member(message.author.id)
            return message
        return None


def _with_reasoning(embed: discord.Embed, verdict: Verdict | None) -> list[discord.Embed]:
    """An embed and, where the judge reasoned, what it thought, within what Discord takes in one message."""
    reasoning = reasoning_embed(verdict, EMBED_TOTAL - len(embed))
    return [embed, reasoning] if reasoning else [embed]
