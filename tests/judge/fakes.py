"""A vocabulary, logits and states for tests of what is made of them; no model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from bot.judge.reader import Reader
from bot.judge.readout import Layers, Logits, Readout, Said

VOCABULARY = 4_000
WIDTH = 50


class Words:
    """First tokens of words, in the order in which they are asked for."""

    def __init__(self) -> None:
        """Know no word yet."""
        self._known: dict[str, int] = {}

    def __call__(self, word: str) -> int:
        """The token of a word, the same each time."""
        return self._known.setdefault(word.strip(), len(self._known))

    def logits(self, given: Mapping[str, float]) -> Logits:
        """Logits that are zero but for these words; shape (VOCABULARY,)."""
        row = np.zeros(VOCABULARY, dtype=np.float32)
        for word, value in given.items():
            row[self(word)] = value
        return row


def states(message: str) -> Said:
    """States of a message, shape (2, WIDTH): the same each time, and unlike those of any other."""
    return np.random.default_rng(list(message.encode())).normal(size=(2, WIDTH)).astype(np.float32)


class FixedScorer:
    """Says the same of each text."""

    def __init__(self, row: Said) -> None:
        """Remember what to give."""
        self._row = row

    def messages(self, messages: Sequence[str]) -> Said:
        """The same row for each message."""
        return np.stack([self._row] * len(messages))

    def rules(self, rules: Sequence[str]) -> Said:
        """The same row for each rule."""
        return np.stack([self._row] * len(rules))


def a_readout(reader: Reader) -> Readout:
    """A readout for this reader's texts that gives every message even odds, and every rule every topic.

    A rule's score is that of its topics, that of the rule read with the message, and a quarter of that of anything,
    added up; for a rule on no topic the second twice, the third, and a half more.
    """
    outputs = (*(topic.label for topic in reader.topics), "anything")
    features = 2 * WIDTH
    return Readout(
        model_digest="0" * 64,
        text_digest=reader.digest,
        layers=Layers(0, 0),
        outputs=outputs,
        message_weights=np.zeros((len(outputs), features)),
        message_bias=np.zeros(len(outputs)),
        rule_weights=np.zeros((len(outputs) - 1, features)),
        rule_bias=np.ones(len(outputs) - 1),
        pair_weights=np.zeros((1, features)),
        pair_bias=np.zeros(1),
        blend=np.array([[1.0, 1.0, 0.25, 0.0], [0.0, 2.0, 0.25, 0.5]]),
        centre=np.zeros(features),
    )
