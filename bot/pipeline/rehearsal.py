"""Rehearsal: what the judge would say of a text and what would be made of it. Nothing is stored, nothing is done."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.decision import Decision, ThresholdTable, decide, review_for
from bot.domain.policy import Policy
from bot.domain.records import PolicyVersion
from bot.domain.submission import ContextMessage
from bot.domain.verdict import Verdict
from bot.judge.interface import Judge, JudgeError
from bot.pipeline.law import law_of
from bot.store import Store

# A draft that was never judged by is compiled first, which takes about half a minute.
PATIENCE_SECONDS = 180.0
_SLOW = "The judge did not answer in three minutes: try again later."


@dataclass(frozen=True, slots=True)
class Said:
    """What is judged: a text, the same with evasions undone, and the messages before it."""

    text: str
    normalised: str
    context: Sequence[ContextMessage] = ()


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What one version of a policy would make of a text, with what was learned on the server.

    `verdict` has a rationale where something would come of it; it is None where judging failed, and
    `decision.reason` then says why.
    """

    version: PolicyVersion
    policy: Policy
    verdict: Verdict | None
    decision: Decision


class Rehearsal:
    """Asks the judge as the dispatcher does, and keeps nothing."""

    def __init__(self, store: Store, judge: Judge) -> None:
        """Read policies and thresholds from `store`."""
        self._store = store
        self._judge = judge

    async def under_each(self, guild_id: int, said: Said) -> list[Rehearsed]:
        """What the live version and the draft would make of a text, in this order; without those that are not there.

        A draft with the live version's text is none of its own.
        """
        live, draft = await self._store.policies.live(guild_id), await self._store.policies.draft(guild_id)
        if live and draft and live.digest == draft.digest:
            draft = None
        thresholds = (await self._store.guilds.get(guild_id)).thresholds
        return list(await asyncio.gather(*(self._under(one, said, thresholds) for one in (live, draft) if one)))

    async def _under(self, version: PolicyVersion, said: Said, thresholds: ThresholdTable) -> Rehearsed:
        policy = (await law_of(self._store, version)).policy
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                verdict = await self._judge.classify(policy, said.text, said.normalised, said.context)
        except (JudgeError, TimeoutError) as error:
            return Rehearsed(version, policy, None, review_for(str(error) or _SLOW))
        decision = decide(verdict, policy, thresholds)
        return Rehearsed(version, policy, await self._explained(policy, said, verdict, decision), decision)

    async def _explained(self, policy: Policy, said: Said, verdict: Verdict, decision: Decision) -> Verdict:
        """The verdict with its rationale, where there is a rule to explain and the judge can."""
        if decision.rule is None or verdict.rationale:
            return verdict
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                why = await self._judge.explain(policy, said.text, decision.rule)
        except (JudgeError, TimeoutError):
            return verdict
        return replace(verdict, rationale=why.rationale, quote=why.quote)
