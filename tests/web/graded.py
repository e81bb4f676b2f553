"""A judge that says what a message asks of it: `cats 0.7` breaks the rule that ends in "cats" with probability 0.7."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from bot.domain.policy import Policy
from bot.domain.submission import ContextMessage
from bot.domain.verdict import Explanation, Verdict
from bot.judge.interface import JudgeError
from tests.stage import Scene

KEPT = 0.02
_ASKED = re.compile(r"(\w+) (0\.\d+)")


@dataclass
class Graded:
    """Answers for certain; `away` is why it cannot answer, if it cannot, `prepared` what it compiled."""

    away: str = ""
    prepared: list[str] = field(default_factory=list)

    async def prepare(self, policy: Policy) -> None:
        if self.away:
            raise JudgeError(self.away)
        self.prepared.append(policy.digest)

    async def classify(
        self, policy: Policy, text: str, normalised: str, context: Sequence[ContextMessage] = ()
    ) -> Verdict:
        if self.away:
            raise JudgeError(self.away)
        asked = {word.casefold(): float(share) for word, share in _ASKED.findall(normalised)}
        words = {rule.key: rule.text.rstrip(".").split()[-1].casefold() for rule in policy.rules}
        said = {key: asked.get(word, KEPT) for key, word in words.items()}
        return Verdict(max(said, key=lambda key: said[key]), said, policy.digest, "graded", "0" * 64)

    async def explain(
        self, policy: Policy, text: str, rule_key: str, context: Sequence[ContextMessage] = ()
    ) -> Explanation:
        return Explanation(f"It says what rule {rule_key} forbids.", text[:20])


def grading(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Graded:
    """Have the running bot's judge answer so, for one test."""
    judge = Graded()
    for name in ("prepare", "classify", "explain"):
        monkeypatch.setattr(scene.stage.trial.app.judge, name, getattr(judge, name))
    return judge
