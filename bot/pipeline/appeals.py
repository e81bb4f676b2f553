"""Appeals: a member's words against a case reach moderators, and theirs the member. The bot itself judges none."""

from __future__ import annotations

import asyncio
import secrets
from functools import partial

import aiohttp
import discord
import structlog

from bot.discord_io.appeal_text import answer_text, notice_text, outcome_text
from bot.domain.records import CaseRecord, ReviewKind
from bot.domain.submission import NOBODY
from bot.language import mark, tr
from bot.pipeline.executor import RETRIED
from bot.pipeline.showing import Showing
from bot.store import Store

log = structlog.get_logger(__name__)

_AWAY = (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError)
_AGAIN_SECONDS = 2.0
_UNNOTICED = mark("no channel took the notice of this appeal: set one with /watch log")
_CLOSED = mark("the member could not be told: their direct messages are closed")
_UNSENT = mark("the member could not be told: the direct message could not be sent")
_FORGOTTEN = mark("the member could not be told: who they are was erased at their wish")


class Appeals:
    """Everything is kept first and told afterwards; what could not be told is noted on the appeal.

    Who may is looked at by whoever calls. Methods raise StoreError where somebody was first.
    """

    def __init__(self, client: discord.Client, store: Store, showing: Showing) -> None:
        """Tell through `client`, record in `store`, show cases through `showing`."""
        self._client = client
        self._store = store
        self._showing = showing

    async def lodge(self, case: CaseRecord, text: str) -> CaseRecord:
        """Keep what the author of the case's message says, and put the case before moderators again."""
        await self._store.appeals.lodge(case.guild_id, case.number, case.submission.author_id, text)
        if not await self._notice(case):
            await self._store.appeals.noted(case.guild_id, case.number, tr(_UNNOTICED))
        return await self._showing.show(case)

    async def answer(self, case: CaseRecord, moderator_id: int, text: str) -> CaseRecord:
        """Send the member a moderator's answer; one that did not reach them may be given again."""
        await self._store.appeals.answer(case.guild_id, case.number, moderator_id, text)
        await self._tell(case, answer_text(self._name(case), case.number, text))
        return await self._showing.show(case)

    async def tell_outcome(self, case: CaseRecord, kind: ReviewKind) -> None:
        """Tell the member what a moderator decided, where they have appealed the case."""
        now = await self._store.cases.get(case.guild_id, case.number)
        if now is not None and now.appeal is not None:
            await self._tell(now, outcome_text(self._name(now), now.number, kind))

    def _name(self, case: CaseRecord) -> str:
        guild = self._client.get_guild(case.guild_id)
        return guild.name if guild is not None else tr("the server")

    async def _tell(self, case: CaseRecord, text: str) -> None:
        await self._store.appeals.noted(case.guild_id, case.number, await self._sent(case, text))

    async def _sent(self, case: CaseRecord, text: str) -> str:
        """Send the author a direct message; why that could not be done, empty where it could."""
        if case.submission.author_id == NOBODY:
            return tr(_FORGOTTEN)
        try:
            await _send(await self._client.create_dm(discord.Object(case.submission.author_id)), text)
        except (discord.Forbidden, discord.NotFound):
            return tr(_CLOSED)
        except _AWAY as error:
            log.warning("appeal_not_told", guild_id=case.guild_id, case=case.number, error=type(error).__name__)
            return tr(_UNSENT)
        return ""

    async def _notice(self, case: CaseRecord) -> bool:
        """Say in the first channel that takes it that the case is appealed."""
        settings = await self._store.guilds.get(case.guild_id)
        places = (settings.review_channel_id, settings.log_channel_id, case.log_channel_id)
        for channel_id in dict.fromkeys(place for place in places if place is not None):
            channel = self._client.get_partial_messageable(channel_id, guild_id=case.guild_id)
            try:
                await _send(channel, notice_text(case))
            except _AWAY as error:
                log.warning("appeal_not_noticed", guild_id=case.guild_id, case=case.number, error=type(error).__name__)
            else:
                return True
        return False


async def _send(channel: discord.abc.Messageable, text: str) -> None:
    """Send a text once; where the answer is lost, what is sent again with the same nonce is not posted again."""
    send = partial(channel.send, text, nonce=secrets.token_hex(12), allowed_mentions=discord.AllowedMentions.none())
    try:
        await send()
    except RETRIED:
        await asyncio.sleep(_AGAIN_SECONDS)
        await send()
