"""What the readout is trained on: the packs' examples, and the policies, messages, rules and pairs in `training`."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measures import load_cases
from bot.domain.normalise import normalise, seen_at_first
from bot.judge.library import Kind, Library
from bot.judge.prompts import rule_words

Overlapping = frozenset[frozenset[str]]

TRAINING = Path(__file__).parent / "training"


@dataclass(frozen=True, slots=True)
class Text:
    """A message or a rule as the judge reads it: its topics, whether it breaks anything, which group it stays with.

    Texts of one group are alike in subject; a check on texts never seen must leave out the whole group.
    """

    text: str
    topics: frozenset[str]
    breaks: bool
    group: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A rule with a message as the judge reads them together: the rule's topics, and whether the message breaks it."""

    rule: str
    text: str
    topics: frozenset[str]
    breaks: bool
    group: str


@dataclass(frozen=True, slots=True)
class Training:
    """Labelled messages and rules, each message of a policy with each of its rules, other pairs, overlapping topics."""

    messages: tuple[Text, ...]
    rules: tuple[Text, ...]
    of_policies: tuple[Pair, ...]
    pairs: tuple[Pair, ...]
    overlapping: Overlapping


def load_training(library: Library, folder: Path = TRAINING) -> Training:
    """Read all of it."""
    described = tomllib.loads((folder / "topics.toml").read_text(encoding="utf-8"))
    messages = _of_packs(library)
    rules: list[Text] = []
    of_policies: list[Pair] = []
    for case in load_cases(folder):
        topics = dict(zip((rule.key for rule in case.policy.rules), described["policies"][case.name], strict=True))
        rules += [Text(rule.text, frozenset(topics[rule.key]), True, case.name) for rule in case.policy.rules]
        for message in case.messages:
            own = frozenset(topics[message.rule]) if message.rule else frozenset[str]()
            messages.append(Text(as_seen(message.text), own, message.rule is not None, case.name))
            of_policies += [
                Pair(
                    rule_words(rule.text, case.policy.fine),
                    messages[-1].text,
                    frozenset(topics[rule.key]),
                    message.rule == rule.key,
                    case.name,
                )
                for rule in case.policy.rules
            ]
    for row in _rows(folder / "messages.jsonl"):
        own = frozenset([row["topic"]] if row["breaks"] else [])
        messages.append(Text(as_seen(row["text"]), own, row["breaks"], "single"))
    for number, row in enumerate(_rows(folder / "rules.jsonl")):
        rules.append(Text(row["rule"], frozenset(row["topics"]), True, f"rule {number}"))
    pairs = [
        Pair(rule_words(row["rule"], row.get("exempt", ())), as_seen(text), frozenset(), breaks, f"pair {number}")
        for number, row in enumerate(_rows(folder / "pairs.jsonl"))
        for kind, breaks in (("breaking", True), ("fine", False))
        for text in row[kind]
    ]
    overlapping = frozenset(frozenset(pair) for pair in described["overlapping"])
    return Training(tuple(messages), tuple(rules), tuple(of_policies), tuple(pairs), overlapping)


def as_seen(text: str) -> str:
    """A message as the judge reads it: what one sees of it before clicking."""
    return seen_at_first(text) or normalise(text)


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _of_packs(library: Library) -> list[Text]:
    found: list[Text] = []
    for topic in library.topics:
        for kind in Kind:
            breaks = kind is Kind.BREAKING
            topics = frozenset([topic.label] if breaks else [])
            found += [Text(as_seen(text), topics, breaks, "packs") for text in topic.texts(kind)]
    found += [Text(as_seen(text), frozenset(), False, "packs") for text in library.ordinary]
    return found
