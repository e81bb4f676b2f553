"""Which of the library's examples the judge is shown, the same for all policies. Pure."""

from __future__ import annotations

import random
from itertools import groupby

from bot.judge.library import Kind, Library
from bot.judge.prompts import NO, ORDINARY, REPORT, YES

Shown = list[tuple[str, str]]
"""Examples as (message, label), in the order in which they are shown."""

SEED = 5
# Of each topic. More of them cost nothing a message, but each some 25 tokens of the time to start.
_OF_TOPIC = ((Kind.BREAKING, 2), (Kind.NEAR_MISS, 1), (Kind.REPORT, 1))
_ORDINARY_SHOWN = 8
_CHARACTERS = 100


def library_examples(library: Library) -> Shown:
    """The library's examples, in an order that is the same every time."""
    shown: Shown = []
    for topic in library.topics:
        label = {Kind.BREAKING: topic.label, Kind.NEAR_MISS: ORDINARY, Kind.REPORT: REPORT}
        for kind, most in _OF_TOPIC:
            short = [text for text in topic.texts(kind) if len(text) <= _CHARACTERS]
            shown += [(text, label[kind]) for text in short[:most]]
    shown += [(text, ORDINARY) for text in library.ordinary[:_ORDINARY_SHOWN]]
    random.Random(SEED).shuffle(shown)  # noqa: S311 - no secret
    return shown


def rule_examples(library: Library) -> list[tuple[str, Shown]]:
    """Rules of the packs' policies, each with messages and whether they break it; other messages than those above.

    Mostly one that does and one that does not; every third rule has only one that does not, so that the model cannot
    count on the first.
    """
    order = random.Random(SEED)  # noqa: S311 - no secret
    rules: list[tuple[str, Shown]] = []
    for number, (_, topics) in enumerate(groupby(library.topics, key=lambda topic: topic.pack)):
        topic = next(topics)
        texts = {kind: [text for text in topic.texts(kind) if len(text) <= _CHARACTERS] for kind in Kind}
        fine = [*texts[Kind.NEAR_MISS][1:3], *texts[Kind.REPORT][1:2]]
        shown = [(fine[number % 2], NO)]
        if number % 3:
            shown = [(texts[Kind.BREAKING][2], YES), (fine[number % 3], NO)]
        order.shuffle(shown)
        rules.append((topic.rule, shown))
    order.shuffle(rules)
    return rules
