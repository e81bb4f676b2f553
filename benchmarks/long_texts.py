"""The long texts that the correction of the readout is fitted on, and what their policies' rules are about."""

from __future__ import annotations

import json
import random
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.domain.normalise import normalise
from bot.domain.policy_text import parse_policy
from bot.judge.prompts import rule_words

FOLDER = Path(__file__).parent / "long"
RULES_READ = 2


@dataclass(frozen=True, slots=True)
class LongText:
    """A text as the judge reads it, of a policy by its name.

    `rules` are the words, by key, of the rules that it may be read with: those it breaks (`broken`), and others, or
    all of its policy's where it is `weighed`; `about` their topics. `topics` are those of the broken rules, and
    `asked` those of all of the policy's: of others nobody said whether it is on them.
    """

    policy: str
    text: str
    broken: frozenset[str]
    rules: Mapping[str, str]
    about: Mapping[str, frozenset[str]]
    topics: frozenset[str]
    asked: frozenset[str]
    weighed: bool


def load_long(folder: Path = FOLDER) -> list[LongText]:
    """All texts, each with the rules it breaks and, by chance but always the same, others up to RULES_READ.

    Those of a policy by which is weighed how sure verdicts may be come with all of its rules.
    """
    told = tomllib.loads((folder / "topics.toml").read_text(encoding="utf-8"))
    return [
        text
        for path in sorted(folder.glob("*.md"))
        for text in _of_policy(path, told["policies"][path.stem], path.stem in told["weighed"])
    ]


def _of_policy(path: Path, about: list[list[str]], weighed: bool) -> list[LongText]:
    policy = parse_policy(path.read_text(encoding="utf-8"))
    words = {rule.key: rule_words(rule.text, policy.fine) for rule in policy.rules}
    topics = dict(zip(words, map(frozenset, about), strict=True))
    found = []
    for number, line in enumerate(path.with_suffix(".jsonl").read_text(encoding="utf-8").splitlines()):
        row = json.loads(line)
        own = [key for key in words if key in row["rules"]]
        others = [key for key in words if key not in own]
        drawn = others if weighed else random.Random(number).sample(others, max(RULES_READ - len(own), 0))
        found.append(
            LongText(
                path.stem,
                normalise(row["text"]),
                frozenset(own),
                {key: words[key] for key in (*own, *drawn)},
                topics,
                frozenset[str]().union(*(topics[key] for key in own)),
                frozenset[str]().union(*topics.values()),
                weighed,
            )
        )
    return found
