"""A judge that is never asked: for scenes that show no verdict, which need not wait for a model then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from unittest.mock import patch

from bot.domain.policy import Policy
from bot.domain.submission import ContextMessage
from bot.domain.verdict import Explanation, Verdict
from bot.judge.interface import JudgeError, JudgeInfo


class NoJudge:
    """Ready at once, and without an answer to anything."""

    async def start(self) -> None:
        """Nothing has to start."""

    async def stop(self) -> None:
        """Nothing has to end."""

    async def prepare(self, policy: Policy) -> None:
        """There is no card to compile."""

    async def classify(
        self, policy: Policy, text: str, normalised: str, context: Sequence[ContextMessage] = ()
    ) -> Verdict:
        """JudgeError, always."""
        raise JudgeError("no message is judged in this scene")

    async def explain(self, policy: Policy, text: str, rule_key: str) -> Explanation:
        """JudgeError, always."""
        raise JudgeError("no message is judged in this scene")

    def info(self) -> JudgeInfo:
        """Says that it is there."""
        return JudgeInfo("none", "0" * 64, ready=True)


@contextmanager
def without_judge() -> Iterator[None]:
    """Have every bot that is built meanwhile be one with this judge."""
    with patch("bot.app.build_judge", lambda *_: NoJudge()):
        yield
