"""Which topic of the library a rule is about, told from its words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.domain.policy import Rule
from bot.judge.library import Topic


def _stems(text: str) -> list[str]:
    """Words of a text, cut to five letters: enough to make `scams` and `scamming` meet."""
    return [word[:5] for word in re.findall(r"[^\W_]+", text.casefold())]


def keyword_score(text: str, topic: Topic) -> float:
    """How many of a topic's keywords a text holds; a phrase counts for each of its words."""
    words = _stems(text)
    joined = " " + " ".join(words) + " "
    score = 0.0
    for keyword in {*topic.keywords, topic.label}:
        stems = _stems(keyword)
        if stems and f" {' '.join(stems)} " in joined:
            score += len(stems)
    return score


def topic_of(rule: Rule, topics: Sequence[Topic]) -> Topic | None:
    """The topic whose keywords the rule uses most; None where it uses none."""
    scored = [(keyword_score(rule.text, topic), -index) for index, topic in enumerate(topics)]
    best, index = max(scored, default=(0.0, 0))
    return topics[-index] if best > 0 else None
