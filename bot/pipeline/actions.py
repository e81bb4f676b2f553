"""Actions: one small class a kind. A new action is one new class and one line in `PERFORMERS`.

Each says how to do the action and how to tell that it was done already, so that a retry after an unknown
outcome looks at the state first and never does a thing twice.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Protocol

import discord

from bot.discord_io.appealview import appeal_view
from bot.discord_io.help_text import help_text
from bot.discord_io.once import once
from bot.domain.policy import ActionKind
from bot.domain.records import ActionRecord
from bot.domain.submission import message_link
from bot.language import tr
from bot.pipeline.passing import REQUEST_ERRORS
from bot.pipeline.scene import NotDoneError as NotDoneError
from bot.pipeline.scene import OutrankedError
from bot.pipeline.scene import Scene as Scene
from bot.pipeline.sending import again_if_lost
from bot.pipeline.traces import SAME_TIME, is_in_audit_log, was_timed_out, was_told, was_written


class Performer(Protocol):
    """How one kind of action is done."""

    async def was_done(self, scene: Scene, record: ActionRecord) -> str | None:
        """A note where the state the action would make is there already; None where it must be done."""

    async def perform(self, scene: Scene, record: ActionRecord) -> str:
        """Do it; a note, mostly empty. Raises NotDoneError or what the library raises."""


class Delete:
    """Delete the message."""

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

    async def was_done(self, scene: Scene, record: ActionRecord) -> str | None:
        """Look for the message among those sent since the try: nonces expire."""
        if record.attempted_at is None:
            return None
        return "" if await was_told(scene, record.attempted_at) else None

    async def perform(self, scene: Scene, record: ActionRecord) -> str:
        """Send the warning; members may have closed their direct messages."""
        try:
            await _tell(scene, record, scene.warning(record))
        except discord.Forbidden:
            raise NotDoneError(tr("the member's direct messages are closed")) from None
        return ""


class Help:
    """Offer the member the server's help lines by direct message."""

    async def was_done(self, scene: Scene, record: ActionRecord) -> str | None:
        """Look for the message among those sent since the try: only it leads to what the member wrote.

        Its greeting may be that of another case of theirs, a moment earlier.
        """
        if record.attempted_at is None:
            return None
        return "" if await was_written(scene, record.attempted_at, f"({_where(scene)})") else None

    async def perform(self, scene: Scene, record: ActionRecord) -> str:
        """Send them, with nothing to appeal against; members may have closed their direct messages."""
        if scene.help_lines is None:
            raise NotDoneError(tr("the server has set no help lines: set them with /settings, under Messages"))
        try:
            channel = await scene.client.create_dm(scene.author)
            send = partial(
                channel.send,
                help_text(scene.guild.name, scene.help_lines, _where(scene)),
                nonce=record.nonce,
                allowed_mentions=discord.AllowedMentions.none(),
            )
            await again_if_lost(send)
        except discord.Forbidden:
            raise NotDoneError(tr("the member's direct messages are closed")) from None
        except REQUEST_ERRORS:
            # Not tried again with the whole case: the call for a human that comes after must not wait for this.
            raise NotDoneError(tr("the direct message could not be sent")) from None
        return ""


def _where(scene: Scene) -> str:
    """The address of what the member wrote."""
    said = scene.case.submission
    return message_link(said.guild_id, said.channel_id, said.message_id)


class Timeout:
    """Keep the member from writing until an end that was fixed when the action was planned."""

    async def was_done(self, scene: Scene, record: ActionRecord) -> str | None:
        """Done where the member is timed out for as long already: a moderator's longer one is not cut short.

        Done too where it was set and has been lifted or cut short since: it stays as a moderator left it.
        """
        assert record.until is not None
        if record.until <= datetime.now(UTC):
            if record.attempted_at is None:
                raise NotDoneError(tr("its end had passed before it could be done"))
            return tr("its end has passed")
        member = await _member(scene)
        until = member.timed_out_until if member is not None else None
        if until is not None and until >= record.until - SAME_TIME:
            return "" if record.attempted_at is not None else tr("the member was timed out for as long already")
        if record.attempted_at is not None and await was_timed_out(scene, record.attempted_at, record.until):
            return tr("done before, and not repeated")
        if member is None:
            raise NotDoneError(tr("the member has left"))
        _require_rank(scene, member)
        if member.guild_permissions.administrator:
            raise NotDoneError(tr("Discord does not time out administrators"))
        return None

    async def perform(self, scene: Scene, record: ActionRecord) -> str:
        """Time the member out."""
        assert record.until is not None
        try:
            with once():
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

    async def was_done(self, scene: Scene, record: ActionRecord) -> str | None:
        """A retry does it only where the audit log shows that it was not done.

        The member's rank is looked at first: who is told that they are put out must not stay.
        """
        if record.attempted_at is None:
            await _require_may_be_put_out(scene)
            return None
        return await _seen_in_audit_log(scene, record.attempted_at, discord.AuditLogAction.kick)

    async def perform(self, scene: Scene, record: ActionRecord) -> str:
        """Say so by direct message, then kick."""
        note = await _say_farewell(scene, record)
        try:
            with once():
                await scene.guild.kick(scene.author, reason=scene.reason)
        except discord.NotFound:
            raise NotDoneError(tr("the member has left")) from None
        return note


class Ban:
    """Keep the member out; no messages are deleted by it."""

    async def was_done(self, scene: Scene, record: ActionRecord) -> str | None:
        """Done where the ban stands, or stood and was lifted: a lifted ban stays lifted.

        The member's rank is looked at first, as for a kick.
        """
        if record.attempted_at is None:
            await _require_may_be_put_out(scene)
            return None
        try:
            await scene.guild.fetch_ban(scene.author)
        except discord.NotFound:
            return await _seen_in_audit_log(scene, record.attempted_at, discord.AuditLogAction.ban)
        return ""

    async def perform(self, scene: Scene, record: ActionRecord) -> str:
        """Say so by direct message, then ban."""
        note = await _say_farewell(scene, record)
        with once():
            await scene.guild.ban(scene.author, reason=scene.reason, delete_message_seconds=0)
        return note


class Flag:
    """Nothing but the case itself."""

    async def was_done(self, scene: Scene, record: ActionRecord) -> str | None:
        """The case is there."""
        return ""

    async def perform(self, scene: Scene, record: ActionRecord) -> str:
        """Nothing to do."""
        return ""


class Link(Flag):
    """Nothing but the case itself, which links to the message and does not repeat it."""


async def _member(scene: Scene) -> discord.Member | None:
    """The author as a member; None where they have left."""
    try:
        return await scene.guild.fetch_member(scene.author.id)
    except discord.NotFound:
        return None


async def _require_may_be_put_out(scene: Scene) -> None:
    """Raise where the author's rank forbids it; who has left has none."""
    if (member := await _member(scene)) is not None:
        _require_rank(scene, member)


def _require_rank(scene: Scene, member: discord.Member) -> None:
    """Raise where Discord would refuse whatever is done to the member: it need not be asked for that."""
    if member.id == scene.guild.owner_id:
        raise NotDoneError(tr("Discord lets nobody do this to the server's owner"))
    if not scene.guild.unavailable and scene.guild.me.top_role <= member.top_role:
        raise OutrankedError(member.top_role.id)


async def _seen_in_audit_log(scene: Scene, since: datetime, action: discord.AuditLogAction) -> str | None:
    """A note where the audit log shows that it was done since then; NotDoneError where that cannot be seen."""
    try:
        return tr("done before, and not repeated") if await is_in_audit_log(scene, since, action) else None
    except discord.Forbidden:
        raise NotDoneError(
            tr("its outcome is unknown: let the bot view the audit log, so that it need not guess")
        ) from None


async def _say_farewell(scene: Scene, record: ActionRecord) -> str:
    """Tell the member before they are put out, as nothing reaches them after; a note where that could not be done.

    Once is enough: not where they are warned with it anyway, nor where an interrupted try has told them.
    """
    others = [one.action.kind for one in scene.case.actions if one.asked_by == record.asked_by]
    if ActionKind.WARN in others:
        return ""
    try:
        if record.attempted_at is not None and await was_told(scene, record.attempted_at):
            return ""
        await again_if_lost(partial(_tell, scene, record, scene.farewell(record)))
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
