"""Taking back what an overturned case did: one small function a kind, each of which looks at the state first.

Nothing is taken back that this case did not make: a timeout is lifted only where its end is the one this case set,
a ban only where its reason is this case's. What is there already, or was never done, is said so and left alone.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable
from datetime import datetime

import discord
import structlog

from bot.discord_io.embeds import RETURNED_FILE, returned_text
from bot.discord_io.limits import audit_reason
from bot.discord_io.once import once
from bot.discord_io.speaking import in_every_language, language_in
from bot.domain.lacks import lack_for
from bot.domain.policy import ActionKind
from bot.domain.records import ActionOutcome, ActionRecord, CaseRecord, ReviewKind
from bot.domain.submission import NOBODY
from bot.language import mark, speaking, tr
from bot.pipeline.actions import NotDoneError, Scene
from bot.pipeline.lacks import Lacks, refused
from bot.pipeline.passing import REQUEST_ERRORS, may_pass
from bot.pipeline.showing import Showing
from bot.pipeline.tasks import end_all
from bot.pipeline.traces import SAME_TIME, was_greeted
from bot.pipeline.turns import Turns
from bot.store import Store

log = structlog.get_logger(__name__)

RETRY_SECONDS = (2.0, 10.0, 60.0, 300.0)
_AGAIN = mark("Discord did not answer; it is tried again")
_GIVEN_UP = mark("Discord did not answer: look whether it is undone, else do it by hand")
_UNBANNED = mark("lifted; the member may join again")
_GONE = mark("the bot is no longer on this server")
_FORGOTTEN = mark("who it was done to was forgotten at their wish: undo it by hand where it still holds")


class NothingToUndoError(Exception):
    """There is nothing of this case to take back; the message says why, for moderators."""


class Undoer:
    """Takes back the actions of overturned cases, and records for each what became of that."""

    def __init__(self, client: discord.Client, store: Store, turns: Turns, showing: Showing, lacks: Lacks) -> None:
        """Act through `client`, record in `store`; `turns` and `lacks` are shared with who else acts.

        What is only undone later is shown through `showing`.
        """
        self._client = client
        self._store = store
        self._turns = turns
        self._showing = showing
        self._lacks = lacks
        self._tasks: dict[int, asyncio.Task[None]] = {}
        # Submissions in whose cases something may still be to be undone.
        self._open: set[int] = set()
        self._knows_all = False

    async def undo(self, journal_id: int) -> None:
        """Try every planned undoing of a submission's case; nothing is done twice.

        What Discord was away for is tried again in the background, as often as RETRY_SECONDS has pauses, and then given
        up; until it has an outcome it stays planned or attempted.
        """
        self._open.add(journal_id)
        if not await self._try(journal_id):
            self._open.discard(journal_id)
        elif journal_id not in self._tasks:
            task = asyncio.create_task(self._try_again(journal_id), name="undoing")
            self._tasks[journal_id] = task
            task.add_done_callback(lambda _: self._tasks.pop(journal_id, None))

    async def resume(self) -> None:
        """Go on with what is open and nobody is at; at first also with what a process that ended left behind."""
        if not self._knows_all:
            self._open.update(await self._store.reviews.not_undone())
            self._knows_all = True
        for journal_id in sorted(self._open - self._tasks.keys()):
            try:
                if case := await self._store.cases.by_journal(journal_id):
                    with speaking(await language_in(self._client, self._store, case.guild_id)):
                        await self.undo(journal_id)
                        await self._show(journal_id)
                else:  # its server was removed
                    self._open.discard(journal_id)
            except Exception:
                log.exception("undoing_not_resumed", journal_id=journal_id)

    async def stop(self) -> None:
        """End; what is not undone is resumed at the next start."""
        await end_all(self._tasks.values())

    async def _try(self, journal_id: int) -> bool:
        """Whether something is left to be tried again."""
        left = False
        async with self._turns.of(journal_id):
            case = await self._store.cases.by_journal(journal_id)
            for record in _to_undo(case):
                assert case is not None
                outcome, note = await self._outcome(case, record)
                await self._store.reviews.undoing(record.id, outcome, note)
                left = left or outcome.is_open
        return left

    async def _try_again(self, journal_id: int) -> None:
        try:
            await self._try_to_the_end(journal_id)
        except Exception:  # as where the database is away: it is resumed
            log.exception("undoing_failed", journal_id=journal_id)
        else:
            self._open.discard(journal_id)

    async def _try_to_the_end(self, journal_id: int) -> None:
        for pause in RETRY_SECONDS:
            await asyncio.sleep(pause)
            left = await self._try(journal_id)
            await self._show(journal_id)
            if not left:
                return
        await self._give_up(journal_id)

    async def _give_up(self, journal_id: int) -> None:
        async with self._turns.of(journal_id):
            for record in _to_undo(await self._store.cases.by_journal(journal_id)):
                await self._store.reviews.undoing(record.id, ActionOutcome.FAILED, tr(_GIVEN_UP))
        await self._show(journal_id)

    async def _show(self, journal_id: int) -> None:
        case = await self._store.cases.by_journal(journal_id)
        if case is not None:
            await self._showing.show(case)

    async def _outcome(self, case: CaseRecord, record: ActionRecord) -> tuple[ActionOutcome, str]:
        guild = self._client.get_guild(case.guild_id)
        if guild is None:
            return ActionOutcome.FAILED, tr(_GONE)
        if case.submission.author_id == NOBODY:
            return ActionOutcome.FAILED, tr(_FORGOTTEN)
        scene = Scene(self._client, guild, case, "", removed=False)
        take_back, lack = UNDOINGS[record.action.kind], lack_for(record.action.kind, case.submission)
        open_as = ActionOutcome.ATTEMPTED if _was_begun(record) else ActionOutcome.PLANNED

        async def begin(begun: ActionRecord) -> None:
            """From here on the outcome is unknown until told."""
            nonlocal open_as
            open_as = ActionOutcome.ATTEMPTED
            await self._store.reviews.undoing(begun.id, ActionOutcome.ATTEMPTED)

        try:
            note = await take_back(scene, record, begin)
        except NothingToUndoError as error:
            return ActionOutcome.SKIPPED, str(error)
        except NotDoneError as error:
            return ActionOutcome.FAILED, str(error)
        except discord.Forbidden as error:
            if lack is None:
                return ActionOutcome.FAILED, refused(error)
            self._lacks.refused(guild, lack, error)
            return ActionOutcome.FAILED, self._lacks.why(guild, lack)
        except REQUEST_ERRORS as error:
            if isinstance(error, discord.HTTPException) and not may_pass(error):
                return ActionOutcome.FAILED, refused(error)
            log.warning("undoing_unreachable", case=case.number, error=type(error).__name__)
            return open_as, tr(_AGAIN)
        return ActionOutcome.DONE, note


Begin = Callable[[ActionRecord], Awaitable[None]]
Undoing = Callable[[Scene, ActionRecord, Begin], Awaitable[str]]
"""Takes one action back, and says `begin` before the first change; a note, mostly empty.

Raises NothingToUndoError, NotDoneError or what the library raises.
"""


async def _lift_timeout(scene: Scene, record: ActionRecord, begin: Begin) -> str:
    """Lift the timeout that this case set, and no other."""
    assert record.until is not None
    try:
        member = await scene.guild.fetch_member(scene.author.id)
    except discord.NotFound:
        raise NothingToUndoError(tr("the member has left the server")) from None
    until = member.timed_out_until
    if until is None and _was_begun(record):
        return tr("lifted")
    if until is None or until <= discord.utils.utcnow():
        raise NothingToUndoError(tr("it was over already"))
    if record.attempted_at is None or abs(until - record.until) > SAME_TIME:
        raise NothingToUndoError(tr("the timeout that holds now is not the one this case set"))
    await begin(record)
    with once():
        await scene.client.http.edit_member(
            scene.guild.id, scene.author.id, reason=_reason(scene), communication_disabled_until=None
        )
    return tr("lifted")


async def _lift_ban(scene: Scene, record: ActionRecord, begin: Begin) -> str:
    """Lift the ban that this case made, and no other."""
    try:
        ban = await scene.guild.fetch_ban(scene.author)
    except discord.NotFound:
        if _was_begun(record):
            return tr(_UNBANNED)
        raise NothingToUndoError(tr("it was lifted already")) from None
    if not (ban.reason or "").startswith(scene.mark):
        raise NothingToUndoError(tr("the ban that stands now is not the one this case made"))
    await begin(record)
    try:
        with once():
            await scene.guild.unban(scene.author, reason=_reason(scene))
    except discord.NotFound:
        return tr("it was lifted already")
    return tr(_UNBANNED)


async def _offer_text_back(scene: Scene, record: ActionRecord, begin: Begin) -> str:
    """Send the author what was deleted, once."""
    submission = scene.case.submission
    if record.outcome is not ActionOutcome.DONE and await _stands(scene):
        raise NothingToUndoError(tr("the message was not deleted"))
    if scene.case.only_linked:
        raise NotDoneError(tr("its text is not offered back: what may be about the safety of minors is not sent again"))
    if not submission.text:
        raise NotDoneError(tr("its text is no longer kept, so it could not be offered back"))
    content, is_whole = _returned(scene)
    file = io.BytesIO(submission.text.encode("utf-8", "replace"))
    files = [] if is_whole else [discord.File(file, filename=RETURNED_FILE)]
    try:
        channel = await scene.client.create_dm(scene.author)
        if _was_begun(record):
            first_lines = tuple(in_every_language(lambda: _returned(scene)[0].partition("\n")[0]))
            if await was_greeted(scene, _overturned_at(scene.case), first_lines):
                return tr("its text was offered back to the author")
        await begin(record)
        await channel.send(content, files=files, nonce=record.nonce, allowed_mentions=discord.AllowedMentions.none())
    except (discord.Forbidden, discord.NotFound):
        raise NotDoneError(tr("its text could not be offered back: the author's direct messages are closed")) from None
    return tr("its text was offered back to the author")


def _returned(scene: Scene) -> tuple[str, bool]:
    return returned_text(scene.guild.name, scene.case.number, scene.case.submission.text)


async def _stands(scene: Scene) -> bool:
    """Whether the message is still there."""
    try:
        await scene.client.http.get_message(scene.case.submission.channel_id, scene.case.submission.message_id)
    except discord.NotFound:
        return False
    except discord.Forbidden:
        raise NotDoneError(tr("whether the message was deleted cannot be seen: look there")) from None
    return True


async def _cannot_unsay(scene: Scene, record: ActionRecord, begin: Begin) -> str:
    raise NotDoneError(tr("a warning that was sent cannot be taken back"))


async def _cannot_bring_back(scene: Scene, record: ActionRecord, begin: Begin) -> str:
    raise NotDoneError(tr("a kick cannot be taken back: the member may join again with an invite"))


def _to_undo(case: CaseRecord | None) -> list[ActionRecord]:
    """The actions of a case whose undoing has no outcome yet."""
    return [one for one in (case.actions if case else ()) if one.undoing is not None and one.undoing.outcome.is_open]


def _was_begun(record: ActionRecord) -> bool:
    """Whether an earlier try may have changed something."""
    return record.undoing is not None and record.undoing.outcome is ActionOutcome.ATTEMPTED


def _overturned_at(case: CaseRecord) -> datetime:
    """When it was overturned first: before that nothing was taken back."""
    return min(one.at for one in case.reviews if one.kind is ReviewKind.OVERTURN)


def _reason(scene: Scene) -> str:
    return audit_reason(f"Lawspeaker case {scene.case.number} was overturned")


UNDOINGS: dict[ActionKind, Undoing] = {
    ActionKind.DELETE: _offer_text_back,
    ActionKind.WARN: _cannot_unsay,
    ActionKind.TIMEOUT: _lift_timeout,
    ActionKind.KICK: _cannot_bring_back,
    ActionKind.BAN: _lift_ban,
}
"""A flag and a call for a human leave nothing to take back."""
