"""Two stages: a fast judge screens, and what it is not sure is fine goes to a slower one that reasons.

The verdict of the screen stands only where it lets a message pass. For all else the second stage decides, and where
that fails nobody has decided: the message goes to a human, however sure the screen was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from bot.domain.policy import Policy
from bot.domain.submission import ContextMessage
from bot.domain.verdict import Explanation, Verdict
from bot.judge.card_read import CardRead, ShowsCards
from bot.judge.interface import Judge, JudgeError, JudgeInfo


def passes(verdict: Verdict, pass_below: float) -> bool:
    """Whether the screen alone lets a message pass: its likeliest rule is less likely than `pass_below`."""
    return verdict.probability < pass_below


class TwoStageJudge:
    """A judge made of two (see `bot.judge.interface.Judge`)."""

    def __init__(self, screen: Judge, reasoner: Judge, pass_below: float) -> None:
        """Let pass by `screen` what it holds to be less likely than `pass_below` to break any rule."""
        self._screen = screen
        self._reasoner = reasoner
        self._pass_below = pass_below

    async def start(self) -> None:
        """Return when both can answer; JudgeError where one cannot be brought to, and both are ended then."""
        try:
            await asyncio.gather(self._screen.start(), self._reasoner.start())
        except JudgeError:
            await self.stop()
            raise

    async def stop(self) -> None:
        """End both."""
        await asyncio.gather(self._screen.stop(), self._reasoner.stop())

    async def prepare(self, policy: Policy) -> None:
        """Have both read the policy; JudgeError."""
        await self._screen.prepare(policy)
        await self._reasoner.prepare(policy)

    async def classify(
        self, policy: Policy, text: str, normalised: str, context: Sequence[ContextMessage] = ()
    ) -> Verdict:
        """The screen's verdict where it lets the message pass, else the reasoner's. Raises JudgeError of either.

        The screen reads a message by itself: what others say before it must not lead it past the reasoner.
        """
        screened = await self._screen.classify(policy, text, normalised)
        if passes(screened, self._pass_below):
            return screened
        verdict = await self._reasoner.classify(policy, text, normalised, context)
        screening = screened.timings_ms.get("total", 0.0)
        timings = {"screen": screening, "total": screening + verdict.timings_ms.get("total", 0.0)}
        return replace(verdict, timings_ms={**verdict.timings_ms, **timings})

    async def explain(
        self, policy: Policy, text: str, rule_key: str, context: Sequence[ContextMessage] = ()
    ) -> Explanation:
        """By the screen: what the reasoner judged to be broken comes explained. Raises JudgeError."""
        return await self._screen.explain(policy, text, rule_key, context)

    async def card(self, policy: Policy) -> CardRead | None:
        """The screen's. Raises JudgeError."""
        return await self._screen.card(policy) if isinstance(self._screen, ShowsCards) else None

    def info(self) -> JudgeInfo:
        """Both models' names, the reasoner's digest, whose verdicts are acted on; ready where both are."""
        screen, reasoner = self._screen.info(), self._reasoner.info()
        return JudgeInfo(
            f"{screen.model} then {reasoner.model}",
            reasoner.model_digest,
            screen.ready and reasoner.ready,
            screen.restarts + reasoner.restarts,
        )
