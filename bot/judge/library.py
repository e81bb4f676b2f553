"""The library of topics: what the policy packs teach the compiler of judging cards."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from bot.resources import resource_dir


@dataclass(frozen=True, slots=True)
class TopicExample:
    """A message written for a topic; `breaks` is False for a near miss."""

    text: str
    breaks: bool


@dataclass(frozen=True, slots=True)
class Topic:
    """One subject that rules are often about: a one-word label, a line of meaning, labelled examples."""

    label: str
    pack: str
    meaning: str
    fine_meaning: str
    keywords: tuple[str, ...]
    examples: tuple[TopicExample, ...]

    @property
    def breaking(self) -> tuple[str, ...]:
        """Messages that are of this topic, in the pack's order."""
        return tuple(example.text for example in self.examples if example.breaks)

    @property
    def near_misses(self) -> tuple[str, ...]:
        """Messages that look like this topic and are fine, in the pack's order."""
        return tuple(example.text for example in self.examples if not example.breaks)


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
    topics = described["topics"]
    return [_topic(topic, described["name"], rows, index, len(topics)) for index, topic in enumerate(topics)], [
        row["text"] for row in rows if row["kind"] == "ordinary"
    ]


def _topic(described: dict[str, Any], pack: str, rows: Iterable[dict[str, Any]], index: int, topics: int) -> Topic:
    # A near miss belongs to no topic of its pack: a pack of several deals them out in turn.
    near = [row["text"] for row in rows if row["kind"] == "near_miss"][index::topics]
    breaking = [row["text"] for row in rows if row["topic"] == described["label"]]
    return Topic(
        label=described["label"],
        pack=pack,
        meaning=described["meaning"],
        fine_meaning=described["fine_meaning"],
        keywords=tuple(described["keywords"]),
        examples=tuple(TopicExample(text, True) for text in breaking)
        + tuple(TopicExample(text, False) for text in near),
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
