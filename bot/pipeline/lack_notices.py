"""Notices: moderators are told once what the bot lacks and how to mend it, and see when it is mended."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import UTC, datetime

import discord
import structlog

from bot.discord_io.lack_text import lack_notice, mended_text, notice_head
from bot.discord_io.lacking import holds, lacking
from bot.discord_io.speaking import in_every_language, language_with
from bot.domain.decision import Mode
from bot.domain.guild import GuildSettings
from bot.domain.lacks import FOR_EMBEDS, Lack, LackKind, OpenLack
from bot.language import speaking
from bot.pipeline.lacks import Lacks
from bot.pipeline.passing import REQUEST_ERRORS, may_pass
from bot.pipeline.tasks import end_all
from bot.pipeline.traces import CLOCKS_APART
from bot.store import Store

log = structlog.get_logger(__name__)

LOOK_SECONDS = 60.0
_LOOK_BACK = 500
_POSTING = frozenset({LackKind.POST, LackKind.GONE, LackKind.REFUSED})
_WATCHING = frozenset({LackKind.READ, LackKind.DELETE})


class LackNotices:
    """Records what is lacked, then says so where it is read: log channel, review channel, else to the owner.

    Everything happens in one task: nobody who works on a case waits for it, and no notice is posted by two.
    """

    def __init__(self, client: discord.Client, store: Store, lacks: Lacks) -> None:
        """Post through `client`, record in `store` what `lacks` hears of."""
        self._client = client
        self._store = store
        self._lacks = lacks
        self._changed: set[int] = set()
        self._left_behind: set[str] = set()
        self._owners_asked: set[str] = set()
        self._task: asyncio.Task[None] | None = None

    def look_at(self, guild_id: int) -> None:
        """Roles or channels of a server are others: within LOOK_SECONDS it is seen whether the bot lacks anything."""
        self._changed.add(guild_id)

    def gone(self, guild: discord.Guild, channel_id: int) -> None:
        """A channel or thread was deleted: if cases are posted there, that is told."""
        self._lacks.notice(guild, Lack(LackKind.GONE, channel_id))

    def start(self) -> None:
        """Begin, with what an earlier process left behind."""
        self._task = asyncio.create_task(self._run(), name="lacks")

    async def stop(self) -> None:
        """End; what nobody was told of yet is told after the next start."""
        if self._task is not None:
            await end_all([self._task])

    async def look(self, guild_ids: Collection[int]) -> None:
        """Tell what is new on these servers, and what is over."""
        changed, self._changed = self._changed, set()
        for guild_id in sorted({*guild_ids, *changed}):
            guild = self._client.get_guild(guild_id)
            if guild is None or guild.unavailable:
                continue
            try:
                settings = await self._store.guilds.get(guild_id)
                with speaking(language_with(self._client, settings)):
                    await self._look_at(guild, settings, is_changed=guild_id in changed)
            except REQUEST_ERRORS as error:
                log.warning("lacks_not_told", guild_id=guild_id, error=type(error).__name__)
            except Exception:
                log.exception("lacks_not_kept", guild_id=guild_id)

    async def _run(self) -> None:
        news: set[int] | None = None
        while True:
            try:
                if news is None:
                    await self._recall()
                    news = self._lacks.servers()
                await self.look(news)
            except Exception:
                log.exception("lacks_not_looked_at")
            news = await self._lacks.news(LOOK_SECONDS)

    async def _recall(self) -> None:
        for guild_id in await self._store.lacks.servers():
            rows = await self._store.lacks.of(guild_id)
            self._lacks.known(guild_id, rows)
            self._left_behind.update(row.nonce for row in rows if row.message_id is None)

    async def _look_at(self, guild: discord.Guild, settings: GuildSettings, *, is_changed: bool) -> None:
        if is_changed:
            for lack in _seen_everywhere(guild, settings):
                self._lacks.notice(guild, lack)
        await self._record(guild, settings)
        by_nonce: dict[str, list[OpenLack]] = defaultdict(list)
        for row in await self._store.lacks.of(guild.id):
            by_nonce[row.nonce].append(row)
        for rows in by_nonce.values():
            over = [row for row in rows if self._is_over(guild, settings, row)]
            if over:
                await self._close(guild, over, is_whole=len(over) == len(rows))
            elif rows[0].message_id is None:
                await self._tell(guild, settings, rows)

    # -- what is lacked ---------------------------------------------------------------------------------------

    async def _record(self, guild: discord.Guild, settings: GuildSettings) -> None:
        """Put on record what is not yet, but for what is over already."""
        known = {row.lack: row.seen for row in await self._store.lacks.of(guild.id)}
        new = {}
        for lack, seen in self._lacks.on(guild.id).items():
            holds_now = holds(guild, lack)
            if lack in known:
                if not known[lack] and (seen or holds_now):
                    new[lack] = True
            elif not _is_wanted(guild, settings, lack) or (seen and not holds_now):
                self._lacks.forget(guild.id, lack)
            else:
                new[lack] = holds_now
        if any(lack.kind is LackKind.DELETE for lack in new):
            # The same was taken from the bot in other channels too, mostly: one notice says so.
            new |= {one: True for one in _undeletable(guild, settings) if one not in known}
        if new:
            await self._store.lacks.open(guild.id, new, datetime.now(UTC))
            self._lacks.known(guild.id, await self._store.lacks.of(guild.id))

    def _is_over(self, guild: discord.Guild, settings: GuildSettings, row: OpenLack) -> bool:
        if not _is_wanted(guild, settings, row.lack) or self._lacks.is_over(guild.id, row.lack):
            return True
        return row.seen and not holds(guild, row.lack)

    # -- what is told -----------------------------------------------------------------------------------------

    async def _tell(self, guild: discord.Guild, settings: GuildSettings, rows: list[OpenLack]) -> None:
        """Post the notice in the first place that takes it; where none does it is tried again at the next look."""
        nonce = rows[0].nonce
        text = lack_notice(guild, [row.lack for row in rows])
        closed = {one.place_id for one in self._lacks.on(guild.id) if one.kind in {LackKind.GONE, LackKind.REFUSED}}
        for channel_id in _places(guild, settings, closed):
            channel = self._client.get_partial_messageable(channel_id, guild_id=guild.id)
            if await self._posted(guild, channel, rows, text):
                return
        if guild.owner_id is None or nonce in self._owners_asked:
            return
        self._owners_asked.add(nonce)
        try:
            owner = await self._client.create_dm(discord.Object(guild.owner_id))
        except discord.HTTPException as error:
            log.warning("lacks_not_told", guild_id=guild.id, error=type(error).__name__)
            return
        await self._posted(guild, owner, rows, text)

    async def _posted(
        self, guild: discord.Guild, channel: discord.abc.Messageable, rows: list[OpenLack], text: str
    ) -> bool:
        nonce = rows[0].nonce
        try:
            message = await self._found(guild, channel, rows[0]) if nonce in self._left_behind else None
            if message is None:
                message = await channel.send(text, nonce=nonce, allowed_mentions=discord.AllowedMentions.none())
        except discord.HTTPException as error:
            if may_pass(error):
                raise
            return False
        await self._store.lacks.told(guild.id, nonce, message.channel.id, message.id)
        self._left_behind.discard(nonce)
        return True

    async def _found(
        self, guild: discord.Guild, channel: discord.abc.Messageable, row: OpenLack
    ) -> discord.Message | None:
        """The notice that an earlier process may have posted and had no time to record: nonces last only minutes."""
        heads = tuple(in_every_language(lambda: notice_head(guild.name)))
        async for message in channel.history(limit=_LOOK_BACK, after=row.since - CLOCKS_APART, oldest_first=False):
            if message.author == self._client.user and message.content.startswith(heads):
                return message
        return None

    async def _close(self, guild: discord.Guild, over: list[OpenLack], *, is_whole: bool) -> None:
        """What is over goes; with the last of a notice the notice says so."""
        first = over[0]
        if is_whole and first.channel_id is not None and first.message_id is not None:
            post = self._client.get_partial_messageable(first.channel_id).get_partial_message(first.message_id)
            text = mended_text(guild.name, first.since, datetime.now(UTC))
            try:
                await post.edit(content=text, allowed_mentions=discord.AllowedMentions.none())
            except discord.HTTPException as error:
                if may_pass(error):
                    raise
        await self._store.lacks.close(guild.id, [row.lack for row in over])
        for row in over:
            self._lacks.forget(guild.id, row.lack)


def _seen_everywhere(guild: discord.Guild, settings: GuildSettings) -> Iterator[Lack]:
    """What can be seen to be lacked before anything fails for it: where the bot reads nothing, nothing fails."""
    judged = [one for one in settings.watched if settings.mode_in(one) is not Mode.OFF]
    posted = [one for one in (settings.log_channel_id, settings.review_channel_id) if one is not None and judged]
    wanted = [Lack(LackKind.READ, one) for one in judged] + [Lack(LackKind.POST, one) for one in posted]
    return (lack for lack in wanted if lacking(guild, lack))


def _undeletable(guild: discord.Guild, settings: GuildSettings) -> Iterator[Lack]:
    enforced = (Lack(LackKind.DELETE, one) for one in settings.watched if settings.mode_in(one) is Mode.ENFORCE)
    return (lack for lack in enforced if lacking(guild, lack))


def _is_wanted(guild: discord.Guild, settings: GuildSettings, lack: Lack) -> bool:
    """Whether the server still asks for what the bot lacks something for."""
    if lack.kind in _POSTING:
        return lack.place_id in {settings.log_channel_id, settings.review_channel_id}
    threads = [one for one in guild.threads if one.parent_id == lack.place_id and one.id in settings.watched]
    places = [lack.place_id, *(one.id for one in threads)]
    return lack.kind not in _WATCHING or any(settings.mode_in(one) is not Mode.OFF for one in places)


def _places(guild: discord.Guild, settings: GuildSettings, closed: Collection[int]) -> Iterator[int]:
    """Where a notice may be posted, best first; it takes no embeds."""
    for channel_id in dict.fromkeys((settings.log_channel_id, settings.review_channel_id)):
        if channel_id is None or channel_id in closed:
            continue
        if set(lacking(guild, Lack(LackKind.POST, channel_id))) <= FOR_EMBEDS:
            yield channel_id
