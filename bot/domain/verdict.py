"""A verdict: what the judge says of a submission under a policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

AS_AN_ANSWER = "as an answer to what was said before"
"""What a rationale says where the message breaks the rule only so; it may then repeat what others said."""


class Method(StrEnum):
    """How a verdict came about."""

    CLASSIFY = "classify"
    REASON = "reason"
    ALIKE = "alike"
    """It was not judged itself, but told what like messages were told a moment before: see `bot.domain.likeness`."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Probability per rule, the rule most likely broken, and what produced it.

    `probabilities` maps each rule's key to a number in [0, 1]; `rule` is the likeliest rule's key, whatever
    its probability. `rationale` and `quote` are empty until the verdict is explained; a judge that reasons gives them
    with it. `reasoning` is what such a judge thought: unedited, and never for members.
    """

    rule: str | None
    probabilities: Mapping[str, float]
    policy_digest: str
    model: str
    model_digest: str
    method: Method = Method.CLASSIFY
    rationale: str = ""
    quote: str = ""
    reasoning: str = ""
    timings_ms: Mapping[str, float] = field(default_factory=dict)

    @property
    def probability(self) -> float:
        """The probability of the likeliest rule; 0 where the policy has none."""
        return self.probabilities[self.rule] if self.rule is not None else 0.0


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a message breaks a rule: one or two sentences, and a verbatim span of the message."""

    rationale: str
    quote: str
