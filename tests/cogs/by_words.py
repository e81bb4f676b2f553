"""A judge that goes by words, in the stage's place: a rule is broken by every text that has the rule's last word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from bot.domain.policy import Policy
from bot.domain.submission import ContextMessage
from bot.domain.verdict import Explanation, Verdict
from bot.judge.interface import JudgeError
from tests.stage import Scene

BROKEN, KEPT = 0.97, 0.02


@dataclass
class ByWords:
    """Answers for certain; what it was asked is in `asked`, and `away` is why it cannot answer, if it cannot."""

    away: str = ""
    asked: list[tuple[str, str, tuple[ContextMessage, ...]]] = field(default_factory=list)
    explained: list[tuple[str, str]] = field(default_factory=list)

    async def classify(
        self, policy: Policy, text: str, normalised: str, context: Sequence[ContextMessage] = ()
    ) -> Verdict:
        if self.away:
            raise JudgeError(self.away)
        self.asked.append((text, normalised, tuple(context)))
        words = {rule.key: rule.text.rstrip(".").split()[-1].casefold() for rule in policy.rules}
        said = {key: BROKEN if word in normalised.casefold() else KEPT for key, word in words.items()}
        return Verdict(max(said, key=lambda key: said[key]), said, policy.digest, "by-words", "0" * 64)

    async def explain(
        self, policy: Policy, text: str, rule_key: str, context: Sequence[ContextMessage] = ()
    ) -> Explanation:
        self.explained.append((text, rule_key))
        return Explanation(f"It says what rule {rule_key} forbids.", text[:20])


def judging_by_words(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> ByWords:
    """Have the running bot's judge answer by words, for one test."""
    judge = ByWords()
    running = scene.stage.trial.app.judge
    monkeypatch.setattr(running, "classify", judge.classify)
    monkeypatch.setattr(running, "explain", judge.explain)
    return judge
