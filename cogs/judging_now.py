"""A message that was never judged, judged because a moderator asks: nothing is kept, nothing is done."""

from __future__ import annotations

import discord

from bot.discord_io.places import where_in
from bot.discord_io.refusal import RefusedError
from bot.domain.lawbook import Where
from bot.domain.withholding import withheld_under
from bot.language import tr
from bot.pipeline.intake import facts_of
from bot.pipeline.rehearsal import Rehearsal
from bot.pipeline.said import said_in
from bot.store import Store
from cogs.answers import Interaction, answer
from cogs.channels import mode_there
from cogs.render_trial import NO_TEXT
from cogs.render_why import PASSED_BY, judged_now_embed, not_judged, reason_unjudged, with_reasoning
from cogs.versions import NONE_YET


class JudgingNow:
    """Asks the judge as *Check against policy* does, under the live version alone."""

    def __init__(self, client: discord.Client, store: Store, rehearsal: Rehearsal) -> None:
        """Read settings from `store`, ask through `rehearsal`; `client` is whose own messages are known by."""
        self._client = client
        self._store = store
        self._rehearsal = rehearsal

    async def show(self, interaction: Interaction, guild_id: int, message: discord.Message, recorded: str = "") -> None:
        """Answer with why a message was left alone and what the judge makes of it now.

        `recorded` is why, where that is on record. RefusedError where there is nothing to judge or nothing to judge
        by, or the judge did not answer.
        """
        settings = await self._store.guilds.get(guild_id)
        left_alone = reason_unjudged(settings, facts_of(message, self._client.user))
        reason = recorded or left_alone
        before = not_judged(reason) if reason else tr(PASSED_BY)
        said = await said_in(message)
        if said is None:
            raise RefusedError(tr(NO_TEXT))
        made = await self._rehearsal.under_live(guild_id, said, _where(message))
        if made is None:
            raise RefusedError(f"{before} " + tr(NONE_YET))
        if made.verdict is None:
            failed = tr("It could not be judged now either: {reason}", reason=made.decision.reason)
            raise RefusedError(f"{before} {failed}")
        embed = judged_now_embed(message, said, made, made.verdict, mode_there(message.channel, settings), left_alone)
        hidden = withheld_under(made.law.policy, made.verdict, made.decision.rule)
        await answer(interaction, before, embeds=[embed] if hidden else with_reasoning(embed, made.verdict))


def _where(message: discord.Message) -> Where:
    """Where a message stands: of one in a thread, where its channel does."""
    channel_id = getattr(message.channel, "parent_id", None) or message.channel.id
    return where_in(message.guild, channel_id) if message.guild is not None else Where(channel_id)
