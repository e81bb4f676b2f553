"""A judging card: a policy compiled into what is shown to the model, and how its answer becomes odds per rule."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bot.judge.reader import Reader
from bot.judge.readout import Floats, Logits

# For a rule without a topic: weights of its label's log-odds and of those that the message breaks anything at
# all, and a constant. Fitted by logistic regression on rules of benchmarks/training whose topics the library did
# not have at the time.
_OWN, _ANYTHING, _CONSTANT = 0.32, 0.24, -0.66
# How alike a message must be to one of the policy's own examples for that to count at all, and in full; then the
# example decides, with these log-odds. Among messages written apart, nearest ones are mostly below the first.
_ALIKE_FROM, _SAME_FROM = 0.85, 0.95
_DECIDED = 4.0


@dataclass(frozen=True, slots=True)
class CardRule:
    """How a rule is told: by topics, their places in the library, or by the place of its own label."""

    key: str
    topics: tuple[int, ...]
    label: int | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A compiled policy.

    `text` follows the library's and is this policy's own. `own_tokens` are the first tokens of its own labels, and
    `label_shift`, shape (own labels,), what their wording adds to their log-odds. `examples`, shape (examples,
    tokens), are the directions of the policy's own examples, and `broken` the place of the rule each breaks.
    `by_sight` are the keys of rules that what is behind spoiler bars does not break.
    """

    policy_digest: str
    text: str
    rules: tuple[CardRule, ...]
    own_tokens: tuple[int, ...]
    label_shift: Floats
    examples: Floats
    broken: tuple[int | None, ...]
    by_sight: tuple[str, ...] = ()

    @property
    def keys(self) -> list[str]:
        """Keys of the rules, in their order."""
        return [rule.key for rule in self.rules]

    def odds(self, logits: Logits, reader: Reader) -> Floats:
        """Log-odds per rule, shape (rules,), from the logits after one message, shape (vocabulary,)."""
        topics = reader.message_odds(logits)
        labels = reader.label_odds(logits, self.own_tokens) - self.label_shift
        odds = np.array([_odds(rule, topics, labels) for rule in self.rules])
        return self._by_examples(odds, logits, reader)

    def _by_examples(self, odds: Floats, logits: Logits, reader: Reader) -> Floats:
        """Move the odds to what the most alike of the policy's own examples says, as far as it is alike."""
        if reader.readout is None or not self.broken:
            return odds
        alike = self.examples @ reader.readout.directions(logits)
        nearest = int(alike.argmax())
        share = float(np.clip((alike[nearest] - _ALIKE_FROM) / (_SAME_FROM - _ALIKE_FROM), 0.0, 1.0))
        said = np.full(len(odds), -_DECIDED)
        rule = self.broken[nearest]
        if rule is not None:
            said[rule] = _DECIDED
        moved: Floats = (1.0 - share) * odds + share * said
        return moved

    def probabilities(self, odds: Floats) -> dict[str, float]:
        """Probability per rule from log-odds, shape (rules,)."""
        values = 1.0 / (1.0 + np.exp(-np.clip(odds, -30.0, 30.0)))
        return {key: float(value) for key, value in zip(self.keys, values, strict=True)}


def _odds(rule: CardRule, topics: Floats, labels: Floats) -> float:
    if rule.label is None:
        return float(max(topics[place] for place in rule.topics))
    return float(_OWN * labels[rule.label] + _ANYTHING * topics[-1] + _CONSTANT)
