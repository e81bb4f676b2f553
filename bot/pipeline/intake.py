"""Intake: from a gateway event to a submission in the journal."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import discord
import structlog

from bot.domain.normalise import normalise
from bot.domain.records import Stamp
from bot.domain.storable import storable
from bot.domain.submission import ContextMessage, Submission
from bot.pipeline.arrivals import Arrivals
from bot.pipeline.journal import JournalWriter, UnstorableError
from bot.pipeline.known import KnownServers
from bot.pipeline.patience import StillAwayError, patiently
from bot.pipeline.scope import Facts, out_of_scope
from bot.pipeline.text import text_of
from bot.store import OutdatedError

log = structlog.get_logger(__name__)

CONTEXT_MESSAGES = 4
CONTEXT_CHARACTERS = 500
# Long enough for an outage of the bot's connection, and for a clock that is somewhat wrong.
EDIT_IS_NEWS = timedelta(hours=1)
# Of a server whose messages take so long to come into the journal not all was heard. Less than missed.OVERLAP.
HELD_UP = timedelta(minutes=1)
_CHANNELS_REMEMBERED = 2_000
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def revision_of(edited_at: datetime | None) -> int:
    """A revision's number: 0 for a message as first posted, else its edit's time in microseconds."""
    if edited_at is None:
        return 0
    return int((edited_at - _EPOCH).total_seconds() * 1_000_000)


class Intake:
    """Takes new and edited messages; what is out of scope costs one look at the settings.

    `on_lost` is told of a server some of whose messages the database did not take: they are in the channels' history.
    `can_record` tells whether it takes any, as far as is known. `on_taken` hears of each submission that is in the
    journal, `on_passed_over` of each message that is out of scope, and why.
    """

    def __init__(self, client: discord.Client, known: KnownServers, writer: JournalWriter) -> None:
        """Take settings from `known`, hand submissions to `writer`."""
        self._client = client
        self._known = known
        self._writer = writer
        self.on_lost: Callable[[int], None] = lambda guild_id: None
        self.can_record: Callable[[], bool] = lambda: True
        self.on_taken: Callable[[Submission], None] = lambda submission: None
        self.on_passed_over: Callable[[discord.Message, Facts, str], None] = lambda message, facts, reason: None
        self._arrivals = Arrivals(lambda: self.can_record())
        self._recent: OrderedDict[tuple[int, int], deque[tuple[int, ContextMessage]]] = OrderedDict()
        # Members by server and id, in the order in which they were forgotten.
        self._forgotten: list[tuple[int, int]] = []

    async def on_message(self, message: discord.Message) -> None:
        """A new message."""
        if message.guild is None:
            return
        # Before anything is waited for: of messages that come close together each must find those before it.
        context = self._context(message)
        self._remember(message)
        await self._hear(message, message.guild.id, context)

    async def on_raw_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """An edit, also of a message the library does not have in its cache.

        Discord tells of pins and link previews in the same way, months after the edit: those are none.
        """
        edited_at = payload.message.edited_at
        if payload.guild_id is None or edited_at is None or discord.utils.utcnow() - edited_at > EDIT_IS_NEWS:
            return
        await self._hear(payload.message, payload.guild_id, self._context(payload.message))

    def held_up(self) -> set[int]:
        """The servers of which a message came in more than HELD_UP ago, and is not in the journal yet."""
        return self._arrivals.servers_since_before(datetime.now(UTC) - HELD_UP)

    async def room(self) -> None:
        """Return when there is room for what the gateway tells next."""
        await self._arrivals.room()

    async def _hear(self, message: discord.Message, guild_id: int, context: tuple[ContextMessage, ...]) -> None:
        """Take a message that the gateway told of; one that the database does not take is fetched later."""
        moment = self.moment()
        try:
            async with self._arrivals.of(guild_id):
                await self._take(message, context, moment)
        except StillAwayError as error:
            log.warning("message_not_taken", guild_id=guild_id, message_id=message.id, reason=str(error))
            self.on_lost(guild_id)

    def moment(self) -> int:
        """A point in time for `on_missed`: of who is forgotten after it nothing from before comes in."""
        return len(self._forgotten)

    async def on_missed(self, message: discord.Message, before: Sequence[discord.Message], moment: int) -> bool:
        """A message from the history that was posted or edited while the bot was away; whether it was to be judged.

        `before` are messages of its channel from before it, the oldest first, and `moment` is when that was read, or
        earlier. Its author is to be a member where they are one: their roles say whether they are exempt.
        StillAwayError.
        """
        context = tuple(_context_message(one) for one in before[-CONTEXT_MESSAGES:])
        return await self._take(message, context, moment, missed=True)

    async def forget(self, guild_id: int, member_id: int) -> None:
        """Return when nothing that a member wrote on a server so far can come into the journal any more.

        What they write afterwards is taken as before.
        """
        self._forgotten.append((guild_id, member_id))
        for place, kept in self._recent.items():
            if place[0] == guild_id:
                others = [item for item in kept if item[1].author_id != member_id]
                kept.clear()
                kept.extend(others)
        self._known.forget(guild_id)
        await self._writer.flush()

    def forget_server(self, guild_id: int) -> None:
        """Remember nothing of what was said on a server."""
        self._known.forget(guild_id)
        for place in [place for place in self._recent if place[0] == guild_id]:
            del self._recent[place]

    async def _take(
        self, message: discord.Message, context: tuple[ContextMessage, ...], before: int, *, missed: bool = False
    ) -> bool:
        """Whether there was something to judge; it is in the journal then. StillAwayError."""
        if message.guild is None:
            return False
        guild_id = message.guild.id
        known = await patiently(lambda: self._known.last(guild_id), "settings_not_read", guild_id=guild_id)
        while True:
            facts = facts_of(message, self._client.user)
            reason = out_of_scope(known.settings, facts)
            if reason is None:
                submission = await self._read(message, guild_id, context, before)
                if submission is None:
                    return False
                # Whether the settings still hold is looked at in the transaction that journals it.
                with suppress(OutdatedError):
                    return await self._add(replace(submission, missed=missed), known.stamp)
            now = await patiently(lambda: self._known.now(guild_id), "settings_not_read", guild_id=guild_id)
            if reason is not None and now.stamp == known.stamp:
                self.on_passed_over(message, facts, reason)
                return False
            known = now

    async def _add(self, submission: Submission, in_scope_by: Stamp) -> bool:
        """Whether it is in the journal. StillAwayError, OutdatedError."""
        try:
            await self._writer.add(submission, in_scope_by)
        except UnstorableError as error:  # the database would refuse it again
            log.warning(
                "message_cannot_be_stored",
                guild_id=submission.guild_id, message_id=submission.message_id, error=str(error),
            )  # fmt: skip
            return False
        self.on_taken(submission)
        return True

    async def read(self, message: discord.Message, guild_id: int) -> Submission | None:
        """A message of a server as it would come in, wherever it stands; None where there is nothing to judge."""
        return await self._read(message, guild_id, self._context(message), self.moment())

    async def _read(
        self, message: discord.Message, guild_id: int, context: tuple[ContextMessage, ...], before: int
    ) -> Submission | None:
        """The submission of a message; None where it has no text, or its author is among those forgotten since."""
        text = storable(await text_of(message))
        if not text.strip():
            return None
        forgotten = {member_id for server_id, member_id in self._forgotten[before:] if server_id == guild_id}
        if message.author.id in forgotten:
            return None
        facts = facts_of(message, self._client.user)
        return Submission(
            guild_id=guild_id,
            channel_id=message.channel.id,
            parent_id=facts.parent_id,
            message_id=message.id,
            revision=revision_of(message.edited_at),
            author_id=message.author.id,
            author_name=storable(message.author.display_name),
            text=text,
            normalised=normalise(text),
            context=tuple(one for one in context if one.author_id not in forgotten),
            posted_at=message.edited_at or message.created_at,
            category_id=facts.category_id,
        )

    def _context(self, message: discord.Message) -> tuple[ContextMessage, ...]:
        """The few messages before it, and first the one it replies to where that is not among them."""
        before = [item for item in self._recent.get(_place(message), ()) if item[0] < message.id]
        reply = message.reference.resolved if message.reference else None
        if isinstance(reply, discord.Message) and reply.id not in {number for number, _ in before}:
            before = [(reply.id, _context_message(reply)), *before]
        return tuple(entry for _, entry in before)

    def _remember(self, message: discord.Message) -> None:
        kept = self._recent.setdefault(_place(message), deque(maxlen=CONTEXT_MESSAGES))
        kept.append((message.id, _context_message(message)))
        self._recent.move_to_end(_place(message))
        if len(self._recent) > _CHANNELS_REMEMBERED:
            self._recent.popitem(last=False)


def _place(message: discord.Message) -> tuple[int, int]:
    """The ids of a message's server and channel."""
    return message.guild.id if message.guild else 0, message.channel.id


def _context_message(message: discord.Message) -> ContextMessage:
    author, text = message.author.display_name[:100], message.content[:CONTEXT_CHARACTERS]
    return ContextMessage(storable(author), storable(text), message.author.id)


def facts_of(message: discord.Message, me: discord.ClientUser | None) -> Facts:
    """What scope needs to know of a message."""
    author, channel = message.author, message.channel
    member = author if isinstance(author, discord.Member) else None
    manages = member is not None and (
        channel.permissions_for(member).manage_messages
        if isinstance(channel, discord.abc.GuildChannel | discord.Thread)
        else member.guild_permissions.manage_messages
    )
    return Facts(
        channel_id=channel.id,
        parent_id=channel.parent_id if isinstance(channel, discord.Thread) else None,
        author_id=author.id,
        is_bot=author.bot or message.webhook_id is not None,
        is_own=me is not None and author.id == me.id,
        is_system=message.is_system(),
        may_manage_messages=manages,
        role_ids=frozenset(role.id for role in member.roles) if member else frozenset(),
        category_id=_category_of(channel),
    )


def _category_of(channel: discord.abc.MessageableChannel) -> int | None:
    """The category of a channel, or of the channel that a thread is in."""
    place = channel.parent if isinstance(channel, discord.Thread) else channel
    return place.category_id if isinstance(place, discord.abc.GuildChannel) else None
