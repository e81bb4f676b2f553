"""Which of the library's examples the judge is shown, the same for all policies. Pure."""

from __future__ import annotations

import random

from bot.judge.library import Kind, Library
from bot.judge.prompts import ORDINARY, REPORT

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
