"""Compile a policy into a judging card, once, when it is published.

Each rule gets a topic of the library where its words say so, else a label from its own words. What is fine has
two labels: `ordinary`, and `report` for messages that tell of what others did, warn of it or ask about it.
Without a home of their own a small model takes these for the thing they speak of. What a rule is given on
neutral messages is its wording's bias, and is taken out. Nothing of this needs labels of the server's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Protocol

from bot.domain.policy import Policy, Rule
from bot.judge.card import Card, CardLabel, Floats, wording_bias
from bot.judge.examples import choose_examples
from bot.judge.library import Library, Topic
from bot.judge.prompts import ORDINARY, REPORT, card_text
from bot.judge.topics import topic_of

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

_ORDINARY_MEANING = "everyday chat, questions, jokes, opinions, news, anything that breaks no rule"
_REPORT_MEANING = (
    "reporting, quoting or warning of what others did, asking whether something is allowed or real, advice against it"
)

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

    def first_token(self, word: str) -> int:
        """The first token of ` word`, as it stands after `Category:`."""

    def score(self, prefix: str, tokens: Sequence[int], messages: Sequence[str]) -> Floats:
        """Log-probabilities of the label tokens for each message; shape (messages, labels)."""


Progress = Callable[[str], None]


def compile_card(policy: Policy, library: Library, scorer: Scorer, on_progress: Progress = lambda _: None) -> Card:
    """Compile a policy. Deterministic for a model, a library and a policy."""
    topics = {rule.key: topic_of(rule, library.topics) for rule in policy.rules}
    labels = _labels(policy, topics, scorer)
    words = {label.rule: label.word for label in labels if label.rule is not None}
    shown = choose_examples(policy, words, topics, library)
    prefix = card_text([(label.word, label.meaning) for label in labels], shown)
    tokens = tuple(scorer.first_token(label.word) for label in labels)
    on_progress("reading the policy")
    bias = wording_bias(labels, scorer.score(prefix, tokens, NEUTRAL))
    return Card(policy.digest, prefix, labels, tokens, bias)


def _labels(policy: Policy, topics: dict[str, Topic | None], scorer: Scorer) -> tuple[CardLabel, ...]:
    labels = [CardLabel(ORDINARY, _ordinary_meaning(policy), None), CardLabel(REPORT, _REPORT_MEANING, None)]
    taken = {scorer.first_token(label.word) for label in labels}
    for rule in policy.rules:
        topic = topics[rule.key]
        words = ([topic.label] if topic else []) + _words_of(rule) + [f"rule{rule.key}", *"bcdefghjkmnpqrstuvwxyz"]
        word = next(word for word in words if scorer.first_token(word) not in taken)
        taken.add(scorer.first_token(word))
        labels.append(CardLabel(word, _meaning(rule, topic), rule.key, topic.label if topic else None))
    return tuple(labels)


def _words_of(rule: Rule) -> list[str]:
    """Words of the rule that could be its label, in its order: what is forbidden mostly comes first."""
    words = dict.fromkeys(re.findall(r"[^\W\d_]{4,14}", rule.text.casefold()))
    return [word for word in words if word not in _FILLER]


def _meaning(rule: Rule, topic: Topic | None) -> str:
    own = rule.text.strip().rstrip(".")
    return f"{own} ({topic.meaning.rstrip('.')})" if topic else f"what this rule is about: {own}"


def _ordinary_meaning(policy: Policy) -> str:
    return "; ".join((_ORDINARY_MEANING, *(text.rstrip(".") for text in policy.fine[:4])))
