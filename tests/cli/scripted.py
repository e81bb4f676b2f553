"""A judge without a model, for tests of what the commands make of verdicts."""

from __future__ import annotations

from bot.domain.policy import Policy
from bot.judge.interface import JudgeInfo


class Scripted:
    """Starts, stops and prepares at once; how it classifies is up to the test."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def prepare(self, policy: Policy) -> None: ...

    def info(self) -> JudgeInfo:
        """A judge that is ready."""
        return JudgeInfo("scripted", "ab12", ready=True)
