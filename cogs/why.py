"""`/why` and the message menu *Why?*: what was decided about a message, and on what grounds."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.discord_io.embeds import case_embed
from bot.discord_io.refusal import RefusedError
from bot.domain.records import CaseRecord, Judgement
from bot.domain.withholding import NOT_SHOWN, as_shown, withheld_under
from bot.language import mark, tr
from bot.pipeline.rules import rule_texts_of
from bot.pipeline.written import written_then
from bot.store import Store
from cogs.answers import Interaction, answer, think
from cogs.finding import find_message
from cogs.judging_now import JudgingNow
from cogs.permissions import require_sight, require_use
from cogs.render_why import WAITING, allowed_embed, not_judged, revision_notes, with_reasoning
from cogs.targets import CaseTarget, parse_target

_NO_REASON = mark("no reason was recorded")


class WhyCog(commands.Cog):
    """For moderators, about messages of their own server in channels they can see."""

    def __init__(self, client: commands.Bot, store: Store, now: JudgingNow) -> None:
        """Read from `store`, judge by `now` what it does not know; the menu goes into the tree of `client`."""
        self._client = client
        self._store = store
        self._now = now
        menu = app_commands.ContextMenu(name=mark("Why?"), callback=self._menu_chosen)
        self._menu = app_commands.guild_only(app_commands.default_permissions(manage_messages=True)(menu))

    async def cog_load(self) -> None:
        """Cogs do not add menus by themselves."""
        self._client.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Nor take them away."""
        self._client.tree.remove_command(self._menu.name, type=self._menu.type)

    @app_commands.command(name="why", description=mark("Say what was decided about a message, and why."))
    @app_commands.describe(message=mark("A message's link or id, or a case's number."))
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_messages=True)
    async def why(self, interaction: Interaction, message: app_commands.Range[str, 1, 200]) -> None:
        """Answer for a link, an id or a case's number."""
        await think(interaction)
        guild = await require_use(interaction, self._store)
        target = parse_target(message)
        if isinstance(target, CaseTarget):
            await self._answer_case(interaction, await self._case(guild.id, target.number))
            return
        if target.guild_id not in {None, guild.id}:
            raise RefusedError(tr("That message is on another server: ask there."))
        await self._answer_message(
            interaction, guild.id, target.channel_id or interaction.channel_id, target.message_id
        )

    async def _menu_chosen(self, interaction: Interaction, message: discord.Message) -> None:
        """Answer for the message the menu was opened on."""
        await think(interaction)
        guild = await require_use(interaction, self._store)
        await self._answer_message(interaction, guild.id, message.channel.id, message.id)

    async def _answer_message(
        self, interaction: Interaction, guild_id: int, channel_id: int | None, message_id: int
    ) -> None:
        """Tell what is on record for a message; else judge it now."""
        if judgement := await self._store.journal.judgement(guild_id, message_id):
            await self._answer_judgement(interaction, judgement)
            return
        message = await find_message(interaction, channel_id, message_id)
        if await self._store.journal.latest_revision(message.id) is not None:
            await answer(interaction, tr(WAITING))
        else:
            await self._now.show(interaction, guild_id, message)

    # -- what is on record -------------------------------------------------------------------------------

    async def _case(self, guild_id: int, number: int) -> CaseRecord:
        case = await self._store.cases.get(guild_id, number)
        if case is None:
            raise RefusedError(tr("There is no case {number} on this server.", number=number))
        return case

    async def _answer_judgement(self, interaction: Interaction, judgement: Judgement) -> None:
        submission = judgement.submission
        if judgement.case_number is not None:
            await self._answer_case(interaction, await self._case(submission.guild_id, judgement.case_number))
            return
        await require_sight(interaction, submission.channel_id, submission.parent_id)
        if judgement.verdict is None:
            await self._answer_unjudged(interaction, judgement)
            return
        policy = await written_then(self._store, submission.guild_id, judgement.policy_number, judgement.extends)
        texts = {rule.key: rule.text for rule in policy.rules} if policy else {}
        latest = await self._store.journal.latest_revision(submission.message_id)
        notes = revision_notes(submission, latest)
        if policy is not None and withheld_under(policy, judgement.verdict, judgement.decision.rule):
            await answer(interaction, notes, embeds=[allowed_embed(judgement, texts, tr(NOT_SHOWN))])
            return
        embeds = with_reasoning(allowed_embed(judgement, texts), judgement.verdict)
        await answer(interaction, notes, embeds=embeds)

    async def _answer_case(self, interaction: Interaction, case: CaseRecord) -> None:
        await require_sight(interaction, case.submission.channel_id, case.submission.parent_id)
        texts = await rule_texts_of(self._store, case)
        latest = await self._store.journal.latest_revision(case.submission.message_id)
        embeds = with_reasoning(case_embed(case, texts.get(case.decision.rule or "", "")), as_shown(case).verdict)
        await answer(interaction, revision_notes(case.submission, latest), embeds=embeds)

    async def _answer_unjudged(self, interaction: Interaction, judgement: Judgement) -> None:
        """It came in and was left alone: judge it now, where it can still be had."""
        submission = judgement.submission
        reason = tr(judgement.decision.reason or _NO_REASON)
        try:
            message = await find_message(interaction, submission.channel_id, submission.message_id)
        except RefusedError:
            await answer(interaction, not_judged(reason))
            return
        await self._now.show(interaction, submission.guild_id, message, reason)
