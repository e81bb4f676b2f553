"""The library of topics: what the policy packs teach the compiler of judging cards."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from bot.domain.policy_text import parse_policy
from bot.resources import resource_dir


class Kind(StrEnum):
    """What an example of a topic is. A report tells of what others did, warns of it or asks about it."""

    BREAKING = "breaking"
    NEAR_MISS = "near_miss"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class TopicExample:
    """A message written for a topic."""

    text: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Topic:
    """One subject that rules are often about: a one-word label, a line of meaning, labelled examples.

    `rule` is how its pack's policy words a rule on it. Where `hidden_is_fine`, what a message hides behind spoiler
    bars does not count.
    """

    label: str
    pack: str
    rule: str
    meaning: str
    keywords: tuple[str, ...]
    examples: tuple[TopicExample, ...]
    hidden_is_fine: bool = False

    def texts(self, kind: Kind) -> tuple[str, ...]:
        """Messages of one kind, in the pack's order."""
        return tuple(example.text for example in self.examples if example.kind is kind)


@dataclass(frozen=True, slots=True)
class Library:
    """All topics, and messages of no topic at all."""

    topics: tuple[Topic, ...]
    ordinary: tuple[str, ...]

    def topic(self, label: str) -> Topic:
        """The topic with this label; KeyError where there is none."""
        for topic in self.topics:
            if topic.label == label:
                return topic
        raise KeyError(label)


def _pack(folder: Path) -> tuple[list[Topic], list[str]]:
    described = tomllib.loads((folder / "topic.toml").read_text(encoding="utf-8"))
    lines = (folder / "examples.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line.strip()]
    rule = parse_policy((folder / "policy.md").read_text(encoding="utf-8")).rules[0].text
    topics = [_topic(topic, described["name"], rule, rows) for topic in described["topics"]]
    return topics, [row["text"] for row in rows if row["topic"] is None]


def _topic(described: dict[str, Any], pack: str, rule: str, rows: Iterable[dict[str, Any]]) -> Topic:
    own = [row for row in rows if row["topic"] == described["label"]]
    return Topic(
        label=described["label"],
        pack=pack,
        rule=rule,
        meaning=described["meaning"],
        keywords=tuple(described["keywords"]),
        examples=tuple(TopicExample(row["text"], Kind(row["kind"])) for row in own),
        hidden_is_fine=described.get("hidden_is_fine", False),
    )


@lru_cache(maxsize=4)
def load_library(folder: Path | None = None) -> Library:
    """Read every pack below `folder` (the shipped policies unless given)."""
    topics: list[Topic] = []
    ordinary: list[str] = []
    for path in sorted((folder or resource_dir("policies")).glob("*/topic.toml")):
        its_topics, its_ordinary = _pack(path.parent)
        topics += its_topics
        ordinary += its_ordinary
    return Library(tuple(topics), tuple(ordinary))
