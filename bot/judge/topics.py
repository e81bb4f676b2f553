"""Which topics of the library a rule is about, told from its words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from bot.domain.policy import Rule
from bot.judge.library import Topic

# A keyword this long stands for every word that begins with it; a shorter one for itself alone.
PREFIX_CHARACTERS = 4
_SENTENCE_END = re.compile(r"(?<![.!?])[.!?]+(?:\s+|$)")
_PART_END = re.compile(r"[,;:()]|\band\b|\bor\b|\bnor\b")
_EXEMPTS = re.compile(
    r"\b(?:is|are|be|always|remain)\s+(?:\w+\s+)?(?:fine|ok|okay|allowed|welcome|exempt|fair game)\b", re.I
)


@lru_cache(maxsize=8_192)
def _words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[^\W_]+", text.casefold()))


def _meets(word: str, keyword: str) -> bool:
    return word.startswith(keyword) if len(keyword) >= PREFIX_CHARACTERS else word == keyword


def _covered(text: str, topic: Topic) -> set[int]:
    """Positions of the words of a text that a topic's keywords cover; a phrase covers each of its words."""
    words = _words(text)
    covered: set[int] = set()
    for keyword in (*topic.keywords, topic.label):
        phrase = _words(keyword)
        for start in range(len(words) - len(phrase) + 1):
            if all(_meets(*pair) for pair in zip(words[start : start + len(phrase)], phrase, strict=True)):
                covered.update(range(start, start + len(phrase)))
    return covered


def topics_of(rule: Rule, topics: Sequence[Topic]) -> tuple[Topic, ...]:
    """The topics a rule names, one at most for each part of an enumeration; none where no keyword is met.

    Sentences that say what is fine are left out: "Politics in films is fine" forbids no politics.
    """
    sentences = [text for text in _SENTENCE_END.split(rule.text) if not _EXEMPTS.search(text)]
    found = [_topic_of(part, topics) for sentence in sentences for part in _PART_END.split(sentence)]
    return tuple(dict.fromkeys(topic for topic in found if topic is not None))


def _topic_of(text: str, topics: Sequence[Topic]) -> Topic | None:
    """The topic whose keywords cover most words of a text, None where none covers any.

    Of equals the one that comes last: the object stands there ("do not advertise scams").
    """
    covered = [(topic, _covered(text, topic)) for topic in topics]
    told = [(topic, words) for topic, words in covered if words]
    return max(told, key=lambda item: (len(item[1]), max(item[1])))[0] if told else None
