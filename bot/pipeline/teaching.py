"""Teaching: what moderators answer becomes examples, one by one and only where they say so."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from bot.domain.learned import LearnedExample, Lesson, lesson_of, used
from bot.domain.records import CaseRecord
from bot.judge.interface import Judge, JudgeError
from bot.pipeline.law import live_law, published
from bot.pipeline.rules import rule_texts_of
from bot.store import Store

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Learned:
    """What a server has learned, newest first, and which of it is added to the live policy, by id."""

    examples: tuple[LearnedExample, ...]
    used: frozenset[int]


class Teaching:
    """An example holds from the next message on. Who may teach is looked at by whoever calls."""

    def __init__(self, store: Store, judge: Judge) -> None:
        """Keep examples in `store`; have `judge` compile what is then the law."""
        self._store = store
        self._judge = judge

    async def lesson(self, case: CaseRecord) -> Lesson | None:
        """What could be learned from a moderator's answer to a case; None where nothing can be.

        A rule that the live policy does not have in these words teaches nothing.
        """
        lesson = lesson_of(case, await rule_texts_of(self._store, case))
        return lesson if lesson is not None and await self.holds(case.guild_id, lesson) else None

    async def holds(self, guild_id: int, lesson: Lesson) -> bool:
        """Whether the live policy has the rule in the words that a lesson is about."""
        version = await self._store.policies.live(guild_id)
        return version is not None and published(version).key_with_words(lesson.rule, lesson.words) is not None

    async def learned(self, guild_id: int) -> Learned:
        """All that a server has learned."""
        examples = await self._store.learned.of(guild_id)
        version = await self._store.policies.live(guild_id)
        added = used(published(version), examples) if version is not None else ()
        return Learned(tuple(examples), frozenset(one.learned.id for one in added))

    async def prepare(self, guild_id: int) -> None:
        """Compile the card of what is the law now, so that the next message need not wait for it."""
        law = await live_law(self._store, guild_id)
        if law is None:
            return
        try:
            await self._judge.prepare(law.policy)
        except JudgeError as error:
            log.warning("not_prepared", guild_id=guild_id, reason=str(error))
