"""The stage with a judge that has no model: what moderators make of cases does not depend on how they came about."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest
import pytest_asyncio

import bot.app
from bot.domain.policy import Policy
from bot.domain.submission import ContextMessage
from bot.domain.verdict import Explanation, Verdict
from bot.sandbox.exchange import Exchange
from bot.trial.trial import Trial
from tests.cli.scripted import Scripted
from tests.conftest import hold_against
from tests.sandbox.openapi import OpenApi
from tests.stage import POLICY, Stage


class EvenJudge(Scripted):
    """Holds every rule to be as likely broken as not; a scene's thresholds make a case of it, or nothing."""

    async def classify(
        self, policy: Policy, text: str, normalised: str, context: Sequence[ContextMessage] = ()
    ) -> Verdict:
        return Verdict("1", {rule.key: 0.5 for rule in policy.rules}, policy.digest, "scripted", "ab12")

    async def explain(
        self, policy: Policy, text: str, rule_key: str, context: Sequence[ContextMessage] = ()
    ) -> Explanation:
        return Explanation("It reads so.", text[:20])


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def running_stage(tmp_path_factory: pytest.TempPathFactory, description: OpenApi | None) -> AsyncIterator[Stage]:
    """The whole bot but for the model, running for all tests of this folder."""
    exchanges: list[Exchange] = []
    trial = Trial(None, POLICY, tmp_path_factory.mktemp("cases"), on_exchange=exchanges.append)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bot.app, "build_judge", lambda settings, model: EvenJudge())
        await trial.start()
    try:
        hold_against(description, exchanges)
        yield Stage(trial, exchanges)
    finally:
        await trial.stop()
