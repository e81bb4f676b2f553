"""Two judges: one is asked, and the other while the first cannot answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from bot.domain.policy import Policy
from bot.domain.submission import ContextMessage
from bot.domain.verdict import Explanation, Verdict
from bot.judge.card_read import CardRead, ShowsCards
from bot.judge.interface import Judge, JudgeError, JudgeInfo

log = structlog.get_logger(__name__)


class FallbackJudge:
    """A judge made of two (see `bot.judge.interface.Judge`); each verdict names the model that gave it."""

    def __init__(self, first: Judge, second: Judge) -> None:
        """Ask `first`; where it raises a JudgeError, ask `second`."""
        self._first = first
        self._second = second
        self._fallen_back = False

    async def start(self) -> None:
        """Start both. The first may be away, and is asked again later; JudgeError where the second does not start."""
        first, second = await asyncio.gather(self._first.start(), self._second.start(), return_exceptions=True)
        problem = second or (first if not isinstance(first, JudgeError) else None)
        if problem is not None:
            await self.stop()
            raise problem
        if first is not None:
            self._fell_back(str(first))

    async def stop(self) -> None:
        """End both."""
        await asyncio.gather(self._first.stop(), self._second.stop())

    async def card(self, policy: Policy) -> CardRead | None:
        """That of the judge on this machine, which is the second. Raises JudgeError."""
        return await self._second.card(policy) if isinstance(self._second, ShowsCards) else None

    def info(self) -> JudgeInfo:
        """The judge that would be asked now."""
        first = self._first.info()
        return first if first.ready else self._second.info()

    async def prepare(self, policy: Policy) -> None:
        """Have both compile the policy; JudgeError where the second cannot."""
        first, second = await asyncio.gather(
            self._first.prepare(policy), self._second.prepare(policy), return_exceptions=True
        )
        problem = second or (first if not isinstance(first, JudgeError) else None)
        if problem is not None:
            raise problem
        if first is not None:
            log.warning("policy_not_prepared", policy=policy.digest, reason=str(first))

    async def classify(
        self, policy: Policy, text: str, normalised: str, context: Sequence[ContextMessage] = ()
    ) -> Verdict:
        """The first judge's verdict, or else the second's; JudgeError where neither has one."""
        try:
            verdict = await self._first.classify(policy, text, normalised, context)
        except JudgeError as error:
            self._fell_back(str(error))
        else:
            self._is_back()
            return verdict
        return await self._second.classify(policy, text, normalised, context)

    async def explain(
        self, policy: Policy, text: str, rule_key: str, context: Sequence[ContextMessage] = ()
    ) -> Explanation:
        """The first judge's explanation, or else the second's; JudgeError where neither has one."""
        try:
            return await self._first.explain(policy, text, rule_key, context)
        except JudgeError as error:
            self._fell_back(str(error))
        return await self._second.explain(policy, text, rule_key, context)

    def _fell_back(self, reason: str) -> None:
        """Say so once while the first is away; a single message that it could not judge is told of by itself."""
        if self._first.info().ready:
            log.warning("judge_asked_instead", model=self._second.info().model, reason=reason)
        elif not self._fallen_back:
            self._fallen_back = True
            log.warning("judge_fell_back", model=self._second.info().model, reason=reason)

    def _is_back(self) -> None:
        if self._fallen_back:
            self._fallen_back = False
            log.info("judge_is_back", model=self._first.info().model)
