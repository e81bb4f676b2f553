"""Appeals: a member's words against a case reach moderators, and theirs the member. The bot itself judges none."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import discord
import structlog

from bot.discord_io.appeal_text import answer_text, notice_text, outcome_text
from bot.discord_io.speaking import in_every_language, language_in
from bot.domain.records import Appeal, CaseRecord, Review, ReviewKind
from bot.domain.submission import NOBODY
from bot.domain.untold import Untold, untold_by
from bot.language import mark, speaking, tr
from bot.pipeline.passing import REQUEST_ERRORS
from bot.pipeline.sending import again_if_lost
from bot.pipeline.showing import Showing
from bot.pipeline.turns import Turns
from bot.store import Store

log = structlog.get_logger(__name__)

_LOOK_BACK = 1_000
_UNNOTICED = mark("no channel took the notice of this appeal: set one with /watch log")
_CLOSED = mark("the member could not be told: their direct messages are closed")
_UNSENT = mark("the member could not be told: the direct message could not be sent")
_FORGOTTEN = mark("the member could not be told: who they are was erased at their wish")


class Appeals:
    """Everything is kept first and told afterwards; what could not be told is noted on the appeal.

    What is to be told is kept with the deed, so that a process that ends in between leaves nothing untold. Who may is
    looked at by whoever calls. Methods raise StoreError where somebody was first.
    """

    def __init__(self, client: discord.Client, store: Store, showing: Showing) -> None:
        """Tell through `client`, record in `store`, show cases through `showing`."""
        self._client = client
        self._store = store
        self._showing = showing
        # Of one appeal nothing is told twice by two who look at once.
        self._turns = Turns()

    async def lodge(self, case: CaseRecord, text: str) -> CaseRecord:
        """Keep what the author of the case's message says, and put the case before moderators again."""
        await self._store.appeals.lodge(case.guild_id, case.number, case.submission.author_id, text)
        await self.tell(case)
        return await self._showing.show(case)

    async def answer(self, case: CaseRecord, moderator_id: int, text: str) -> CaseRecord:
        """Send the member a moderator's answer; one that did not reach them may be given again."""
        # In turns: while one answer is being sent, nobody gives another.
        async with self._turns.of(case.journal_id):
            await self._store.appeals.answer(case.guild_id, case.number, moderator_id, text)
            await self._tell_now(case)
        return await self._showing.show(case)

    async def tell(self, case: CaseRecord) -> None:
        """Tell what is still to be told of a case's appeal, if there is one."""
        async with self._turns.of(case.journal_id):
            await self._tell_now(case)

    async def _tell_now(self, case: CaseRecord) -> None:
        now = await self._store.cases.get(case.guild_id, case.number)
        if now is not None and now.appeal is not None and (untold := untold_by(now.appeal.note)):
            await self._tell(now, now.appeal, untold)

    async def resume(self) -> None:
        """Tell what a process that ended left untold; what it told, and had no time to note, is looked for first."""
        for guild_id, number in await self._store.appeals.untold():
            try:
                if case := await self._store.cases.get(guild_id, number):
                    with speaking(await language_in(self._client, self._store, guild_id)):
                        await self._find(case)
                        await self.tell(case)
                        await self._showing.show(case)
            except Exception:
                log.exception("appeal_not_resumed", guild_id=guild_id, case=number)

    async def _find(self, case: CaseRecord) -> None:
        """Note it as told where it stands on Discord already."""
        async with self._turns.of(case.journal_id):
            now = await self._store.cases.get(case.guild_id, case.number)
            if now is None or now.appeal is None or (untold := untold_by(now.appeal.note)) is None:
                return
            texts = in_every_language(lambda: self._text(now, untold))
            channels: list[discord.abc.Messageable] = []
            if untold is Untold.APPEAL:
                # Somebody may have answered the case since.
                texts |= in_every_language(lambda: self._text(replace(now, reviews=()), untold))
                channels += [self._channel(now, one) for one in await self._places(now)]
            else:
                channels.append(await self._client.create_dm(discord.Object(now.submission.author_id)))
            since = _moment(now, now.appeal, untold)
            for channel in channels:
                if await self._stands(channel, texts, since):
                    await self._store.appeals.noted(now.guild_id, now.number, "")
                    return

    async def _stands(self, channel: discord.abc.Messageable, texts: Collection[str], since: datetime) -> bool:
        """Whether the bot wrote one of these texts there since a time."""
        try:
            async for message in channel.history(limit=_LOOK_BACK, after=since - timedelta(minutes=1)):
                if message.author == self._client.user and message.content in texts:
                    return True
        except (discord.Forbidden, discord.NotFound):
            log.info("appeal_not_looked_for")
        return False

    async def _tell(self, case: CaseRecord, appeal: Appeal, untold: Untold) -> None:
        if untold is Untold.APPEAL:
            note = "" if await self._notice(case) else tr(_UNNOTICED)
        elif untold is Untold.ANSWER and not appeal.answer:
            note = tr(_UNSENT)  # its words are no longer kept
        else:
            note = await self._sent(case, self._text(case, untold))
        await self._store.appeals.noted(case.guild_id, case.number, note)

    def _text(self, case: CaseRecord, untold: Untold) -> str:
        """What is told."""
        assert case.appeal is not None
        if untold is Untold.APPEAL:
            return notice_text(case)
        if untold is Untold.ANSWER:
            return answer_text(self._name(case), case.number, case.appeal.answer)
        return outcome_text(self._name(case), case.number, _decided(case).kind)

    def _name(self, case: CaseRecord) -> str:
        guild = self._client.get_guild(case.guild_id)
        return guild.name if guild is not None else tr("the server")

    async def _sent(self, case: CaseRecord, text: str) -> str:
        """Send the author a direct message; why that could not be done, empty where it could."""
        if case.submission.author_id == NOBODY:
            return tr(_FORGOTTEN)
        try:
            await _send(await self._client.create_dm(discord.Object(case.submission.author_id)), text)
        except (discord.Forbidden, discord.NotFound):
            return tr(_CLOSED)
        except REQUEST_ERRORS as error:
            log.warning("appeal_not_told", guild_id=case.guild_id, case=case.number, error=type(error).__name__)
            return tr(_UNSENT)
        return ""

    async def _notice(self, case: CaseRecord) -> bool:
        """Say in the first channel that takes it that the case is appealed."""
        for channel_id in await self._places(case):
            try:
                await _send(self._channel(case, channel_id), self._text(case, Untold.APPEAL))
            except REQUEST_ERRORS as error:
                log.warning("appeal_not_noticed", guild_id=case.guild_id, case=case.number, error=type(error).__name__)
            else:
                return True
        return False

    async def _places(self, case: CaseRecord) -> list[int]:
        """The channels for notices, best first."""
        settings = await self._store.guilds.get(case.guild_id)
        places = (settings.review_channel_id, settings.log_channel_id, case.log_channel_id)
        return list(dict.fromkeys(place for place in places if place is not None))

    def _channel(self, case: CaseRecord, channel_id: int) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(channel_id, guild_id=case.guild_id)


def _decided(case: CaseRecord) -> Review:
    """The last answer to a case that the author is told of."""
    return [one for one in case.reviews if one.kind is not ReviewKind.OTHER][-1]


def _moment(case: CaseRecord, appeal: Appeal, untold: Untold) -> datetime:
    """Since when it is to be told."""
    if untold is Untold.DECISION:
        return _decided(case).at
    return appeal.answered_at or appeal.at if untold is Untold.ANSWER else appeal.at


async def _send(channel: discord.abc.Messageable, text: str) -> None:
    """Send a text once; where the answer is lost, what is sent again with the same nonce is not posted again."""
    send = partial(channel.send, text, nonce=secrets.token_hex(12), allowed_mentions=discord.AllowedMentions.none())
    await again_if_lost(send)
