"""The executor: re-reads the message, then performs each action of a case once, and records what became of it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import aiohttp
import discord
import structlog

from bot.domain.decision import Mode
from bot.domain.policy import PUNISHING, ActionKind
from bot.domain.records import ActionOutcome, ActionRecord, CaseRecord
from bot.pipeline.actions import ORDER, PERFORMERS, NotDoneError, Performer, Scene
from bot.pipeline.intake import revision_of
from bot.pipeline.metrics import Metrics
from bot.store import Store

log = structlog.get_logger(__name__)

_OPEN = frozenset({ActionOutcome.PLANNED, ActionOutcome.ATTEMPTED})
_BRAKED = PUNISHING - {ActionKind.WARN}
_UNREADABLE = "the bot may not re-read the message: grant it View Channel and Read Message History there"
_EDITED = "the message was edited since; its new text is judged for itself"


class Executor:
    """Performs the actions that touch a message or its author; the mod log does the rest."""

    def __init__(self, client: discord.Client, store: Store, metrics: Metrics) -> None:
        """Act through `client`, record in `store`."""
        self._client = client
        self._store = store
        self._metrics = metrics
        self._counting = asyncio.Lock()

    async def perform(self, case: CaseRecord, rule_text: str) -> None:
        """Bring every open action of a case to an outcome, escalations aside.

        Raises what the library raises where Discord cannot be reached: the action stays open for a retry.
        """
        records = [record for record in case.actions if record.outcome in _OPEN]
        records = [record for record in records if record.action.kind in PERFORMERS]
        if not records:
            return
        if case.mode is not Mode.ENFORCE:
            await self._skip(records, "shadow mode")
            return
        guild = self._client.get_guild(case.guild_id)
        if guild is None:
            await self._finish_all(records, ActionOutcome.FAILED, "the bot is no longer on this server")
            return
        if any(record.action.kind in PUNISHING for record in records):
            try:
                edited = await self._was_edited(case)
            except discord.Forbidden:
                await self._finish_all(records, ActionOutcome.FAILED, _UNREADABLE)
                return
            if edited:
                await self._skip(records, _EDITED)
                return
        deletes = any(record.action.kind is ActionKind.DELETE for record in case.actions)
        scene = Scene(self._client, guild, case, rule_text, deletes)
        for record in sorted(records, key=lambda record: ORDER.index(record.action.kind)):
            await self._perform(scene, record)

    async def _was_edited(self, case: CaseRecord) -> bool:
        """Whether the message reads otherwise by now; one that is gone was not edited."""
        submission = case.submission
        try:
            found = await self._client.http.get_message(submission.channel_id, submission.message_id)
        except discord.NotFound:
            return False
        return revision_of(discord.utils.parse_time(found.get("edited_timestamp"))) > submission.revision

    async def _perform(self, scene: Scene, record: ActionRecord) -> None:
        kind = record.action.kind
        performer = PERFORMERS[kind]
        try:
            note = await performer.was_done(scene, record)
            if note is None:
                # Cases are worked on side by side: of two that look at the count, the second must see the first.
                async with self._counting:
                    if kind in _BRAKED and await self._brake_is_on(scene.case):
                        await self._finish(record, ActionOutcome.SKIPPED, "the brake is on: too many actions at once")
                        return
                    await self._store.cases.attempt(record.id)
                note = await performer.perform(scene, record)
        except NotDoneError as error:
            await self._finish(record, ActionOutcome.FAILED, str(error))
        except discord.Forbidden:
            await self._finish(record, ActionOutcome.FAILED, _advice(scene, performer))
        except discord.DiscordServerError:
            raise
        except discord.HTTPException as error:
            await self._finish(record, ActionOutcome.FAILED, f"Discord refused it ({error.status}, code {error.code})")
        else:
            await self._finish(record, ActionOutcome.DONE, note)

    async def _brake_is_on(self, case: CaseRecord) -> bool:
        settings = await self._store.guilds.get(case.guild_id)
        since = datetime.now(UTC) - timedelta(seconds=settings.brake_seconds)
        return await self._store.cases.recent_punishments(case.guild_id, since) >= settings.brake_actions

    async def _skip(self, records: list[ActionRecord], note: str) -> None:
        await self._finish_all(records, ActionOutcome.SKIPPED, note)

    async def _finish_all(self, records: list[ActionRecord], outcome: ActionOutcome, note: str) -> None:
        for record in records:
            await self._finish(record, outcome, note)

    async def _finish(self, record: ActionRecord, outcome: ActionOutcome, note: str) -> None:
        await self._store.cases.finish(record.id, outcome, note)
        self._metrics.action(record.action.kind.value, outcome.value)


def _advice(scene: Scene, performer: Performer) -> str:
    """Why Discord forbade it, as far as can be seen, and the mend."""
    channel = scene.guild.get_channel_or_thread(scene.case.submission.channel_id)
    mine = channel.permissions_for(scene.guild.me) if channel is not None else scene.guild.me.guild_permissions
    if performer.permission and not getattr(mine, performer.permission):
        wanted = performer.permission.replace("_", " ").title()
        return f"the bot lacks the permission {wanted}: grant it to the bot's role"
    return "the member ranks above the bot: move the bot's role above the roles it shall moderate"


RETRIED = (discord.DiscordServerError, aiohttp.ClientError, OSError, TimeoutError)
"""What may pass by itself: the case is tried again."""
