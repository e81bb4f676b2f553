"""A judging card: a policy compiled into how the model's answers become odds per rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from bot.judge.reader import Reader
from bot.judge.readout import Floats, Said

# A rule on topics is read together with the message only where the topics alone leave it at least this likely
# (log-odds), or where the message may well break something: else the rule is nearly never broken, and most messages of
# a watched channel are there for every rule.
WORTH_READING = -2.5
MAY_BREAK = 2.5
# Where topics alone are so sure that it is none of a rule's (log-odds), it is not read whatever else the message may
# break: read with it, a rule would be taken for broken because another is. With -6 a third of the readings fall away on
# the policies in benchmarks/cases (651 of 947 are left), and of the rules wrongly named beside the right one as many;
# of 250 broken rules one is named less. With -8 a quarter and none.
OUT_OF_QUESTION = -6.0
# What topics alone may say at most of a rule that was not read. Bounds of what they say to the blend.
_UNREAD = -2.0
_BOUNDS = (-7.0, 8.0)
# The least that the reading of a rule with a message says. Below, it is as sure of rules that it takes for something
# else, such as "if somebody may hurt themselves, call a human", which no message breaks.
_LEAST_BY_PAIR = -3.0
# How alike a message must be to one of the policy's own examples for that to count at all, and in full; then the
# example decides, with these log-odds. Among messages written apart, nearest ones are mostly below the first.
_ALIKE_FROM, _SAME_FROM = 0.85, 0.95
_DECIDED = 4.0


@dataclass(frozen=True, slots=True)
class CardRule:
    """A rule by its key, its words as the model reads them, and its topics' places in the library; none for some."""

    key: str
    text: str
    topics: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A compiled policy.

    `examples`, shape (examples, features), are the directions of the policy's own examples, and `broken` the place of
    the rule each breaks. `by_sight` are the keys of rules that what is behind spoiler bars does not break.
    """

    policy_digest: str
    rules: tuple[CardRule, ...]
    examples: Floats
    broken: tuple[int | None, ...]
    by_sight: tuple[str, ...] = ()

    @property
    def keys(self) -> list[str]:
        """Keys of the rules, in their order."""
        return [rule.key for rule in self.rules]

    def only(self, key: str) -> Card:
        """A card that tells of one rule just what this one does."""
        place = self.keys.index(key)
        broken = tuple(0 if rule == place else None for rule in self.broken)
        return replace(self, rules=(self.rules[place],), broken=broken)

    def by_topics(self, topics: Floats) -> Floats:
        """Log-odds per rule, shape (rules,), of its likeliest topic, from those of a message's topics and of anything.

        For a rule on no topic those of the message breaking anything at all.
        """
        return np.array([max((topics[place] for place in rule.topics), default=topics[-1]) for rule in self.rules])

    def worth_reading(self, topics: Floats, reader: Reader) -> list[int]:
        """Places of the rules that are to be read together with the message: those that topics do not settle."""
        if reader.readout is None:
            return [place for place, rule in enumerate(self.rules) if not rule.topics]
        least = OUT_OF_QUESTION if topics[-1] > MAY_BREAK else WORTH_READING
        likely = self.by_topics(topics) > least
        return [place for place, rule in enumerate(self.rules) if not rule.topics or likely[place]]

    def odds(self, topics: Floats, by_pair: Mapping[int, float], said: Said, reader: Reader) -> Floats:
        """Log-odds per rule, shape (rules,), from those of topics and those of the rules that were read, by place."""
        by_topics = self.by_topics(topics)
        odds = by_topics.copy() if reader.readout is None else np.minimum(by_topics, _UNREAD)
        for place, pair in by_pair.items():
            blend = reader.blend_on_topics if self.rules[place].topics else reader.blend_on_none
            odds[place] = blend @ evidence(by_topics[place], pair, topics[-1])
        return self._by_examples(odds, said, reader)

    def _by_examples(self, odds: Floats, said: Said, reader: Reader) -> Floats:
        """Move the odds to what the most alike of the policy's own examples says, as far as it is alike."""
        if reader.readout is None or not self.broken:
            return odds
        alike = self.examples @ reader.readout.directions(said)
        nearest = int(alike.argmax())
        share = float(np.clip((alike[nearest] - _ALIKE_FROM) / (_SAME_FROM - _ALIKE_FROM), 0.0, 1.0))
        decided = np.full(len(odds), -_DECIDED)
        rule = self.broken[nearest]
        if rule is not None:
            decided[rule] = _DECIDED
        moved: Floats = (1.0 - share) * odds + share * decided
        return moved

    def probabilities(self, odds: Floats) -> dict[str, float]:
        """Probability per rule from log-odds, shape (rules,)."""
        values = 1.0 / (1.0 + np.exp(-np.clip(odds, -30.0, 30.0)))
        return {key: float(value) for key, value in zip(self.keys, values, strict=True)}


def evidence(topic: float, pair: float, anything: float) -> Floats:
    """What a rule's weights apply to, shape (4,): log-odds of its topic, of the pair, of anything, and a constant."""
    low, high = _BOUNDS
    return np.array([np.clip(topic, low, high), max(pair, _LEAST_BY_PAIR), np.clip(anything, low, high), 1.0])
