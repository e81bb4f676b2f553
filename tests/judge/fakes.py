"""A vocabulary and logits for tests of what is made of them; no model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from bot.judge.reader import Reader, text_digest
from bot.judge.readout import Logits, Readout

VOCABULARY = 4_000


class Words:
    """First tokens of words, in the order in which they are asked for."""

    def __init__(self) -> None:
        """Know no word yet."""
        self._known: dict[str, int] = {}

    def __call__(self, word: str) -> int:
        """The token of a word, the same each time."""
        return self._known.setdefault(word, len(self._known))

    def logits(self, given: Mapping[str, float]) -> Logits:
        """Logits that are zero but for these words; shape (VOCABULARY,)."""
        row = np.zeros(VOCABULARY, dtype=np.float32)
        for word, value in given.items():
            row[self(word)] = value
        return row


class FixedScorer:
    """Gives each text the same logits."""

    def __init__(self, row: Logits) -> None:
        """Remember what to give."""
        self._row = row

    def messages(self, messages: Sequence[str]) -> Logits:
        """The same row for each message."""
        return np.stack([self._row] * len(messages))

    def rules(self, rules: Sequence[str]) -> Logits:
        """The same row for each rule."""
        return np.stack([self._row] * len(rules))


def a_readout(reader: Reader) -> Readout:
    """A readout for this reader's texts that gives every message even odds, and every rule every topic.

    A rule's log-odds are those of its topics and of the rule read with the message, added up; for a rule on no topic
    the latter twice and a half more.
    """
    outputs = (*(topic.label for topic in reader.topics), "anything")
    tokens = np.arange(100)
    return Readout(
        model_digest="0" * 64,
        text_digest=text_digest(reader.text + reader.pairs_text),
        outputs=outputs,
        tokens=tokens,
        message_weights=np.zeros((len(outputs), len(tokens))),
        message_bias=np.zeros(len(outputs)),
        rule_weights=np.zeros((len(outputs) - 1, len(tokens))),
        rule_bias=np.ones(len(outputs) - 1),
        pair_weights=np.zeros((1, len(tokens))),
        pair_bias=np.zeros(1),
        blend=np.array([[1.0, 1.0, 0.0], [0.0, 2.0, 0.5]]),
        centre=np.zeros(len(tokens)),
    )
