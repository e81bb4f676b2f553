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
        warning = (await self._store.guilds.get(case.guild_id)).warning_template
        removed = any(_deleted(record.action.kind, record.outcome) for record in case.actions)
        for record in sorted(records, key=lambda record: ORDER.index(record.action.kind)):
            outcome = await self._perform(Scene(self._client, guild, case, rule_text, removed, warning), record)
            removed = removed or _deleted(record.action.kind, outcome)

    async def _was_edited(self, case: CaseRecord) -> bool:
        """Whether the message reads otherwise by now; one that is gone was not edited."""
        submission = case.submission
        try:
            found = await self._client.http.get_message(submission.channel_id, submission.message_id)
        except discord.NotFound:
            return False
        return revision_of(discord.utils.parse_time(found.get("edited_timestamp"))) > submission.revision

    async def _perform(self, scene: Scene, record: ActionRecord) -> ActionOutcome:
        """Do one action and record what became of it."""
        outcome, note = await self._outcome(scene, record)
        await self._finish(record, outcome, note)
        return outcome

    async def _outcome(self, scene: Scene, record: ActionRecord) -> tuple[ActionOutcome, str]:
        kind = record.action.kind
        performer = PERFORMERS[kind]
        try:
            note = await performer.was_done(scene, record)
            if note is None:
                # Cases are worked on side by side: of two that look at the count, the second must see the first.
                async with self._counting:
                    if hindrance := await self._hindrance(scene.case, kind):
                        return ActionOutcome.SKIPPED, hindrance
                    await self._store.cases.attempt(record.id)
                note = await performer.perform(scene, record)
        except NotDoneError as error:
            return ActionOutcome.FAILED, str(error)
        except discord.Forbidden:
            return ActionOutcome.FAILED, _advice(scene, performer)
        except discord.DiscordServerError:
            raise
        except discord.HTTPException as error:
            return ActionOutcome.FAILED, f"Discord refused it ({error.status}, code {error.code})"
        return ActionOutcome.DONE, note

    async def _hindrance(self, case: CaseRecord, kind: ActionKind) -> str:
        """Why this is not to be done now, empty where it is: the server's settings may have changed meanwhile."""
        settings = await self._store.guilds.get(case.guild_id)
        mode = settings.mode_in(case.submission.channel_id, case.submission.parent_id)
        if mode is Mode.OFF:
            return "the channel is not watched any more"
        if mode is Mode.SHADOW:
            return "shadow mode was set meanwhile"
        since = datetime.now(UTC) - timedelta(seconds=settings.brake_seconds)
        if (
            kind in _BRAKED
            and await self._store.cases.recent_punishments(case.guild_id, since) >= settings.brake_actions
        ):
            return "the brake is on: too many actions at once"
        return ""

    async def _skip(self, records: list[ActionRecord], note: str) -> None:
        await self._finish_all(records, ActionOutcome.SKIPPED, note)

    async def _finish_all(self, records: list[ActionRecord], outcome: ActionOutcome, note: str) -> None:
        for record in records:
            await self._finish(record, outcome, note)

    async def _finish(self, record: ActionRecord, outcome: ActionOutcome, note: str) -> None:
        await self._store.cases.finish(record.id, outcome, note)
        self._metrics.action(record.action.kind.value, outcome.value)


def _deleted(kind: ActionKind, outcome: ActionOutcome) -> bool:
    return kind is ActionKind.DELETE and outcome is ActionOutcome.DONE


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
