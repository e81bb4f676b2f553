"""Back-fill: what was posted and edited while the bot was away, out of the channels' history.

Per server a time is kept until which everything came in. It stands still while the gateway is away, and until all that
was missed is in the journal: whatever stops the bot on the way, the next session reads the same gap again. What came in
and the database did not take was missed as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import aiohttp
import discord
import structlog

from bot.discord_io.client import LawspeakerClient
from bot.discord_io.history import newest_first
from bot.domain.decision import Mode
from bot.domain.guild import GuildSettings
from bot.domain.missed import Gap, gap_before
from bot.domain.submission import NOBODY
from bot.pipeline.intake import CONTEXT_MESSAGES, Intake, revision_of
from bot.pipeline.metrics import Metrics
from bot.pipeline.patience import StillAwayError
from bot.pipeline.tasks import end_all
from bot.store import Store
from bot.store.trouble import Trouble

log = structlog.get_logger(__name__)

MOST_MESSAGES = 500
"""So many of a channel's messages are read at most, the newest: that takes five requests."""
BEAT_SECONDS = 30.0
_MOST_BEATS_BETWEEN = 32
_MEMBERS_AT_ONCE = 100
# A process that was suspended wakes with a gateway that is gone and does not know it yet: heartbeats tell within this.
_DOUBT = timedelta(minutes=3)

Place = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread


class Backfill:
    """Hands what was missed to intake, in the background: one server after another, one channel after another."""

    def __init__(self, client: LawspeakerClient, store: Store, intake: Intake, metrics: Metrics) -> None:
        """Read the history through `client`; nothing happens before the first session."""
        self._client = client
        self._store = store
        self._intake = intake
        self._metrics = metrics
        # Servers of which something may still be missing, and when their gap ended.
        self._behind: dict[int, tuple[datetime, int]] = {}
        # Those of them of which more was missed since their history was last begun to be read.
        self._more: set[int] = set()
        self._beats, self._due = 0, 1
        self._doubted_until = datetime.min.replace(tzinfo=UTC)
        self._fills: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()
        self._beating: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to keep the time until which servers were heard."""
        self._beating = asyncio.create_task(self._beat(), name="heard-until")

    async def stop(self) -> None:
        """End; what is not handed in yet is read again in the next session."""
        await end_all([*self._fills, *([self._beating] if self._beating is not None else [])])

    # -- what the gateway tells -----------------------------------------------------------------------------

    def on_session(self) -> None:
        """The session's servers are known: of what happened before it Discord tells nothing, so it is read.

        The gateway may have gone away again meanwhile.
        """
        for fill in self._fills:
            fill.cancel()
        ended = datetime.now(UTC), self._intake.moment()
        self._behind = {guild.id: ended for guild in self._client.guilds}
        self._begin(self._client.guilds)

    def on_unavailable(self, guild: discord.Guild) -> None:
        """A server has an outage: of what is said in it Discord tells nothing, also not when it is over."""
        self.missed(guild.id)

    def on_available(self, guild: discord.Guild) -> None:
        """A server is there that was not yet when the session began, or is there again."""
        if guild.id in self._behind and self._client.is_connected():
            self._begin([guild])

    # -- what the database does not take --------------------------------------------------------------------

    def missed(self, guild_id: int) -> None:
        """A message of a server came in and was not recorded: its channels' history is read later."""
        self._more.add(guild_id)
        self._behind.setdefault(guild_id, (datetime.now(UTC), self._intake.moment()))

    def retry(self) -> None:
        """What held up reading is over: what is behind is read now."""
        self._beats, self._due = 0, 1
        self._begin_behind()

    # -- until when servers were heard ----------------------------------------------------------------------

    async def _beat(self) -> None:
        # What could not be read is tried again, less and less often.
        while True:
            before = datetime.now(UTC)
            await asyncio.sleep(BEAT_SECONDS)
            now = datetime.now(UTC)
            if now - before > timedelta(seconds=BEAT_SECONDS) + _DOUBT:
                self._doubted_until = now + _DOUBT
            await self._note_heard()
            if not self._behind:
                self._beats, self._due = 0, 1
            elif not self._fills and self._client.is_connected():
                self._beats += 1
                if self._beats >= self._due:
                    self._beats, self._due = 0, min(self._due * 2, _MOST_BEATS_BETWEEN)
                    self._begin_behind()

    async def _note_heard(self) -> None:
        now = datetime.now(UTC)
        behind = self._behind.keys() | self._intake.held_up()
        heard = [one.id for one in self._client.guilds if not one.unavailable and one.id not in behind]
        if not self._client.is_connected() or now < self._doubted_until or not heard:
            return
        try:
            await self._store.presence.heard(heard, now)
        except Exception:
            log.exception("heard_until_not_kept")

    # -- reading what was missed ----------------------------------------------------------------------------

    def _begin_behind(self) -> None:
        # Where the database takes nothing, reading would be for nothing.
        takes = self._store.condition.trouble in {None, Trouble.DAMAGED}
        if takes and not self._fills and self._client.is_connected():
            self._begin([guild for guild in self._client.guilds if guild.id in self._behind])

    def _begin(self, guilds: Sequence[discord.Guild]) -> None:
        there = [guild for guild in guilds if not guild.unavailable]
        fill = asyncio.create_task(self._fill(there), name="backfill")
        self._fills.add(fill)
        fill.add_done_callback(self._fills.discard)

    async def _fill(self, guilds: Sequence[discord.Guild]) -> None:
        """Fill servers; those of which all was read that can be are behind no more."""
        for guild in guilds:
            async with self._turn:
                if guild.id not in self._behind:
                    continue
                self._more.discard(guild.id)
                try:
                    is_whole = await self._fill_guild(guild, *self._behind[guild.id])
                except Exception:
                    log.exception("backfill_failed", guild_id=guild.id)
                else:
                    if is_whole and guild.id not in self._more:
                        self._behind.pop(guild.id, None)
        await self._note_heard()

    async def _fill_guild(self, guild: discord.Guild, now: datetime, moment: int) -> bool:
        """Whether all that can be read was, of a gap that ended `now`; what the database raises."""
        settings = await self._store.guilds.get(guild.id)
        heard = await self._store.presence.of(guild.id)
        reach, joined_at = timedelta(minutes=settings.backfill_minutes), guild.me.joined_at
        is_whole = True
        for place, watched_id in _watched(guild, settings):
            gap = gap_before(now, reach, heard.until, heard.watched_at.get(watched_id), joined_at)
            if gap is None or not _may_hold(place, gap):
                continue
            about = {"guild_id": guild.id, "channel_id": place.id}
            try:
                if not _may_read(place):
                    log.warning("backfill_not_allowed", **about)
                elif found := await self._fill_place(place, gap, moment):
                    log.info("backfilled", messages=found, **about)
            # The last: a thread whose channel the bot does not see.
            except (discord.Forbidden, discord.NotFound, discord.ClientException) as error:
                log.warning("backfill_not_allowed", error=type(error).__name__, **about)
            except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
                is_whole = False
                log.warning("backfill_interrupted", error=type(error).__name__, **about)
        return is_whole

    async def _fill_place(self, place: Place, gap: Gap, moment: int) -> int:
        """How many messages of a channel were handed in; what Discord and the database raise."""
        history = await _history(place, gap.oldest)
        known = await self._store.journal.authors([one.id for one in history])
        # What a member who was forgotten wrote is not taken back in as what somebody else answered to.
        forgotten = {message_id for (message_id, _), author_id in known.items() if author_id == NOBODY}
        missed = [
            (number, one)
            for number, one in enumerate(history)
            if gap.holds(one.created_at, one.edited_at) and (one.id, revision_of(one.edited_at)) not in known
        ]
        authors = {one.author.id for _, one in missed if one.webhook_id is None}
        members = await _members(place.guild, sorted(authors))
        handed = 0
        for number, message in missed:
            # In a history Discord does not say which roles they have.
            message.author = members.get(message.author.id, message.author)
            before = [one for one in history[max(number - CONTEXT_MESSAGES, 0) : number] if one.id not in forgotten]
            try:
                is_taken = await self._intake.on_missed(message, before, moment)
            except StillAwayError:
                raise
            except Exception:
                # As with one that is heard: what cannot be taken holds up none after it.
                log.exception("missed_message_not_taken", guild_id=place.guild.id, message_id=message.id)
                continue
            if is_taken:
                self._metrics.backfilled()
                handed += 1
        return handed


def _watched(guild: discord.Guild, settings: GuildSettings) -> Iterator[tuple[Place, int]]:
    """Channels and active threads that are judged, each with the id under which it, or its channel, is watched."""
    for place in (*guild.channels, *guild.threads):
        if not isinstance(place, Place):
            continue
        parent_id = place.parent_id if isinstance(place, discord.Thread) else None
        if settings.mode_in(place.id, parent_id) is not Mode.OFF:
            yield place, place.id if parent_id is None or place.id in settings.watched else parent_id


def _may_hold(place: Place, gap: Gap) -> bool:
    """Whether something may have been posted since the gap began: a quiet channel costs no request."""
    last_id = place.last_message_id
    return last_id is None or discord.utils.snowflake_time(last_id) >= gap.oldest


def _may_read(place: Place) -> bool:
    """Whether the bot may read the history: where it may not, Discord gives an empty one."""
    permissions = place.permissions_for(place.guild.me)
    return permissions.view_channel and permissions.read_message_history


async def _history(place: Place, oldest: datetime) -> list[discord.Message]:
    """A channel's messages since a time, the oldest first: the newest MOST_MESSAGES of them."""
    found = [message async for message in newest_first(place, oldest, MOST_MESSAGES)]
    if len(found) == MOST_MESSAGES:
        log.warning("backfill_cut_short", guild_id=place.guild.id, channel_id=place.id, messages=len(found))
    return found[::-1]


async def _members(guild: discord.Guild, user_ids: Sequence[int]) -> dict[int, discord.Member]:
    """Members by id; those who left are missing. TimeoutError, or Discord's error, where that cannot be told.

    Whom the gateway does not name is asked for alone: where it goes away meanwhile, it names nobody, and a moderator
    must not be taken for somebody without a role.
    """
    found: dict[int, discord.Member] = {}
    for start in range(0, len(user_ids), _MEMBERS_AT_ONCE):
        page = list(user_ids[start : start + _MEMBERS_AT_ONCE])
        members = await guild.query_members(user_ids=page, limit=_MEMBERS_AT_ONCE, cache=False)
        found |= {member.id: member for member in members}
    for user_id in user_ids:
        if user_id not in found:
            with suppress(discord.NotFound):
                found[user_id] = await guild.fetch_member(user_id)
    return found
