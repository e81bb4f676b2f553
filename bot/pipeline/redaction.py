"""Redaction: a case's post in the mod log, without anything that its author wrote."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

import discord

from bot.discord_io.embeds import case_embed
from bot.domain.records import CaseRecord
from bot.domain.submission import NOBODY
from bot.pipeline.passing import REQUEST_ERRORS


class PostFate(StrEnum):
    """What became of a post: `gone` is one that somebody deleted, or whose channel is no more."""

    REDACTED = "redacted"
    GONE = "gone"
    FORBIDDEN = "forbidden"
    AWAY = "away"


class Redactor:
    """Edits posts; one that holds nothing any more becomes the same again."""

    def __init__(self, client: discord.Client) -> None:
        """Edit through `client`."""
        self._client = client

    async def redact(self, case: CaseRecord, rule_text: str) -> PostFate:
        """Take all out of a case's post that its author wrote; see `edit`."""
        return await self.edit(without_words(case), rule_text)

    async def edit(self, case: CaseRecord, rule_text: str) -> PostFate:
        """Let a case's post, which must have been posted, show it so; never raises for what Discord answers."""
        assert case.log_channel_id is not None
        assert case.log_message_id is not None
        channel = self._client.get_partial_messageable(case.log_channel_id, guild_id=case.guild_id)
        try:
            post = channel.get_partial_message(case.log_message_id)
            await post.edit(embed=case_embed(case, rule_text), attachments=[])
        except discord.NotFound:
            return PostFate.GONE
        except discord.Forbidden:
            return PostFate.FORBIDDEN
        except REQUEST_ERRORS:
            return PostFate.AWAY
        return PostFate.REDACTED


def without_reporter(case: CaseRecord, member_id: int) -> CaseRecord:
    """A case without a member among those who reported it. Pure."""
    return replace(case, reporters=tuple(one for one in case.reporters if one != member_id))


def without_words(case: CaseRecord) -> CaseRecord:
    """A case as it is kept of somebody who was forgotten: who they are and what they wrote is not in it. Pure."""
    submission = replace(case.submission, author_id=NOBODY, author_name="", text="", normalised="", context=())
    verdict = case.verdict and replace(case.verdict, rationale="", quote="", reasoning="")
    appeal = case.appeal and replace(case.appeal, text="", answer="")
    reviews = tuple(replace(review, note="") for review in case.reviews)
    return replace(case, submission=submission, verdict=verdict, reviews=reviews, notes=(), appeal=appeal)
