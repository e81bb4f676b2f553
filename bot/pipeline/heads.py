"""Posts the head of each server's chain to its mod log, once a day: there no change of the database reaches it."""

from __future__ import annotations

from datetime import UTC, datetime, time

import aiohttp
import discord
import structlog

from bot.discord_io.history import Readable, newest_first
from bot.discord_io.lacking import lacking
from bot.discord_io.speaking import language_with
from bot.domain.lacks import FOR_EMBEDS, Lack, LackKind
from bot.language import speaking, tr
from bot.pipeline.lacks import Lacks
from bot.pipeline.traces import CLOCKS_APART
from bot.store import Store
from bot.store.chain_posts import HeadPost

log = structlog.get_logger(__name__)

_POSTABLE = discord.TextChannel | discord.Thread | discord.VoiceChannel


class HeadPosts:
    """Safe to run as often as one likes, and again after a restart."""

    def __init__(self, client: discord.Client, store: Store, lacks: Lacks) -> None:
        """Post through `client`, record in `store`; `lacks` hears where that cannot be."""
        self._client = client
        self._store = store
        self._lacks = lacks

    async def post_due(self, now: datetime) -> int:
        """Post what is due on the day of `now`, in UTC; how many heads that were. What fails is tried the next time."""
        posted = 0
        for guild in list(self._client.guilds):
            try:
                posted += await self._post(guild, now)
            except (discord.Forbidden, discord.NotFound):
                log.warning("chain_head_refused", guild_id=guild.id)
            except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
                log.warning("chain_head_not_posted", guild_id=guild.id, error=type(error).__name__)
        return posted

    async def _post(self, guild: discord.Guild, now: datetime) -> bool:
        settings = await self._store.guilds.get(guild.id)
        if settings.log_channel_id is None:
            return False
        lack = Lack(LackKind.POST, settings.log_channel_id)
        if set(lacking(guild, lack)) - FOR_EMBEDS:
            self._lacks.notice(guild, lack)
            return False
        post = await self._store.head_posts.due(guild.id, now.astimezone(UTC).date())
        if post is None:
            return False
        channel = self._client.get_channel(settings.log_channel_id) or await self._client.fetch_channel(
            settings.log_channel_id
        )
        if not isinstance(channel, _POSTABLE):
            return False
        message = await self._found(channel, post)
        if message is None:
            with speaking(language_with(self._client, settings)):
                text = head_text(post)
            message = await channel.send(text, nonce=post.nonce, allowed_mentions=discord.AllowedMentions.none())
        await self._store.head_posts.posted(guild.id, post.day, channel.id, message.id)
        return True

    async def _found(self, channel: Readable, post: HeadPost) -> discord.Message | None:
        """The post of an earlier try that was not recorded: nonces last only minutes."""
        if not post.was_tried:
            return None
        midnight = datetime.combine(post.day, time(), UTC)
        async for message in newest_first(channel, midnight - CLOCKS_APART):
            if message.author == self._client.user and _hash_of(post) in message.content:
                return message
        return None


def head_text(post: HeadPost) -> str:
    """What is posted: the day, how many links there are and the last one's hash; nothing that anybody wrote. Pure."""
    return tr(
        "On {day} the chain of this server's records ends with link {link}, whose hash is {hash}. "
        "With it `lawspeaker db check --head` shows whether they are still the same.",
        day=post.day.isoformat(),
        link=post.head.sequence,
        hash=_hash_of(post),
    )


def _hash_of(post: HeadPost) -> str:
    """The hash as it stands in the post: by it the post is found again, in whatever language it is."""
    return f"`{post.head.hash.hex()}`"
