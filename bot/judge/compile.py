"""Compile a policy into a judging card, once, when it is published.

Each rule is told by the topics of the library that it is about; one on none of them gets a label of its own, with
examples from its own words, whose bias is measured on neutral messages and taken out. The policy's own examples
decide for messages that are like them.

A policy whose rules all have topics adds nothing to the library's text: what the readout was trained behind is then
just what it reads behind, which was found to be more right than any text of the policy's own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from bot.domain.policy import Policy, Rule
from bot.judge.card import Card, CardRule
from bot.judge.examples import own_examples
from bot.judge.prompts import ORDINARY, own_text
from bot.judge.reader import Reader
from bot.judge.readout import Floats, Logits
from bot.judge.topics import topics_of

# Messages that say nothing for or against any rule: what a label gets here is the wording's doing.
NEUTRAL = (
    "ok",
    "good morning everyone",
    "what time is it there?",
    "I will be back in ten minutes",
    "thanks, that worked",
    "did anyone see the update notes?",
    "brb, making coffee",
    "yes, same here",
)
_FINE_SHOWN = 4
# What a keyword adds to the log-odds that a rule is about a topic, and from where on its likeliest topic and others
# are taken for its own. Chosen on the rules in benchmarks/training, each left out of the fit in its turn.
_NAMED = 2.0
_MAIN_TOPIC_FROM = -0.7
_TOPIC_FROM = 0.5
# The log-odds that a neutral message usually gets of a rule's own label, and how much of a label's distance from
# that is laid to its wording and taken out: half, for a label may also be far because neutral messages fit it least.
_NEUTRAL_ODDS = -7.0
_OWED_TO_WORDING = 0.5

_FILLER = frozenset(
    """
    a an and any are as at be been before but by can do does don dont for from has have here if in into is it its
    keep may messages message might more must need never no not nobody of off on one only or other our out outside
    people please post posting posts server should so some someone stay talk text than that the their them there
    these they this those to us use very want we what when where which who will with without you your allowed
    anyone about against content bring human rule rules ask asking all inside channel channels members member
    user users away else give given known nothing something tell told written
    """.split()
)


class Scorer(Protocol):
    """What the compiler needs of the engine."""

    def messages(self, card_text: str, messages: Sequence[str]) -> Logits:
        """Logits after each message behind the library's text and a card's; shape (messages, vocabulary)."""

    def rules(self, rules: Sequence[str]) -> Logits:
        """Logits after each rule, where rules are sorted; shape (rules, vocabulary)."""


def compile_card(policy: Policy, reader: Reader, scorer: Scorer) -> Card:
    """Compile a policy. Deterministic for a model, a library and a policy."""
    topics = _topics(policy, reader, scorer)
    untaught = [rule for rule in policy.rules if not topics[rule.key]]
    labels = _own_labels(untaught, reader)
    places = {rule.key: place for place, rule in enumerate(untaught)}
    rules = tuple(CardRule(rule.key, topics[rule.key], places.get(rule.key)) for rule in policy.rules)
    words = labels | {key: reader.topics[found[0]].label for key, found in topics.items() if found}
    tokens = tuple(reader.first_token(labels[rule.key]) for rule in untaught)
    text = own_text([], [])
    if untaught or reader.readout is None:
        meanings = [(labels[rule.key], rule.text.strip().rstrip(".")) for rule in untaught]
        meanings += [(ORDINARY, fine.rstrip(".")) for fine in policy.fine[:_FINE_SHOWN]]
        text = own_text(meanings, own_examples(policy, words, untaught))
    shift = _wording(reader.label_odds(scorer.messages(text, NEUTRAL), tokens)) if tokens else np.zeros(0)
    examples, broken = _examples(policy, text, reader, scorer)
    fine = {place for place, topic in enumerate(reader.topics) if topic.hidden_is_fine}
    by_sight = tuple(rule.key for rule in rules if rule.topics and fine.issuperset(rule.topics))
    return Card(policy.digest, text, rules, tokens, shift, examples, broken, by_sight)


def _wording(neutral: Floats) -> Floats:
    """What each own label's wording adds to its log-odds, from those of neutral messages, shape (messages, labels).

    After Zhao et al. (2021), "Calibrate Before Use", but in log-odds and in part only.
    """
    shift: Floats = _OWED_TO_WORDING * (neutral.mean(axis=0) - _NEUTRAL_ODDS)
    return shift


def _examples(policy: Policy, text: str, reader: Reader, scorer: Scorer) -> tuple[Floats, tuple[int | None, ...]]:
    """Directions of the policy's own examples and the place of the rule each breaks; unknown rules left out."""
    places = {rule.key: place for place, rule in enumerate(policy.rules)}
    known = [example for example in policy.examples if example.rule is None or example.rule in places]
    if reader.readout is None or not known:
        return np.zeros((0, 0)), ()
    rows = scorer.messages(text, [example.text for example in known])
    broken = tuple(None if example.rule is None else places[example.rule] for example in known)
    return reader.readout.directions(rows), broken


def _topics(policy: Policy, reader: Reader, scorer: Scorer) -> dict[str, tuple[int, ...]]:
    """Places of the topics of each rule in the library, likeliest first; by keywords alone without a readout."""
    named = [topics_of(rule, reader.topics) for rule in policy.rules]
    if reader.readout is None:
        found = [tuple(reader.topics.index(topic) for topic in topics) for topics in named]
    else:
        odds = reader.readout.of_rules(scorer.rules([rule.text for rule in policy.rules]))
        found = shared_out(odds + _NAMED * np.array([[t in topics for t in reader.topics] for topics in named]))
    return dict(zip((rule.key for rule in policy.rules), found, strict=True))


def shared_out(odds: Floats) -> list[tuple[int, ...]]:
    """Topics of each rule, likeliest first, from log-odds of shape (rules, topics).

    A rule may be about several; but what is the main topic of one rule is left to it by the others, so that of
    two rules on neighbouring topics each keeps its own.
    """
    main = [int(row.argmax()) if row.max() > _MAIN_TOPIC_FROM else None for row in odds]
    found: list[tuple[int, ...]] = []
    for own, row in zip(main, odds, strict=True):
        likeliest = (int(place) for place in np.argsort(-row))
        found.append(tuple(at for at in likeliest if at == own or (row[at] > _TOPIC_FROM and at not in main)))
    return found


def _own_labels(rules: Sequence[Rule], reader: Reader) -> dict[str, str]:
    """A word for each rule by its key, each with a first token of its own."""
    taken = {*reader.fine_tokens, *reader.topic_tokens}
    labels: dict[str, str] = {}
    for rule in rules:
        words = [*_words_of(rule), f"rule{rule.key}", *"bcdefghjkmnpqrstuvwxyz"]
        word = next(word for word in words if reader.first_token(word) not in taken)
        taken.add(reader.first_token(word))
        labels[rule.key] = word
    return labels


def _words_of(rule: Rule) -> list[str]:
    """Words of the rule that could be its label, in its order: what is forbidden mostly comes first."""
    words = dict.fromkeys(re.findall(r"[^\W\d_]{4,14}", rule.text.casefold()))
    return [word for word in words if word not in _FILLER]
