"""The mod log: where moderators see a case, and where a human is called."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import discord
import structlog

from bot.discord_io.caseview import case_view, is_post_of
from bot.discord_io.embeds import case_embed
from bot.discord_io.history import Readable, newest_first
from bot.domain.decision import Mode, Outcome
from bot.domain.guild import GuildSettings
from bot.domain.lacks import Lack, LackKind
from bot.domain.policy import ActionKind
from bot.domain.records import ActionOutcome, ActionRecord, CaseRecord
from bot.language import mark, tr
from bot.pipeline.lacks import Lacks, refused
from bot.pipeline.metrics import Metrics
from bot.pipeline.passing import REQUEST_ERRORS, may_pass
from bot.pipeline.traces import CLOCKS_APART
from bot.store import Store

log = structlog.get_logger(__name__)

_NOT_PINGED = mark("posted, but nobody was pinged: let anyone mention the role, or grant the bot Mention Everyone")

_REVIEW_GONE = mark("the review channel is gone: set another with /settings")
_REVIEW_CLOSED = mark(
    "the bot may not post in the review channel: grant it View Channel, Send Messages and Embed Links"
)
_LOG_GONE = mark("the log channel is gone: set another with /watch log")
_LOG_CLOSED = mark("the bot may not post in the log channel: grant it View Channel, Send Messages and Embed Links")


class ModLog:
    """Posts each case once, and escalates in the same post."""

    def __init__(self, client: discord.Client, store: Store, metrics: Metrics, lacks: Lacks) -> None:
        """Post through `client`, record in `store`; where `lacks` knows that nothing can be posted nothing is tried."""
        self._client = client
        self._store = store
        self._metrics = metrics
        self._lacks = lacks
        self._began = discord.utils.utcnow()
        self._tried: dict[tuple[int, int], datetime] = {}

    async def post(self, case: CaseRecord, rule_text: str) -> None:
        """Post a case unless it stands there already; escalations are done with it, or failed with advice."""
        settings = await self._store.guilds.get(case.guild_id)
        escalations = [record for record in case.actions if record.action.kind is ActionKind.ESCALATE]
        waiting = [record for record in escalations if record.outcome.is_open]
        failure = note = ""
        if case.log_message_id is None:
            try:
                failure, note = await self._post_somewhere(case, rule_text, settings, waiting)
            except discord.HTTPException as error:
                if not may_pass(error):  # it is given up
                    self._tried.pop((case.guild_id, case.number), None)
                raise
            self._tried.pop((case.guild_id, case.number), None)
            await self._catch_up(case, rule_text)
        elif waiting:
            note = await self._note_of_standing(case, settings.escalation_role_id, waiting)
        for record in waiting:
            outcome = ActionOutcome.FAILED if failure else ActionOutcome.DONE
            await self._store.cases.finish(record.id, outcome, failure or note)
            self._metrics.action(record.action.kind.value, outcome.value)
        if waiting and note:
            await self._show_note(case, rule_text)

    async def refresh(self, case: CaseRecord, rule_text: str) -> bool:
        """Let the post of a case show it as it is now, where it was posted and still stands.

        False where Discord was away or took no more requests, and it may be shown later.
        """
        if case.log_channel_id is None or case.log_message_id is None:
            return True
        post = self._client.get_partial_messageable(case.log_channel_id).get_partial_message(case.log_message_id)
        try:
            await post.edit(
                embed=case_embed(case, rule_text),
                view=case_view(case),
                allowed_mentions=discord.AllowedMentions.none(),
            )
        except discord.NotFound:
            log.info("modlog_post_gone", guild_id=case.guild_id, case=case.number)
        except REQUEST_ERRORS as error:
            log.warning("modlog_not_refreshed", guild_id=case.guild_id, case=case.number, error=type(error).__name__)
            return not may_pass(error)
        return True

    async def _catch_up(self, case: CaseRecord, rule_text: str) -> None:
        """Show what others did with the case between its posting and its being recorded where the post stands."""
        now = await self._store.cases.get(case.guild_id, case.number)
        if now is not None and _by_others(now) != _by_others(case):
            await self.refresh(now, rule_text)

    async def _show_note(self, case: CaseRecord, rule_text: str) -> None:
        """Let the post say what was not known before it stood; not where its author was forgotten."""
        now = await self._store.cases.get(case.guild_id, case.number)
        if now is not None and now.submission.text:
            await self.refresh(now, rule_text)

    async def _post_somewhere(
        self, case: CaseRecord, rule_text: str, settings: GuildSettings, escalations: list[ActionRecord]
    ) -> tuple[str, str]:
        """Post in the first place that takes it: a call for a human is not lost with the review channel."""
        failure = note = ""
        refused_by: list[int] = []
        for place in _places(settings, case):
            before = failure
            try:
                failure, note = await self._post(case, rule_text, place, settings.escalation_role_id, escalations)
            except discord.HTTPException as error:
                if may_pass(error):
                    raise
                log.warning("modlog_refused", journal_id=case.journal_id, status=error.status, code=error.code)
                refused_by.append(place.channel_id)
                failure = refused(error)
            if not failure:
                self._not_the_post(case.guild_id, refused_by)
                why = tr("posted here, because {failure}", failure=before) if before else ""
                return "", "; ".join(part for part in (why, note) if part)
        return failure or tr("no log channel is set: use /watch log"), ""

    async def _post(
        self,
        case: CaseRecord,
        rule_text: str,
        place: _Place,
        role_id: int | None,
        escalations: list[ActionRecord],
    ) -> tuple[str, str]:
        """Post; why it could not be done, empty where it could, and what could not be done of it."""
        channel_id = place.channel_id
        guild = self._client.get_guild(case.guild_id)
        if guild is None or self._lacks.keeps(guild, Lack(LackKind.POST, channel_id)):
            return tr(place.closed), ""
        if self._lacks.keeps(guild, Lack(LackKind.GONE, channel_id)):
            return tr(place.gone), ""
        try:
            # A thread that was archived is not known to the library any more; posting in it opens it again.
            channel = self._client.get_channel(channel_id) or await self._client.fetch_channel(channel_id)
            if not isinstance(channel, discord.TextChannel | discord.Thread | discord.VoiceChannel):
                return tr(place.gone), ""
            message = await self._found(channel, case) or await self._send(
                channel, case, rule_text, role_id, escalations
            )
        except discord.Forbidden as error:
            log.warning("modlog_forbidden", guild_id=case.guild_id, channel_id=channel_id)
            self._lacks.refused(guild, Lack(LackKind.POST, channel_id), error)
            return tr(place.closed), ""
        except discord.NotFound as error:
            self._lacks.refused(guild, Lack(LackKind.GONE, channel_id), error)
            return tr(place.gone), ""
        for kind in (LackKind.POST, LackKind.GONE, LackKind.REFUSED):
            self._lacks.worked(guild.id, Lack(kind, channel_id))
        await self._store.cases.logged(case.guild_id, case.number, channel_id, message.id)
        return "", _note_of(message, _pinged(case, role_id, escalations))

    def _not_the_post(self, guild_id: int, refused_by: list[int]) -> None:
        """Another channel took the post: what refused it refuses others too."""
        if (guild := self._client.get_guild(guild_id)) is not None:
            for channel_id in refused_by:
                self._lacks.notice(guild, Lack(LackKind.REFUSED, channel_id))

    async def _note_of_standing(self, case: CaseRecord, role_id: int | None, escalations: list[ActionRecord]) -> str:
        """Whether the post that an earlier process made pinged; empty where it cannot be looked at any more."""
        assert case.log_channel_id is not None
        assert case.log_message_id is not None
        try:
            post = await self._client.get_partial_messageable(
                case.log_channel_id, guild_id=case.guild_id
            ).fetch_message(case.log_message_id)
        except discord.HTTPException as error:
            if may_pass(error):
                raise
            return ""
        return _note_of(post, _pinged(case, role_id, escalations))

    async def _found(self, channel: Readable, case: CaseRecord) -> discord.Message | None:
        """The post of an earlier try: nonces last only minutes.

        Newest first, as far back as it can be: how many cases were posted since the try is not in our hands.
        """
        since = self._may_stand_since(case)
        if since is None:
            return None
        async for message in newest_first(channel, since - CLOCKS_APART):
            if message.author == self._client.user and is_post_of(message, case.number):
                return message
        return None

    def _may_stand_since(self, case: CaseRecord) -> datetime | None:
        """From when on a case may have been posted without that being recorded; None where nobody has tried yet.

        What this process has not tried only an earlier one can have posted, if it was there when the case was opened.
        """
        tried = self._tried.get((case.guild_id, case.number))
        if tried is None and _was_tried(case) and case.created_at <= self._began + CLOCKS_APART:
            return case.created_at
        return tried

    async def _send(
        self,
        channel: discord.abc.Messageable,
        case: CaseRecord,
        rule_text: str,
        role_id: int | None,
        escalations: list[ActionRecord],
    ) -> discord.Message:
        for record in escalations:
            await self._store.cases.attempt(record.id)
        self._tried.setdefault((case.guild_id, case.number), discord.utils.utcnow())
        pinged = _pinged(case, role_id, escalations)
        role = discord.Object(pinged) if pinged else None
        return await channel.send(
            content=tr("{role} a member may need a human now.", role=f"<@&{pinged}>") if pinged else None,
            embed=case_embed(_called(case, escalations), rule_text),
            view=case_view(case),
            nonce=case.log_nonce,
            allowed_mentions=discord.AllowedMentions(everyone=False, users=False, roles=[role] if role else False),
        )


@dataclass(frozen=True, slots=True)
class _Place:
    """Where cases are posted: its id, and what is said where it is gone or the bot may not post there."""

    channel_id: int
    gone: str
    closed: str


def _places(settings: GuildSettings, case: CaseRecord) -> list[_Place]:
    """Where a case belongs, best first: one that needs a human in the review channel, any in the log channel."""
    needs_human = case.decision.outcome is Outcome.REVIEW or any(
        record.action.kind is ActionKind.ESCALATE for record in case.actions
    )
    places = []
    if needs_human and settings.review_channel_id is not None:
        places.append(_Place(settings.review_channel_id, _REVIEW_GONE, _REVIEW_CLOSED))
    if settings.log_channel_id is not None:
        places.append(_Place(settings.log_channel_id, _LOG_GONE, _LOG_CLOSED))
    return places


def _called(case: CaseRecord, escalations: list[ActionRecord]) -> CaseRecord:
    """The case as its post shows it: what the post itself does is done once anybody reads it."""
    done = {record.id: replace(record, outcome=ActionOutcome.DONE) for record in escalations}
    return replace(case, actions=tuple(done.get(record.id, record) for record in case.actions))


def _by_others(case: CaseRecord) -> tuple[object, ...]:
    """What moderators and members did with a case, and its post shows."""
    return case.reviews, case.notes, case.reporters, case.appeal, case.claimed_by, case.claimed_at


def _pinged(case: CaseRecord, role_id: int | None, escalations: list[ActionRecord]) -> int | None:
    """The role to ping, if any: in shadow mode nobody is called."""
    return role_id if escalations and case.mode is Mode.ENFORCE else None


def _note_of(post: discord.Message, wanted: int | None) -> str:
    """What is to be said of a post that was to ping a role: any role counts, as another may be set by now."""
    return "" if wanted is None or post.role_mentions else tr(_NOT_PINGED)


def _was_tried(case: CaseRecord) -> bool:
    """Whether an earlier process may have posted the case: some action of it has an attempt or an outcome."""
    return not case.actions or any(record.outcome is not ActionOutcome.PLANNED for record in case.actions)
