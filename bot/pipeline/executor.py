"""The executor: re-reads the message, then performs each action of a case once, and records what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import discord
import structlog

from bot.domain.decision import Mode
from bot.domain.lacks import Lack, LackKind, lack_for, thread_in, watched_place
from bot.domain.policy import PUNISHING, ActionKind
from bot.domain.records import ActionOutcome, ActionRecord, CaseRecord, CaseStatus
from bot.domain.submission import NOBODY
from bot.language import mark, tr
from bot.pipeline.actions import ORDER, PERFORMERS, NotDoneError, Scene
from bot.pipeline.intake import revision_of
from bot.pipeline.lacks import Lacks, refused
from bot.pipeline.metrics import Metrics
from bot.pipeline.passing import may_pass
from bot.pipeline.scene import OutrankedError
from bot.pipeline.turns import Turns
from bot.store import Store
from bot.store.reviews import TOO_LATE

log = structlog.get_logger(__name__)


Ended = tuple[ActionOutcome, str]
"""What becomes of an action, and why."""

Hindrance = Callable[[ActionRecord], Awaitable[Ended | None]]
"""What becomes of an action that is not to be done now; None where it is."""

_BRAKED = PUNISHING - {ActionKind.WARN}
_UNREADABLE = mark("the bot may not re-read the message: grant it View Channel and Read Message History there")
_EDITED = mark("the message was edited since; its new text is judged for itself")
_LEFT = mark("the bot is no longer on this server")
_LEFT_MIDWAY = mark("whether it was done is not known: the bot is no longer on this server")
_FORGOTTEN = mark("who it was to be done to was forgotten at their wish")


class Executor:
    """Performs the actions that touch a message or its author; the mod log does the rest."""

    def __init__(self, client: discord.Client, store: Store, metrics: Metrics, turns: Turns, lacks: Lacks) -> None:
        """Act through `client`, record in `store`; `turns` are shared with what takes actions back.

        What `lacks` knows the bot may not do Discord is not asked for.
        """
        self._client = client
        self._store = store
        self._metrics = metrics
        self._turns = turns
        self._lacks = lacks
        self._counting = asyncio.Lock()

    async def perform(self, case: CaseRecord, rule_text: str) -> None:
        """Bring every open action of a case to an outcome, escalations aside.

        Raises what the library raises where that may pass: the action stays open for a retry.
        """
        async with self._turns.of(case.journal_id):
            # Moderators may have answered the case while it waited for its turn.
            case = await self._store.cases.by_journal(case.journal_id) or case
            records = [record for record in _open_actions(case) if record.asked_by is None]
            if records:
                await self._perform_all(case, rule_text, records)

    async def perform_asked(self, case: CaseRecord, rule_text: str) -> None:
        """Bring the actions that moderators asked for to an outcome: a human decides, whatever the mode and the brake.

        Raises what the library raises where that may pass: the action stays open for a retry.
        """
        async with self._turns.of(case.journal_id):
            case = await self._store.cases.by_journal(case.journal_id) or case
            records = [record for record in _open_actions(case) if record.asked_by is not None]
            guild = self._client.get_guild(case.guild_id)
            if guild is None:
                await self._leave(records)
            elif case.submission.author_id == NOBODY:
                await self._finish_all(records, ActionOutcome.FAILED, tr(_FORGOTTEN))
            else:
                is_gone = await self._is_gone(guild, case, records)
                for record in records:
                    scene = await self._scene(guild, case, rule_text, record.asked_by)
                    await self._perform(scene, record, partial(self._answered_since, case), is_gone)

    async def _perform_all(self, case: CaseRecord, rule_text: str, records: list[ActionRecord]) -> None:
        if case.mode is not Mode.ENFORCE:
            await self._finish_all(records, ActionOutcome.SKIPPED, tr("shadow mode"))
            return
        guild = self._client.get_guild(case.guild_id)
        if guild is None:
            await self._leave(records)
            return
        is_gone, ended = False, None
        if any(record.action.kind in PUNISHING for record in records):
            is_gone, ended = await self._read_again(guild, case)
        scene = await self._scene(guild, case, rule_text)
        for record in sorted(records, key=lambda record: ORDER.index(record.action.kind)):
            if ended is not None and record.outcome is ActionOutcome.PLANNED:
                await self._finish(record, *ended)
                continue
            outcome = await self._perform(scene, record, partial(self._hindrance, case, ended), is_gone)
            if _deleted(record.action.kind, outcome):
                scene = replace(scene, removed=True)

    async def _leave(self, records: list[ActionRecord]) -> None:
        """End what cannot be looked at any more on a server that the bot is no longer on."""
        for record in records:
            note = tr(_LEFT if record.outcome is ActionOutcome.PLANNED else _LEFT_MIDWAY)
            await self._finish(record, ActionOutcome.FAILED, note)

    async def _scene(
        self, guild: discord.Guild, case: CaseRecord, rule_text: str, asked_by: int | None = None
    ) -> Scene:
        settings = await self._store.guilds.get(case.guild_id)
        words = {"warning_template": settings.warning_template, "help_lines": settings.help_lines}
        return Scene(self._client, guild, case, rule_text, _was_removed(case), asked_by, **words)

    async def _read_again(self, guild: discord.Guild, case: CaseRecord) -> tuple[bool, Ended | None]:
        """Whether a case's message is gone, and what else ends what was not begun of its actions, None for nothing.

        One that is gone was not edited.
        """
        submission = case.submission
        lack = Lack(LackKind.READ, watched_place(submission))
        if self._lacks.keeps(guild, lack, thread_in(lack, submission)):
            return False, (ActionOutcome.FAILED, tr(_UNREADABLE))
        try:
            found = await self._client.http.get_message(submission.channel_id, submission.message_id)
        except discord.NotFound:
            return True, None
        except discord.Forbidden as error:
            self._lacks.refused(guild, lack, error, thread_in(lack, submission))
            return False, (ActionOutcome.FAILED, tr(_UNREADABLE))
        except discord.HTTPException as error:
            if may_pass(error):
                raise
            return False, (ActionOutcome.FAILED, refused(error))
        self._lacks.worked(guild.id, lack)
        is_edited = revision_of(discord.utils.parse_time(found.get("edited_timestamp"))) > submission.revision
        return False, (ActionOutcome.SKIPPED, tr(_EDITED)) if is_edited else None

    async def _is_gone(self, guild: discord.Guild, case: CaseRecord, records: list[ActionRecord]) -> bool:
        """Whether the message is gone, where it may have been deleted by one of these; else it is not looked at."""
        is_gone = False
        if any(_may_be_deleted(record) for record in records):
            is_gone, _ = await self._read_again(guild, case)
        return is_gone

    async def _perform(self, scene: Scene, record: ActionRecord, hindrance: Hindrance, is_gone: bool) -> ActionOutcome:
        """Do one action and record what became of it; `is_gone` is whether the message is."""
        outcome, note = await self._outcome(scene, record, hindrance, is_gone)
        await self._finish(record, outcome, note)
        return outcome

    async def _outcome(self, scene: Scene, record: ActionRecord, hindrance: Hindrance, is_gone: bool) -> Ended:
        """What became of an action; an attempt of unknown outcome is looked for before anything can hinder it."""
        performer, submission = PERFORMERS[record.action.kind], scene.case.submission
        lack = lack_for(record.action.kind, submission)
        try:
            note = await _was_done(scene, record, is_gone)
            if note is None:
                # Cases are worked on side by side: of two that look at the count, the second must see the first.
                async with self._counting:
                    if ended := await hindrance(record):
                        return ended
                    if lack is not None and self._lacks.keeps(scene.guild, lack, thread_in(lack, submission)):
                        return ActionOutcome.FAILED, self._lacks.why(scene.guild, lack)
                    await self._store.cases.attempt(record.id)
                note = await performer.perform(scene, record)
                if lack is not None:
                    self._lacks.worked(scene.guild.id, lack)
        except OutrankedError as error:
            self._lacks.notice(scene.guild, Lack(LackKind.RANK, error.role_id))
            return ActionOutcome.FAILED, str(error)
        except NotDoneError as error:
            return ActionOutcome.FAILED, str(error)
        except discord.Forbidden as error:
            if lack is None:
                return ActionOutcome.FAILED, refused(error)
            self._lacks.refused(scene.guild, lack, error, thread_in(lack, submission))
            return ActionOutcome.FAILED, self._lacks.why(scene.guild, lack)
        except discord.HTTPException as error:
            if may_pass(error):
                raise
            return ActionOutcome.FAILED, refused(error)
        return ActionOutcome.DONE, note

    async def _answered_since(self, case: CaseRecord, record: ActionRecord) -> Ended | None:
        now = await self._store.cases.by_journal(case.journal_id)
        is_overturned = now is not None and now.status is CaseStatus.OVERTURNED
        return (ActionOutcome.SKIPPED, tr(TOO_LATE)) if is_overturned else None

    async def _hindrance(self, case: CaseRecord, ended: Ended | None, record: ActionRecord) -> Ended | None:
        """What keeps this from being done now: settings may have changed, or a moderator answered."""
        if ended is not None:
            return ended
        if overturned := await self._answered_since(case, record):
            return overturned
        settings = await self._store.guilds.get(case.guild_id)
        mode = settings.mode_in(case.submission.channel_id, case.submission.parent_id)
        if mode is Mode.OFF:
            return ActionOutcome.SKIPPED, tr("the channel is not watched any more")
        if mode is Mode.SHADOW:
            return ActionOutcome.SKIPPED, tr("shadow mode was set meanwhile")
        # What was attempted before has passed the brake, and is counted by it as one for others.
        if record.outcome is ActionOutcome.PLANNED and record.action.kind in _BRAKED:
            since = datetime.now(UTC) - timedelta(seconds=settings.brake_seconds)
            if await self._store.cases.recent_punishments(case.guild_id, since) >= settings.brake_actions:
                return ActionOutcome.SKIPPED, tr("the brake is on: too many actions at once")
        return None

    async def _finish_all(self, records: list[ActionRecord], outcome: ActionOutcome, note: str) -> None:
        for record in records:
            await self._finish(record, outcome, note)

    async def _finish(self, record: ActionRecord, outcome: ActionOutcome, note: str) -> None:
        await self._store.cases.finish(record.id, outcome, note)
        self._metrics.action(record.action.kind.value, outcome.value)


def _open_actions(case: CaseRecord) -> list[ActionRecord]:
    return [record for record in case.actions if record.outcome.is_open and record.action.kind in PERFORMERS]


def _was_removed(case: CaseRecord) -> bool:
    return any(_deleted(record.action.kind, record.outcome) for record in case.actions)


def _may_be_deleted(record: ActionRecord) -> bool:
    return record.action.kind is ActionKind.DELETE and record.outcome is ActionOutcome.ATTEMPTED


async def _was_done(scene: Scene, record: ActionRecord, is_gone: bool) -> str | None:
    """A note where an action was done before; None where it was not. `is_gone` is whether the message is."""
    if _may_be_deleted(record):
        return tr("it was gone already") if is_gone else None
    return await PERFORMERS[record.action.kind].was_done(scene, record)


def _deleted(kind: ActionKind, outcome: ActionOutcome) -> bool:
    return kind is ActionKind.DELETE and outcome is ActionOutcome.DONE
