"""Compile a policy into a judging card, once, when it is published.

Each rule is told by the topics of the library that it is about, and by its own words read together with the message;
one on no topic by its words alone. The policy's own examples decide for messages that are like them.

A card adds nothing to what the model reads behind, which is the same for all policies. What the model was asked for a
card may be kept, and need not be asked again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from bot.domain.policy import Example, Policy
from bot.judge.card import Card, CardRule
from bot.judge.prompts import rule_words
from bot.judge.reader import Reader
from bot.judge.readout import Floats, Said
from bot.judge.topics import topics_of

# What a keyword adds to the log-odds that a rule is about a topic, and from where on its likeliest topic and others
# are taken for its own. Chosen on the rules in benchmarks/training, each left out of the fit in its turn.
_NAMED = 2.0
_MAIN_TOPIC_FROM = -0.7
_TOPIC_FROM = 0.5
# How much more plainly another rule must be about a topic for it not to be this one's too: "praise of violence" beside
# "insults, threats". Those of benchmarks/cases and benchmarks/long that are this far behind are not about it.
_PLAINLY = 2.5


class Scorer(Protocol):
    """What the compiler needs of the engine."""

    def messages(self, messages: Sequence[str]) -> Said:
        """What the model says of each message."""

    def rules(self, rules: Sequence[str]) -> Said:
        """What it says of each rule, where rules are sorted."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """What the model is needed for in a card.

    `topics` are the places in the library of each rule's topics, likeliest first; `examples`, shape (examples,
    features), the directions of the policy's own examples.
    """

    topics: tuple[tuple[int, ...], ...]
    examples: Floats


def compile_card(policy: Policy, reader: Reader, scorer: Scorer) -> Card:
    """Compile a policy. Deterministic for a model, a library and a policy."""
    return card_of(policy, reader, compiled(policy, reader, scorer))


def compiled(policy: Policy, reader: Reader, scorer: Scorer) -> Compiled:
    """Ask the model what a policy's card needs of it."""
    return Compiled(tuple(_topics(policy, reader, scorer)), _examples(policy, reader, scorer))


def fits(found: Compiled, policy: Policy, reader: Reader) -> bool:
    """Whether this can have been compiled from a policy with a reader."""
    examples = len(_known(policy)) if reader.readout else 0
    places = range(len(reader.topics))
    return (
        len(found.topics) == len(policy.rules)
        and all(place in places for topics in found.topics for place in topics)
        and len(found.examples) == examples
    )


def card_of(policy: Policy, reader: Reader, found: Compiled) -> Card:
    """A policy's card, from what the model was asked for it now or before."""
    rules = tuple(
        CardRule(rule.key, rule_words(rule.text, policy.fine), topics)
        for rule, topics in zip(policy.rules, found.topics, strict=True)
    )
    places = {rule.key: place for place, rule in enumerate(policy.rules)}
    broken = tuple(None if example.rule is None else places[example.rule] for example in _known(policy))
    fine = {place for place, topic in enumerate(reader.topics) if topic.hidden_is_fine}
    by_sight = tuple(rule.key for rule in rules if rule.topics and fine.issuperset(rule.topics))
    return Card(policy.digest, rules, found.examples, broken if len(found.examples) else (), by_sight)


def _known(policy: Policy) -> list[Example]:
    """The policy's own examples but for those of rules that it does not have."""
    keys = {rule.key for rule in policy.rules}
    return [example for example in policy.examples if example.rule is None or example.rule in keys]


def _examples(policy: Policy, reader: Reader, scorer: Scorer) -> Floats:
    known = _known(policy)
    if reader.readout is None or not known:
        return np.zeros((0, 0))
    return reader.readout.directions(scorer.messages([example.text for example in known]))


def _topics(policy: Policy, reader: Reader, scorer: Scorer) -> list[tuple[int, ...]]:
    """Places of the topics of each rule in the library, likeliest first; by keywords alone without a readout."""
    named = [topics_of(rule, reader.topics) for rule in policy.rules]
    if reader.readout is None:
        return [tuple(reader.topics.index(topic) for topic in topics) for topics in named]
    odds = reader.readout.of_rules(scorer.rules([rule.text for rule in policy.rules]))
    return shared_out(odds + _NAMED * np.array([[t in topics for t in reader.topics] for topics in named]))


def shared_out(odds: Floats) -> list[tuple[int, ...]]:
    """Topics of each rule, likeliest first, from log-odds of shape (rules, topics).

    A rule may be about several; but what is the main topic of one rule is left to it by the others, so that of
    two rules on neighbouring topics each keeps its own. One whose main topic is another's far more plainly is on none:
    its own words tell more.
    """
    nearest, own = odds.argmax(axis=1), odds.max(axis=1)
    plainest = np.array([odds[nearest == place, place].max() for place in nearest])
    keeps = (own > _MAIN_TOPIC_FROM) & (plainest - own < _PLAINLY)
    main = [int(place) if keep else None for place, keep in zip(nearest, keeps, strict=True)]
    found: list[tuple[int, ...]] = []
    for mine, row in zip(main, odds, strict=True):
        likeliest = (int(place) for place in np.argsort(-row))
        found.append(tuple(at for at in likeliest if at == mine or (row[at] > _TOPIC_FROM and at not in main)))
    return found
