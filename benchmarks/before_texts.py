"""Messages with what was said before them, by which it matters or not, and what their policies' rules are about."""

from __future__ import annotations

import json
import random
import tomllib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.training_data import Text, as_seen
from bot.domain.normalise import normalise
from bot.domain.policy import Policy
from bot.domain.policy_text import parse_policy
from bot.judge.answering import BEFORE_CHARACTERS
from bot.judge.card import Card, CardRule
from bot.judge.prompts import rule_words
from bot.judge.reader import Heard

HERE = Path(__file__).parent
# To learn from, and to measure on.
LEARNED, MEASURED = HERE / "before", HERE / "context"
_MOST_BEFORE = 3


@dataclass(frozen=True, slots=True)
class Said:
    """A message behind what was said before it, and the key of the rule it breaks, None for none.

    `kind` says how the two stand to one another: "made breaking" or "made fine" by what was said before, "only before"
    where that alone breaks a rule, "either way" where it does not matter.
    """

    kind: str
    policy: str
    message: Heard
    rule: str | None


def load_said(folder: Path) -> tuple[dict[str, Policy], list[Said]]:
    """Policies by name, and the messages of each."""
    policies, found = {}, []
    for path in sorted(folder.glob("*.md")):
        policies[path.stem] = parse_policy(path.read_text(encoding="utf-8"))
        for line in path.with_suffix(".jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            # Each line is "name: text", of which the text is read.
            before = tuple(normalise(said.split(": ", 1)[1])[:BEFORE_CHARACTERS] for said in row["context"])
            found.append(Said(row["kind"], path.stem, Heard(normalise(row["text"]), before), row["rule"]))
    return policies, found


def cards(policies: dict[str, Policy], outputs: Sequence[str]) -> dict[str, Card]:
    """Their judging cards, the topics as LEARNED names them, by their places in `outputs`; without examples."""
    topics = tomllib.loads((LEARNED / "topics.toml").read_text(encoding="utf-8"))["policies"]
    return {
        name: Card(
            policy.digest,
            tuple(
                CardRule(rule.key, rule_words(rule.text, policy.fine), tuple(map(outputs.index, about)))
                for rule, about in zip(policy.rules, topics[name], strict=True)
            ),
            np.zeros((0, 0)),
            (),
        )
        for name, policy in policies.items()
    }


def behind_others(messages: Sequence[Text], each: int, seed: int) -> list[tuple[Text, Heard]]:
    """So many messages of each group behind some others of it, drawn by chance: what is said of them does not change.

    Before half of them, where there is one, stands a message that breaks something.
    """
    chance = random.Random(seed)
    groups = defaultdict(list)
    for message in messages:
        groups[message.group].append(message)
    found = []
    for _, group in sorted(groups.items()):
        for message in chance.sample(group, min(each, len(group))):
            others = [other for other in group if other.text != message.text]
            breaking = [other for other in others if other.breaks]
            before = chance.sample(others, min(chance.randint(1, _MOST_BEFORE), len(others)))
            if breaking and chance.random() < 0.5:
                before[-1:] = [chance.choice(breaking)]
            lines = tuple(as_seen(other.text)[:BEFORE_CHARACTERS] for other in before)
            found.append((message, Heard(message.text, lines)))
    return found
