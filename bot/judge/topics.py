"""Which topic of the library a rule is about, told from its words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.domain.policy import Rule
from bot.judge.library import Topic

# A keyword this long stands for every word that begins with it; a shorter one for itself alone.
PREFIX_CHARACTERS = 4


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


def _meets(word: str, keyword: str) -> bool:
    return word.startswith(keyword) if len(keyword) >= PREFIX_CHARACTERS else word == keyword


def _covered(text: str, topic: Topic) -> set[int]:
    """Positions of the words of a text that a topic's keywords cover; a phrase covers each of its words."""
    words = _words(text)
    covered: set[int] = set()
    for keyword in (*topic.keywords, topic.label):
        phrase = _words(keyword)
        for start in range(len(words) - len(phrase) + 1):
            if all(_meets(*pair) for pair in zip(words[start:], phrase, strict=False)):
                covered.update(range(start, start + len(phrase)))
    return covered


def topic_of(rule: Rule, topics: Sequence[Topic]) -> Topic | None:
    """The topic whose keywords cover most of the rule's words; None where none covers any.

    Of equals the one that comes last in the rule: its object stands there ("do not advertise scams").
    """
    covered = [(topic, _covered(rule.text, topic)) for topic in topics]
    told = [(topic, words) for topic, words in covered if words]
    return max(told, key=lambda item: (len(item[1]), max(item[1])))[0] if told else None
