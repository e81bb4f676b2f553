"""A judge that heeds examples, in the stage's place: a text the policy gives as an example is judged as it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from bot.domain.policy import Policy
from bot.domain.submission import ContextMessage
from bot.domain.verdict import Explanation, Verdict
from bot.judge.interface import JudgeError
from tests.stage import Scene

BROKEN, UNSURE, KEPT = 0.97, 0.5, 0.02


@dataclass
class Heeding:
    """Unsure of all else. `handed` are the policies it judged by, in their order, `prepared` those it compiled.

    `sure_of` are texts of which it is sure that they are fine, `away` is why it cannot answer, if it cannot.
    """

    handed: list[Policy] = field(default_factory=list)
    prepared: list[Policy] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    explained_by: list[Policy] = field(default_factory=list)
    sure_of: set[str] = field(default_factory=set)
    away: str = ""

    async def prepare(self, policy: Policy) -> None:
        if self.away:
            raise JudgeError(self.away)
        self.prepared.append(policy)

    async def classify(
        self, policy: Policy, text: str, normalised: str, context: Sequence[ContextMessage] = ()
    ) -> Verdict:
        if self.away:
            raise JudgeError(self.away)
        self.handed.append(policy)
        self.asked.append(text)
        unknown = KEPT if text in self.sure_of else UNSURE
        said = dict.fromkeys((rule.key for rule in policy.rules), unknown)
        for example in policy.examples:
            if example.text == normalised:
                said = dict.fromkeys(said, KEPT) | ({example.rule: BROKEN} if example.rule else {})
        return Verdict(max(said, key=lambda key: said[key]), said, policy.digest, "heeding", "0" * 64)

    async def explain(
        self, policy: Policy, text: str, rule_key: str, context: Sequence[ContextMessage] = ()
    ) -> Explanation:
        self.explained_by.append(policy)
        return Explanation("It reads so.", text[:20])


def heeding(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Heeding:
    """Have the running bot's judge heed examples, for one test."""
    judge = Heeding()
    running = scene.stage.trial.app.judge
    for name in ("prepare", "classify", "explain"):
        monkeypatch.setattr(running, name, getattr(judge, name))
    return judge
