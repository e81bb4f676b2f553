"""Actions: one small class a kind. A new action is one new class and one line in `PERFORMERS`.

Each says how to do the action and how to tell that it was done already, so that a retry after an unknown
outcome looks at the state first and never does a thing twice.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

import aiohttp
import discord

from bot.discord_io.appealview import appeal_view
from bot.discord_io.embeds import farewell_text, warning_text
from bot.discord_io.help_text import help_greeting, help_text
from bot.discord_io.ladder_text import ladder_text
from bot.discord_io.limits import audit_reason
from bot.discord_io.speaking import in_every_language
from bot.domain.decision import Mode
from bot.domain.policy import ActionKind
from bot.domain.records import ActionRecord, CaseRecord
from bot.language import tr

_DM_LOOK_BACK = 30


class NotDoneError(Exception):
    """An action was not done; the message says why, for moderators."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What an action needs to know: the case, the rule's words, the server, and whether the message was removed.

    `asked_by` is the moderator who asks for it, None where the policy does; `warning_template` the server's own words
    for a warning, None for the usual ones. `help_lines` are the server's, None where it has set none.
    """

    client: discord.Client
    guild: discord.Guild
    case: CaseRecord
    rule_text: str
    removed: bool
    asked_by: int | None = None
    warning_template: str | None = None
    help_lines: str | None = None

    @property
    def author(self) -> discord.Object:
        """The author of the message."""
        return discord.Object(self.case.submission.author_id)

    def warning(self, record: ActionRecord) -> str:
        """What a warned member is told."""
        rule, number, ladder = self.case.decision.rule or "", self.case.number, self.ladder(record)
        return warning_text(self.warning_template, self.guild.name, rule, self.rule_text, number, self.removed, ladder)

    def farewell(self, record: ActionRecord) -> str:
        """What a member is told who is about to be put out of the server."""
        rule, number, ladder = self.case.decision.rule or "", self.case.number, self.ladder(record)
        return farewell_text(self.guild.name, rule, self.rule_text, number, record.action.kind, ladder)

    def ladder(self, record: ActionRecord) -> str:
        """What they are told of the server's ladder, the same at a retry; empty where there is nothing to tell.

        Only what the bot does by itself steps up, and only where it acts: a moderator may warn of an old case, or of
        one that was only logged.
        """
        decision, moment = self.case.decision, record.attempted_at or datetime.now(UTC)
        if self.case.mode is not Mode.ENFORCE:
            return ""
        is_ahead = decision.ahead is not None and decision.ahead.until > moment
        return ladder_text(decision.stepped if record.asked_by is None else "", decision.ahead if is_ahead else None)

    @property
    def reason(self) -> str:
        """What the audit log shows."""
        who = f", asked for by {self.asked_by}" if self.asked_by is not None else ""
        return audit_reason(f"{self.mark} rule {self.case.decision.rule}{who}")

    @property
    def mark(self) -> str:
        """What every reason of this case begins with, and that of no other."""
        return f"Lawspeaker case {self.case.number}:"


class Performer(Protocol):
    """How one kind of action is done."""

    permission: str

    async def was_done(self, scene: Scene, record: ActionRecord) -> str | None:
        """A note where the state the action would make is there already; None where it must be done."""

    async def perform(self, scene: Scene, record: ActionRecord) -> str:
        """Do it; a note, mostly empty. Raises NotDoneError or what the library raises."""


class Delete:
    """Delete the message."""

    permission = "manage_messages"

    async def was_done(self, scene: Scene, record: ActionRecord) -> str | None:
        """The performing itself tells: deleting what is gone is done."""
        return None

    async def perform(self, scene: Scene, record: ActionRecord) -> str:
        """Delete with a reason, which Message.delete cannot give."""
        submission = scene.case.submission
        try:
            await scene.client.http.delete_message(submission.channel_id, submission.message_id, reason=scene.reason)
        except discord.NotFound:
            return tr("it was gone already")
        return ""


class Warn:
    """Tell the member by direct message."""

    permission = ""

    async def was_done(self, scene: Scene, record: ActionRecord) -> str | None:
        """Look for the message among the last ones sent: nonces expire."""
        if record.attempted_at is None:
            return None
        texts = in_every_language(lambda: scene.warning(record))
        return "" if await _was_told(scene, record.attempted_at, texts) else None

    async def perform(self, scene: Scene, record: ActionRecord) -> str:
        """Send the warning; members may have closed their direct messages."""
        try:
            await _tell(scene, record, scene.warning(record))
        except discord.Forbidden:
            raise NotDoneError(tr("the member's direct messages are closed")) from None
        return ""


class Help:
    """Offer the member the server's help lines by direct message."""

    permission = ""

    async def was_done(self, scene: Scene, record: ActionRecord) -> str | None:
        """Look for the message among the last ones sent; other help lines may be set by now, its greeting stays."""
        if record.attempted_at is None:
            return None
        greetings = in_every_language(lambda: help_greeting(scene.guild.name))
        return "" if await _was_greeted(scene, record.attempted_at, greetings) else None

    async def perform(self, scene: Scene, record: ActionRecord) -> str:
        """Send them, with nothing to appeal against; members may have closed their direct messages."""
        if scene.help_lines is None:
            raise NotDoneError(tr("the server has set no help lines: set them with /settings, under Messages"))
        try:
            channel = await scene.client.create_dm(scene.author)
            await channel.send(
                help_text(scene.guild.name, scene.help_lines),
                nonce=record.nonce,
                allowed_mentions=discord.AllowedMentions.none(),
            )
        except discord.Forbidden:
            raise NotDoneError(tr("the member's direct messages are closed")) from None
        except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError):
            # Not tried again with the whole case: the call for a human that comes after must not wait for this.
            raise NotDoneError(tr("the direct message could not be sent")) from None
        return ""


class Timeout:
    """Keep the member from writing until an end that was fixed when the action was planned."""

    permission = "moderate_members"

    async def was_done(self, scene: Scene, record: ActionRecord) -> str | None:
        """Done where the member is timed out for as long already: a moderator's longer one is not cut short."""
        assert record.until is not None
        if record.until <= datetime.now(UTC):
            if record.attempted_at is None:
                raise NotDoneError(tr("its end had passed before it could be done"))
            return tr("its end has passed")
        try:
            member = await scene.guild.fetch_member(scene.author.id)
        except discord.NotFound:
            raise NotDoneError(tr("the member has left")) from None
        until = member.timed_out_until
        if until is None or until < record.until - timedelta(seconds=1):
            return None
        return "" if record.attempted_at is not None else tr("the member was timed out for as long already")

    async def perform(self, scene: Scene, record: ActionRecord) -> str:
        """Time the member out."""
        assert record.until is not None
        try:
            await scene.client.http.edit_member(
                scene.guild.id,
                scene.author.id,
                reason=scene.reason,
                communication_disabled_until=record.until.isoformat(),
            )
        except discord.NotFound:
            raise NotDoneError(tr("the member has left")) from None
        return ""


class Kick:
    """Remove the member from the server."""

    permission = "kick_members"

    async def was_done(self, scene: Scene, record: ActionRecord) -> str | None:
        """A retry does it only where the audit log shows that it was not done."""
        if record.attempted_at is None:
            return None
        return await _in_audit_log(scene, record.attempted_at, discord.AuditLogAction.kick)

    async def perform(self, scene: Scene, record: ActionRecord) -> str:
        """Say so by direct message, then kick."""
        note = await _say_farewell(scene, record)
        try:
            await scene.guild.kick(scene.author, reason=scene.reason)
        except discord.NotFound:
            raise NotDoneError(tr("the member has left")) from None
        return note


class Ban:
    """Keep the member out; no messages are deleted by it."""

    permission = "ban_members"

    async def was_done(self, scene: Scene, record: ActionRecord) -> str | None:
        """Done where the ban stands, or stood and was lifted: a lifted ban stays lifted."""
        if record.attempted_at is None:
            return None
        try:
            await scene.guild.fetch_ban(scene.author)
        except discord.NotFound:
            return await _in_audit_log(scene, record.attempted_at, discord.AuditLogAction.ban)
        return ""

    async def perform(self, scene: Scene, record: ActionRecord) -> str:
        """Say so by direct message, then ban."""
        note = await _say_farewell(scene, record)
        await scene.guild.ban(scene.author, reason=scene.reason, delete_message_seconds=0)
        return note


class Flag:
    """Nothing but the case itself."""

    permission = ""

    async def was_done(self, scene: Scene, record: ActionRecord) -> str | None:
        """The case is there."""
        return ""

    async def perform(self, scene: Scene, record: ActionRecord) -> str:
        """Nothing to do."""
        return ""


class Link(Flag):
    """Nothing but the case itself, which links to the message and does not repeat it."""


async def _say_farewell(scene: Scene, record: ActionRecord) -> str:
    """Tell the member before they are put out, as nothing reaches them after; a note where that could not be done.

    Once is enough: not where they are warned with it anyway, nor where an interrupted try has told them.
    """
    others = [one.action.kind for one in scene.case.actions if one.asked_by == record.asked_by]
    if ActionKind.WARN in others:
        return ""
    try:
        if record.attempted_at is not None:
            texts = in_every_language(lambda: scene.farewell(record))
            if await _was_told(scene, record.attempted_at, texts):
                return ""
        await _tell(scene, record, scene.farewell(record))
    except discord.Forbidden:
        return tr("not told why: the member's direct messages are closed")
    except discord.HTTPException:
        return tr("not told why: the direct message could not be sent")
    return ""


async def _tell(scene: Scene, record: ActionRecord, text: str) -> None:
    """Send the author a text that they can appeal against."""
    channel = await scene.client.create_dm(scene.author)
    await channel.send(
        text,
        view=appeal_view(scene.case.guild_id, scene.case.number),
        nonce=record.nonce,
        allowed_mentions=discord.AllowedMentions.none(),
    )


async def _was_told(scene: Scene, since: datetime, texts: Collection[str]) -> bool:
    """Whether the member has been sent one of these texts since then: nonces expire, messages stay."""
    sought = {text.strip() for text in texts}
    return any(content.strip() in sought for content in await _told_since(scene, since))


async def _was_greeted(scene: Scene, since: datetime, greetings: Collection[str]) -> bool:
    """Whether the member has been sent a text that begins with one of these since then."""
    return any(content.startswith(tuple(greetings)) for content in await _told_since(scene, since))


async def _told_since(scene: Scene, since: datetime) -> list[str]:
    """What the bot has written to the member since then, of the last few messages."""
    channel = await scene.client.create_dm(scene.author)
    history = channel.history(limit=_DM_LOOK_BACK, after=since - timedelta(minutes=1))
    return [message.content async for message in history if message.author == scene.client.user]


async def _in_audit_log(scene: Scene, since: datetime, action: discord.AuditLogAction) -> str | None:
    """Whether our own action stands in the audit log since then; NotDoneError where that cannot be seen."""
    try:
        async for entry in scene.guild.audit_logs(limit=50, action=action, user=scene.guild.me):
            is_target = entry.target is not None and int(entry.target.id) == scene.author.id
            if is_target and entry.created_at >= since - timedelta(minutes=1):
                return tr("done before, and not repeated")
    except discord.Forbidden:
        raise NotDoneError(
            tr("its outcome is unknown: let the bot view the audit log, so that it need not guess")
        ) from None
    return None


PERFORMERS: dict[ActionKind, Performer] = {
    ActionKind.DELETE: Delete(),
    ActionKind.WARN: Warn(),
    ActionKind.HELP: Help(),
    ActionKind.TIMEOUT: Timeout(),
    ActionKind.KICK: Kick(),
    ActionKind.BAN: Ban(),
    ActionKind.FLAG: Flag(),
    ActionKind.LINK: Link(),
}
"""In the order of doing: the warning says whether the message was removed, and reaches nobody who was put out of the
server before; nor do help lines. Escalating is the mod log's part (see `bot.pipeline.modlog`)."""

ORDER = (*PERFORMERS, ActionKind.ESCALATE)
