"""Labelled cases, and the figures made of a judge's answers to them. Pure but for reading files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.domain.decision import ACT_AT, REVIEW_AT
from bot.domain.evaluation import auroc
from bot.domain.policy import ActionKind, Policy
from bot.domain.policy_text import parse_policy

Probabilities = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Message:
    """A message and the key of the rule that it breaks; None where it is fine."""

    text: str
    rule: str | None


@dataclass(frozen=True, slots=True)
class Case:
    """A policy and messages labelled by it."""

    name: str
    policy: Policy
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of one case. `deleted` is of `to_delete` messages whose rule asks for deletion."""

    messages: int
    right: int
    breaking: int
    named: int
    to_delete: int
    deleted: int
    wrongly_deleted: int
    auroc: float

    def as_dict(self) -> dict[str, float]:
        """The figures by name, for JSON."""
        return asdict(self)


def load_cases(folder: Path) -> list[Case]:
    """Read each `NAME.md` with its `NAME.jsonl` (`{"text", "rule"}` a line) in a folder."""
    cases = []
    for path in sorted(folder.glob("*.md")):
        lines = path.with_suffix(".jsonl").read_text(encoding="utf-8").splitlines()
        rows = [json.loads(line) for line in lines if line.strip()]
        messages = tuple(Message(row["text"], row["rule"]) for row in rows)
        cases.append(Case(path.stem, parse_policy(path.read_text(encoding="utf-8")), messages))
    return cases


def likeliest(probabilities: Probabilities) -> tuple[str, float]:
    """The likeliest rule and its probability."""
    return max(probabilities.items(), key=lambda item: item[1])


def figures(case: Case, answers: Sequence[Probabilities]) -> Figures:
    """Count what is right. A message is caught from `review_at` on, a deletion happens from `act_at` on."""
    right = named = to_delete = deleted = wrongly = 0
    positive: list[float] = []
    negative: list[float] = []
    for message, probabilities in zip(case.messages, answers, strict=True):
        rule, probability = likeliest(probabilities)
        breaks = message.rule is not None
        caught = probability >= REVIEW_AT
        right += caught == breaks
        named += caught and rule == message.rule
        (positive if breaks else negative).append(probability)
        gone = probability >= ACT_AT and deletes(case.policy, rule)
        if message.rule is not None and deletes(case.policy, message.rule):
            to_delete += 1
            deleted += gone and rule == message.rule
        else:
            wrongly += gone
    told_apart = auroc(positive, negative) if positive and negative else float("nan")
    return Figures(len(case.messages), right, len(positive), named, to_delete, deleted, wrongly, told_apart)


def deletes(policy: Policy, rule: str) -> bool:
    """Whether a rule asks for deletion."""
    return any(action.kind is ActionKind.DELETE for action in policy.rule(rule).actions)
