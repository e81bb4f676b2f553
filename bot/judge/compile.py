"""Compile a policy into a judging card, once, when it is published.

Each rule gets a topic of the library where its words say so, else a label from its own words. Examples come
from the policy first, then from the topic's pack, interleaved with near misses. What each label is given on
neutral messages is its bias, and is taken out; examples of the packs that the card does not show calibrate
the odds. Nothing of this needs labels of the server's own.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import numpy as np

from bot.domain.policy import Policy, Rule
from bot.judge.calibrate import fit_platt
from bot.judge.card import Calibration, Card, CardLabel, Floats, rule_odds
from bot.judge.library import Library, Topic
from bot.judge.prompts import ORDINARY, card_text
from bot.judge.topics import topic_of

SEED = 20_240
BREAKING_SHOWN = 5
NEAR_SHOWN = 4
ORDINARY_SHOWN = 5
CALIBRATION_EACH = 5
EXAMPLE_CHARACTERS = 240

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

_FILLER = frozenset(
    """
    a an and any are as at be been before but by can do does don dont for from has have here if in into is it its
    keep may messages message might more must need never no not nobody of off on one only or other our out outside
    people please post posting posts server should so some someone stay talk text than that the their them there
    these they this those to us use very want we what when where which who will with without you your allowed
    anyone about against content bring human rule rules ask asking all inside channel channels members member
    user users
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
    shown, held_out = _examples(policy, labels, topics, library)
    prefix = card_text([(label.word, label.meaning) for label in labels], shown)
    tokens = tuple(scorer.first_token(label.word) for label in labels)
    on_progress("reading the policy")
    neutral = scorer.score(prefix, tokens, NEUTRAL)
    bias = _bias(labels, neutral)
    on_progress("calibrating")
    calibration = _calibrate(labels, scorer, prefix, tokens, bias, held_out)
    return Card(policy.digest, prefix, labels, tokens, calibration)


def _labels(policy: Policy, topics: dict[str, Topic | None], scorer: Scorer) -> tuple[CardLabel, ...]:
    labels = [CardLabel(ORDINARY, _ordinary_meaning(policy), None)]
    taken = {scorer.first_token(ORDINARY)}
    for rule in policy.rules:
        topic = topics[rule.key]
        words = ([topic.label] if topic else []) + _words_of(rule) + [f"rule{rule.key}", *"bcdefghjkmnpqrstuvwxyz"]
        word = next(word for word in words if scorer.first_token(word) not in taken)
        taken.add(scorer.first_token(word))
        labels.append(CardLabel(word, _meaning(rule, topic), rule.key, topic.label if topic else None))
    return tuple(labels)


def _words_of(rule: Rule) -> list[str]:
    """Words of the rule that could be its label: the long and telling ones first."""
    words = re.findall(r"[^\W\d_]{4,14}", rule.text.casefold())
    return sorted((w for w in dict.fromkeys(words) if w not in _FILLER), key=len, reverse=True)


def _meaning(rule: Rule, topic: Topic | None) -> str:
    own = rule.text.strip().rstrip(".")
    return f"{own} ({topic.meaning.rstrip('.')})" if topic else f"what this rule is about: {own}"


def _ordinary_meaning(policy: Policy) -> str:
    fine = "; ".join(text.rstrip(".") for text in policy.fine[:4])
    return "everyday chat, questions, jokes, opinions, news, anything that breaks no rule" + (
        f"; {fine}" if fine else ""
    )


Shown = list[tuple[str, str]]


def _examples(
    policy: Policy, labels: Sequence[CardLabel], topics: dict[str, Topic | None], library: Library
) -> tuple[Shown, Shown]:
    """The examples the card shows, in order, and those kept back to calibrate it, as (message, label)."""
    chance = random.Random(SEED)  # noqa: S311 - an order that is the same every time, no secret
    word_of = {label.rule: label.word for label in labels if label.rule}
    own = [(e.text, word_of.get(e.rule, "") if e.rule else ORDINARY) for e in policy.examples]
    own = [(text, word) for text, word in own if word]
    breaking: list[Shown] = []
    fine: Shown = []
    held_out: Shown = []
    seen: set[str] = set()
    for rule in policy.rules:
        topic = topics[rule.key]
        if topic is None:
            continue
        start = BREAKING_SHOWN * sum(1 for other in seen if other == topic.label)
        seen.add(topic.label)
        bad, near = _fitting(topic.breaking), _fitting(topic.near_misses)
        breaking.append([(text, word_of[rule.key]) for text in bad[start : start + BREAKING_SHOWN]])
        fine += [(text, ORDINARY) for text in near[:NEAR_SHOWN]]
        held_out += [(text, word_of[rule.key]) for text in bad[BREAKING_SHOWN:][:CALIBRATION_EACH]]
        held_out += [(text, ORDINARY) for text in near[NEAR_SHOWN:][:CALIBRATION_EACH]]
    ordinary = _fitting(library.ordinary)
    fine += [(text, ORDINARY) for text in ordinary[:ORDINARY_SHOWN]]
    held_out += [(text, ORDINARY) for text in ordinary[ORDINARY_SHOWN:][: CALIBRATION_EACH * 2]]
    chance.shuffle(fine)
    shown = _interleave([pair for row in zip(*breaking, strict=False) for pair in row], fine)
    return shown + own, held_out


def _fitting(texts: Iterable[str]) -> list[str]:
    return [text for text in texts if len(text) <= EXAMPLE_CHARACTERS]


def _interleave(first: Shown, second: Shown) -> Shown:
    """Spread two lists evenly over each other, so that no label comes in a long run."""
    placed = [((i + 0.5) / max(len(first), 1), pair) for i, pair in enumerate(first)]
    placed += [((i + 0.5) / max(len(second), 1), pair) for i, pair in enumerate(second)]
    return [pair for _, pair in sorted(placed, key=lambda item: item[0])]


def _bias(labels: Sequence[CardLabel], neutral: Floats) -> Floats:
    """Each rule label's mean log-probability on neutral messages, relative to the rules' mean."""
    mean = neutral.mean(axis=0)
    breaking = np.array([label.rule is not None for label in labels])
    bias: Floats = np.where(breaking, mean - mean[breaking].mean(), 0.0)
    return bias * 0.5  # half: a label may also be rare on neutral messages because it fits them least


def _calibrate(
    labels: Sequence[CardLabel],
    scorer: Scorer,
    prefix: str,
    tokens: tuple[int, ...],
    bias: Floats,
    held_out: Shown,
) -> Calibration:
    fixed = tuple(float(value) for value in bias)
    if not any(word != ORDINARY for _, word in held_out):
        return Calibration(fixed)
    scores = scorer.score(prefix, tokens, [text for text, _ in held_out]) - bias
    breaking = [label.word for label in labels if label.rule is not None]
    # What breaks a rule counts by that rule's odds, what is fine by its worst.
    odds = np.array(
        [
            row.max() if word == ORDINARY else row[breaking.index(word)]
            for row, (_, word) in zip((rule_odds(labels, s) for s in scores), held_out, strict=True)
        ]
    )
    broken = np.array([word != ORDINARY for _, word in held_out])
    scale, shift = fit_platt(odds, broken)
    return Calibration(fixed, scale, shift)
