"""The whole bot on a sandbox with a judge that does as the test says: no model, so a scene is there at once.

A test file imports `running_stage` from here; it takes the place of the one with the tiny model.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
import pytest_asyncio

import bot.app
from bot.domain.policy import Policy
from bot.domain.submission import ContextMessage
from bot.domain.verdict import Explanation, Verdict
from bot.judge.interface import Judge, JudgeInfo
from bot.sandbox.exchange import Exchange
from bot.trial.trial import Trial
from tests.addresses import give_back_addresses
from tests.conftest import hold_against
from tests.sandbox.openapi import OpenApi
from tests.stage import POLICY, Scene, Stage

DIGEST = "5c" * 32


class ScriptedJudge:
    """Holds every rule to be as likely as not: which one is broken, a scene's thresholds say."""

    def __init__(self) -> None:
        self.may_classify, self.may_explain = asyncio.Event(), asyncio.Event()
        self.may_classify.set()
        self.may_explain.set()
        self.classifying = self.explaining = 0
        self.explained: list[str] = []

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def prepare(self, policy: Policy) -> None: ...

    async def classify(
        self, policy: Policy, text: str, normalised: str, context: Sequence[ContextMessage] = ()
    ) -> Verdict:
        self.classifying += 1
        await self.may_classify.wait()
        self.classifying -= 1
        probabilities = {rule.key: 0.5 for rule in policy.rules}
        return Verdict(next(iter(probabilities), None), probabilities, policy.digest, "scripted", DIGEST)

    async def explain(
        self, policy: Policy, text: str, rule_key: str, context: Sequence[ContextMessage] = ()
    ) -> Explanation:
        """Repeats the message: what is made of one's words must go with them."""
        self.explained.append(text)
        self.explaining += 1
        await self.may_explain.wait()
        self.explaining -= 1
        return Explanation(f"It says {text}, which breaks rule {rule_key}.", text[:60])

    def info(self) -> JudgeInfo:
        return JudgeInfo("scripted", DIGEST, ready=True)


@contextmanager
def held(event: asyncio.Event) -> Iterator[None]:
    """Let the judge come to no end with what the event lets it do."""
    event.clear()
    try:
        yield
    finally:
        event.set()


def judge_of(scene: Scene) -> ScriptedJudge:
    """The scene's judge."""
    judge = scene.stage.trial.app.judge
    assert isinstance(judge, ScriptedJudge)
    return judge


@asynccontextmanager
async def stage_with(judge: Judge, folder: Path, description: OpenApi | None) -> AsyncIterator[Stage]:
    """The bot, running with a judge of the test's own."""
    exchanges: list[Exchange] = []
    trial = Trial(None, POLICY, folder, on_exchange=exchanges.append)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bot.app, "build_judge", lambda *_: judge)
        give_back_addresses(patch)
        try:
            await trial.start()
            hold_against(description, exchanges)
            yield Stage(trial, exchanges)
        finally:
            await trial.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def running_stage(tmp_path_factory: pytest.TempPathFactory, description: OpenApi | None) -> AsyncIterator[Stage]:
    """The bot, running for all tests of a file."""
    async with stage_with(ScriptedJudge(), tmp_path_factory.mktemp("scripted"), description) as stage:
        yield stage
