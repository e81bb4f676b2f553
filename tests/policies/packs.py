"""The policy packs as their tests read them: which have a topic, their policies and rows, words in a row."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from bot.domain.policy import Policy
from bot.domain.policy_text import parse_policy
from bot.resources import resource_dir

TOPICS = {
    "adult": ["adult"],
    "advertising": ["advertising"],
    "cheating": ["cheating"],
    "flirting": ["flirting"],
    "flooding": ["flooding"],
    "generated": ["generated"],
    "harassment": ["harassment", "hate"],
    "homework": ["homework"],
    "language": ["languages"],
    "medical": ["medical"],
    "pestering": ["pestering"],
    "piracy": ["piracy"],
    "politics": ["politics"],
    "privacy": ["privacy"],
    "scams": ["scams"],
    "selfharm": ["selfharm"],
    "spoilers": ["spoilers"],
    "trading": ["trading"],
}
"""The packs with topics: each has a `topic.toml`, and its rows are what the judge's readout was trained on."""
WITHOUT_TOPIC = ("minors", "misinformation", "offtopic", "reviews")
"""The packs without: no `topic.toml`, so that the library knows nothing of them and their rules go by their words."""
PACKS = sorted([*TOPICS, *WITHOUT_TOPIC])

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def rows(pack: str) -> list[dict[str, Any]]:
    """A pack's labelled messages, in the file's order."""
    lines = (resource_dir("policies") / pack / "examples.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def texts(pack: str, kind: str) -> list[str]:
    """The texts of a pack's messages of one kind, in the file's order."""
    return [row["text"] for row in rows(pack) if row["kind"] == kind]


def policy_text(pack: str) -> str:
    """A pack's policy as it is written."""
    return (resource_dir("policies") / pack / "policy.md").read_text(encoding="utf-8")


def policy_of(pack: str) -> Policy:
    """A pack's policy as it is read."""
    return parse_policy(policy_text(pack))


def in_a_row(text: str, count: int) -> set[tuple[str, ...]]:
    """Every `count` words of a text that follow one another."""
    words = re.findall(r"[^\W_]+", text.casefold())
    return {tuple(words[i : i + count]) for i in range(len(words) - count + 1)}
