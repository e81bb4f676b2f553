"""Marks on a trial's messages: what the bot makes of each, told to who looks on in the page."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import discord

from bot.domain.records import CaseRecord, Judgement
from bot.domain.submission import Submission
from bot.pipeline.intake import revision_of
from bot.pipeline.scope import Facts
from bot.sandbox.model import Message
from bot.sandbox.server import SandboxServer
from bot.store import Store
from bot.trial import words

MOST_REMEMBERED = 2_000


@dataclass(slots=True)
class _Seen:
    """A message, its newest revision that came in, and whether that is settled."""

    message: Message
    revision: int
    settled: bool = False


class Marker:
    """Marks each message from when it is journalled until it is settled, and what a moderator answers.

    Of a message that is edited the newest revision counts. One that is not judged is marked with the reason.
    """

    def __init__(self, server: SandboxServer, store: Store) -> None:
        """Read cases from `store`, put marks on the messages of `server`."""
        self._server = server
        self._store = store
        self._seen: OrderedDict[int, _Seen] = OrderedDict()

    def taken(self, submission: Submission) -> None:
        """A submission is in the journal."""
        seen = self._renewed(submission.message_id, submission.channel_id, submission.revision)
        if seen is not None:
            self._server.mark(seen.message, words.PENDING, "waiting")

    def passed_over(self, told: discord.Message, facts: Facts, reason: str) -> None:
        """A message was found out of scope; those that no member wrote, the bot's own among them, have no mark."""
        if facts.is_own or facts.is_system:
            return
        seen = self._renewed(told.id, facts.channel_id, revision_of(told.edited_at))
        if seen is not None:
            seen.settled = True
            self._server.mark(seen.message, *words.on_passed_over(reason))

    def opened(self, case: CaseRecord) -> None:
        """A case was opened, which is now acted on."""
        seen = self._current(case.submission)
        if seen is not None and not seen.settled:
            self._server.mark(seen.message, *words.on_opened(case))

    async def settled(self, judgement: Judgement) -> None:
        """All is done about a submission."""
        # It may be settled before it was told that it came in.
        self.taken(judgement.submission)
        seen = self._current(judgement.submission)
        if seen is None:
            return
        case = None
        if judgement.case_number is not None:
            case = await self._store.cases.get(judgement.submission.guild_id, judgement.case_number)
        seen.settled = True
        # A moderator may have been faster.
        if case is None or not self._answered(case):
            self._server.mark(seen.message, *words.on_settled(judgement, case))

    def shown(self, case: CaseRecord) -> None:
        """A case has changed, maybe by a moderator's answer."""
        self._answered(case)

    def _answered(self, case: CaseRecord) -> bool:
        """Mark a message whose case has an answer; whether it has."""
        seen = self._current(case.submission)
        if seen is None or case.answer is None:
            return False
        self._server.mark(seen.message, *words.on_answered(case, case.answer.kind))
        return True

    def _current(self, submission: Submission) -> _Seen | None:
        seen = self._seen.get(submission.message_id)
        return seen if seen is not None and seen.revision == submission.revision else None

    def _renewed(self, message_id: int, channel_id: int, revision: int) -> _Seen | None:
        """Remember a revision of a message; None where it is not newer than the one that was seen."""
        known = self._seen.get(message_id)
        if known is not None and known.revision >= revision:
            return None
        # Kept, for one that is deleted is in its channel no more.
        message = known.message if known is not None else self._find(message_id, channel_id)
        if message is None:
            return None
        seen = self._seen[message_id] = _Seen(message, revision)
        self._seen.move_to_end(message_id)
        if len(self._seen) > MOST_REMEMBERED:
            self._seen.popitem(last=False)
        return seen

    def _find(self, message_id: int, channel_id: int) -> Message | None:
        channel = self._server.world.channels.get(channel_id)
        return channel.messages.get(message_id) if channel is not None else None
