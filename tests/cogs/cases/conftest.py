"""The stage with a judge that has no model: what moderators make of cases does not depend on how they came about."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest
import pytest_asyncio

from bot.domain.policy import Policy
from bot.domain.submission import ContextMessage
from bot.domain.verdict import Explanation, Verdict
from tests.cli.scripted import Scripted
from tests.cogs.scripted_stage import stage_with
from tests.sandbox.openapi import OpenApi
from tests.stage import Stage


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


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def running_stage(tmp_path_factory: pytest.TempPathFactory, description: OpenApi | None) -> AsyncIterator[Stage]:
    """The whole bot but for the model, running for all tests of a file."""
    async with stage_with(EvenJudge(), tmp_path_factory.mktemp("cases"), description) as stage:
        yield stage
