"""Teaching: what moderators answer becomes examples, one by one and only where they say so."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from bot.domain.lawbook import Parents
from bot.domain.learned import LearnedExample, Lesson, lesson_of, used
from bot.domain.records import CaseRecord
from bot.judge.interface import Judge, JudgeError, NoAnswerError
from bot.pipeline.law import Law, law_for, laws_somewhere
from bot.pipeline.rules import rule_texts_of
from bot.store import Store

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Learned:
    """What a server has learned, newest first, and which of it is added to a policy in force somewhere, by id."""

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

        A rule that what is in force there does not have in these words teaches nothing.
        """
        lesson = lesson_of(case, await rule_texts_of(self._store, case))
        try:
            law = await law_for(self._store, case.submission)
        except NoAnswerError:
            return None
        return lesson if lesson is not None and holds(law, lesson) else None

    async def learned(self, guild_id: int, parents: Parents) -> Learned:
        """All that a server has learned."""
        examples = await self._store.learned.of(guild_id)
        laws = await laws_somewhere(self._store, guild_id, parents)
        added = (one.learned.id for law in laws for one in used(law.written, examples))
        return Learned(tuple(examples), frozenset(added))

    async def prepare(self, guild_id: int, parents: Parents) -> None:
        """Compile the cards of what is in force now, so that the next message need not wait for them."""
        for law in await laws_somewhere(self._store, guild_id, parents):
            try:
                await self._judge.prepare(law.policy)
            except JudgeError as error:
                log.warning("not_prepared", guild_id=guild_id, reason=str(error))


def holds(law: Law | None, lesson: Lesson) -> bool:
    """Whether a law has the rule in the words that a lesson is about."""
    return law is not None and law.written.key_with_words(lesson.rule, lesson.words) is not None
