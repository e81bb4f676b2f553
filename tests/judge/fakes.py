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
    """Gives each text the same logits, those of a card with text of its own other ones."""

    def __init__(self, plain: Logits, with_own: Logits | None = None) -> None:
        """Remember what to give; nothing was asked yet."""
        self._plain, self._with_own = plain, plain if with_own is None else with_own
        self.asked: list[tuple[str, tuple[str, ...]]] = []

    def messages(self, card_text: str, messages: Sequence[str]) -> Logits:
        """The same row for each message."""
        self.asked.append((card_text, tuple(messages)))
        row = self._plain if card_text == "Message:" else self._with_own
        return np.stack([row] * len(messages))

    def rules(self, rules: Sequence[str]) -> Logits:
        """The same row for each rule."""
        return np.stack([self._plain] * len(rules))


def a_readout(reader: Reader) -> Readout:
    """A readout for this reader's text that gives every message even odds, and every rule every topic."""
    outputs = (*(topic.label for topic in reader.topics), "anything")
    tokens = np.arange(100)
    return Readout(
        model_digest="0" * 64,
        text_digest=text_digest(reader.text),
        outputs=outputs,
        tokens=tokens,
        message_weights=np.zeros((len(outputs), len(tokens))),
        message_bias=np.zeros(len(outputs)),
        rule_weights=np.zeros((len(outputs) - 1, len(tokens))),
        rule_bias=np.ones(len(outputs) - 1),
        centre=np.zeros(len(tokens)),
    )
