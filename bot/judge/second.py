"""The second reading: does a message do what a rule forbids, or only speak of it?

A message that the card finds near a rule is read once more before anything comes of it, among examples of
every topic sorted by what their writer does. One prefix serves all policies; only messages that would be
caught cost a second pass.
"""

from __future__ import annotations

import random
from typing import Final

import numpy as np

from bot.judge.card import Floats
from bot.judge.library import Kind, Library, Topic
from bot.judge.prompts import card_text

LABELS: Final = (
    ("does", "the writer attacks, cheats, sells, lures or gives away with this message, or is in danger"),
    ("tells", "the writer tells of something bad, warns of it, asks about it or asks for help against it"),
    ("harmless", "nothing bad is done or spoken of"),
)
# Examples of each topic: the last of the packs, as cards show the first.
_SHOWN: Final = ((Kind.BREAKING, "does", 2), (Kind.REPORT, "tells", 2), (Kind.NEAR_MISS, "harmless", 1))
_CHARACTERS = 100
_SEED = 5

# From these log-odds on, where a message would be caught, it is read twice: reading twice from -1.5 on was as right
# and fell below one message of 40 tokens a second. Then the second reading's log-odds of `does`, as far as they are
# from what a breaking message at least has, count by the weight. Chosen on benchmarks/cases.
READ_AGAIN_FROM = 0.0
_WEIGHT = 0.5
_EXPECTED = 1.0
_LOWEST, _HIGHEST = -4.0, 2.0


def second_text(library: Library) -> str:
    """The resident prefix of the second reading."""
    chance = random.Random(_SEED)  # noqa: S311 - an order that is the same every time, no secret
    shown = [
        (text, label) for topic in library.topics for kind, label, most in _SHOWN for text in _last(topic, kind, most)
    ]
    chance.shuffle(shown)
    return card_text(LABELS, shown)


def _last(topic: Topic, kind: Kind, most: int) -> list[str]:
    return [text for text in topic.texts(kind) if len(text) <= _CHARACTERS][-most:]


def needs_second(odds: Floats) -> bool:
    """Whether a message with these log-odds per rule is read twice."""
    return bool(odds.max() > READ_AGAIN_FROM)


def weighed(odds: Floats, log_probabilities: Floats) -> Floats:
    """Log-odds per rule once more, after the second reading's log-probabilities of LABELS, shape (3,)."""
    does = log_probabilities[0] - np.logaddexp.reduce(log_probabilities[1:])
    moved: Floats = odds + _WEIGHT * np.clip(does - _EXPECTED, _LOWEST, _HIGHEST)
    return moved
