"""Rehearsal: what the judge would say of a text and what would be made of it. Nothing is stored, nothing is done."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.care import decide_with_help
from bot.domain.decision import Decision, review_for
from bot.domain.guild import GuildSettings
from bot.domain.lawbook import Where
from bot.domain.submission import ContextMessage
from bot.domain.verdict import Verdict
from bot.judge.interface import Judge, JudgeError
from bot.language import mark, tr
from bot.pipeline.law import Law, drafted, law_in, law_of, verdict_under
from bot.store import Store

# A draft that was never judged by is compiled first, which takes about half a minute.
PATIENCE_SECONDS = 180.0
_SLOW = mark("The judge did not answer in three minutes: try again later.")


@dataclass(frozen=True, slots=True)
class Said:
    """What is judged: a text, the same with evasions undone, and the messages before it."""

    text: str
    normalised: str
    context: Sequence[ContextMessage] = ()


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What one law would make of a text: the one in force, or that with a draft, whose version has number 0 then.

    What was learned on the server is in both. `verdict` has a rationale where something would come of it; it is None
    where judging failed, and `decision.reason` then says why.
    """

    law: Law
    verdict: Verdict | None
    decision: Decision


class Rehearsal:
    """Asks the judge as the dispatcher does, and keeps nothing."""

    def __init__(self, store: Store, judge: Judge) -> None:
        """Read policies and thresholds from `store`."""
        self._store = store
        self._judge = judge

    async def under_each(self, guild_id: int, said: Said, where: Where) -> list[Rehearsed]:
        """What would be made of a text in a place under the law there, and under that with the draft that counts there.

        In this order; without those that are not there. A draft with the live version's text is none of its own.
        NoAnswerError where policies do not fit together.
        """
        book = await self._store.policies.lawbook(guild_id, where.place_ids)
        live = await law_of(self._store, guild_id, book.in_force(where))
        draft = await law_of(self._store, guild_id, drafted(book, where))
        if live and draft and live.policy.digest == draft.policy.digest:
            draft = None
        settings = await self._store.guilds.get(guild_id)
        return list(await asyncio.gather(*(self._under(one, said, settings) for one in (live, draft) if one)))

    async def under_live(self, guild_id: int, said: Said, where: Where) -> Rehearsed | None:
        """What would be made of a text in a place under the law there; None where nothing is in force.

        NoAnswerError where policies do not fit together.
        """
        law = await law_in(self._store, guild_id, where)
        return None if law is None else await self._under(law, said, await self._store.guilds.get(guild_id))

    async def _under(self, law: Law, said: Said, settings: GuildSettings) -> Rehearsed:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                verdict = await verdict_under(law, self._judge, said)
        except (JudgeError, TimeoutError) as error:
            return Rehearsed(law, None, review_for(tr(str(error) or _SLOW)))
        decision = decide_with_help(verdict, law.policy, settings.thresholds, settings.help_lines)
        return Rehearsed(law, await self._explained(law, said, verdict, decision), decision)

    async def _explained(self, law: Law, said: Said, verdict: Verdict, decision: Decision) -> Verdict:
        """The verdict with its rationale, where there is a rule to explain and the judge can."""
        if decision.rule is None or verdict.rationale:
            return verdict
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                why = await self._judge.explain(law.policy, said.text, decision.rule, said.context)
        except (JudgeError, TimeoutError):
            return verdict
        return replace(verdict, rationale=why.rationale, quote=why.quote)
