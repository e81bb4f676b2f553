"""The interface every judge offers, whatever model or process stands behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.domain.policy import Policy
from bot.domain.submission import ContextMessage
from bot.domain.verdict import Explanation, Verdict


class JudgeError(Exception):
    """The judge could not answer; the message is one sentence for moderators. Never a reason to act.

    It may come from a process that speaks English only: `tr` is asked for it where it is shown.
    """


class NoAnswerError(JudgeError):
    """The judge has no answer to this message and would have none if it were asked again."""


@dataclass(frozen=True, slots=True)
class JudgeInfo:
    """What a judge is: the model's name and SHA-256, and whether it can answer now.

    `repeats` counts verdicts that were given before for the same message, policy and context, and cost nothing.
    """

    model: str
    model_digest: str
    ready: bool
    restarts: int = 0
    repeats: int = 0


class Judge(Protocol):
    """Reads a policy and a message and answers with a verdict; start it before use."""

    async def start(self) -> None:
        """Return when it can answer; JudgeError where it cannot be brought to."""

    async def stop(self) -> None:
        """End it; what was still asked is refused with a JudgeError."""

    async def prepare(self, policy: Policy) -> None:
        """Compile the policy's card so that the next message is judged by it at once; JudgeError."""

    async def classify(
        self, policy: Policy, text: str, normalised: str, context: Sequence[ContextMessage] = ()
    ) -> Verdict:
        """Judge a text; the verdict has no rationale yet, unless the judge reasons. Raises JudgeError."""

    async def explain(
        self, policy: Policy, text: str, rule_key: str, context: Sequence[ContextMessage] = ()
    ) -> Explanation:
        """Say why `text`, after what was said before it, breaks a rule, with a verbatim quote of it. JudgeError."""

    def info(self) -> JudgeInfo:
        """What stands behind this judge, and whether it can answer now."""
