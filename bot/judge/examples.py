"""Which examples a judging card shows, and in which order. Pure."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping, Sequence

from bot.domain.policy import Policy, Rule
from bot.judge.library import Kind, Library, Topic
from bot.judge.prompts import ORDINARY, REPORT

Shown = list[tuple[str, str]]
"""Examples as (message, label), in the order in which the card shows them."""

SEED = 20_240
# Of each rule's topic, where the policy has few rules; examples cost nothing per message, but each some
# 25 tokens of the time to compile and of the context.
BREAKING_SHOWN = 9
NEAR_SHOWN = 7
REPORTS_SHOWN = 3
ORDINARY_SHOWN = 8
MOST_SHOWN = 90
EXAMPLE_CHARACTERS = 240
# Of a rule without a topic.
CLAUSES_SHOWN = 3
PARTS_SHOWN = 3
SHORTEST_PIECE = 3

_NEGATION = re.compile(
    r"^(?:there (?:is|are) |this is )?(?:no|not|never|nothing|do not|don['’]t|must not)\s+", re.IGNORECASE
)
_CLAUSE_END = re.compile(r"[:;.!?]+(?:\s+|$)")
_PART_END = re.compile(r"[:;,.!?]+(?:\s+|$)| or | and ")


def choose_examples(
    policy: Policy, words: Mapping[str, str], topics: Mapping[str, Topic | None], library: Library
) -> Shown:
    """The card's examples; `words` and `topics` are by rule key.

    A rule with a topic is shown by the topic's pack, one without by what it forbids, in its own words: a label
    that no example carries is never chosen. The policy's own examples come last, where they weigh most.
    """
    chance = random.Random(SEED)  # noqa: S311 - an order that is the same every time, no secret
    share = min(1.0, MOST_SHOWN / (len(policy.rules) * (BREAKING_SHOWN + NEAR_SHOWN + REPORTS_SHOWN) + ORDINARY_SHOWN))
    breaking: list[Shown] = []
    fine: Shown = []
    turns = _turns(topics)
    for rule in policy.rules:
        topic, word = topics[rule.key], words[rule.key]
        if topic is None:
            pieces = forbidden(rule)
            breaking.append([(text, word) for text in pieces])
            fine += [(f"is {text} allowed here?", REPORT) for text in pieces[:1]]
            continue
        turn = turns[rule.key]
        breaking.append([(text, word) for text in _some(topic, Kind.BREAKING, BREAKING_SHOWN * share, turn)])
        fine += [(text, ORDINARY) for text in _some(topic, Kind.NEAR_MISS, NEAR_SHOWN * share, turn)]
        fine += [(text, REPORT) for text in _some(topic, Kind.REPORT, REPORTS_SHOWN * share, turn)]
    fine += [(text, ORDINARY) for text in library.ordinary[:ORDINARY_SHOWN]]
    chance.shuffle(fine)
    return _interleave(_in_turn(breaking), fine) + _own(policy, words)


def forbidden(rule: Rule) -> list[str]:
    """What a rule forbids, in its own words: its clauses without their "no" or "do not", then their parts."""
    clauses = _without_negation(_CLAUSE_END.split(rule.text))
    parts = _without_negation(_PART_END.split(rule.text))
    return clauses[:CLAUSES_SHOWN] + [part for part in parts if part not in clauses][:PARTS_SHOWN]


def _without_negation(pieces: Iterable[str]) -> list[str]:
    bare = [_NEGATION.sub("", piece.strip()).strip() for piece in pieces]
    return [piece for piece in bare if SHORTEST_PIECE < len(piece) <= EXAMPLE_CHARACTERS]


def _own(policy: Policy, words: Mapping[str, str]) -> Shown:
    """The policy's own examples; one that names a rule which is not there is left out."""
    labelled = [(e.text, words.get(e.rule) if e.rule else ORDINARY) for e in policy.examples]
    return [(text, word) for text, word in labelled if word]


def _turns(topics: Mapping[str, Topic | None]) -> dict[str, slice]:
    """For each rule with a topic, which of the topic's examples are its own: rules of one topic share them out."""
    rules_of: dict[str, list[str]] = {}
    for key, topic in topics.items():
        if topic is not None:
            rules_of.setdefault(topic.label, []).append(key)
    return {key: slice(i, None, len(keys)) for keys in rules_of.values() for i, key in enumerate(keys)}


def _some(topic: Topic, kind: Kind, most: float, turn: slice) -> Sequence[str]:
    texts = [text for text in topic.texts(kind) if len(text) <= EXAMPLE_CHARACTERS]
    return texts[turn][: max(1, round(most))]


def _in_turn(lists: Iterable[Shown]) -> Shown:
    """One of each list after the other, until all are empty."""
    waiting = [list(one) for one in lists]
    taken: Shown = []
    while any(waiting):
        taken += [one.pop(0) for one in waiting if one]
    return taken


def _interleave(first: Shown, second: Shown) -> Shown:
    """Spread two lists evenly over each other, so that no label comes in a long run."""
    placed = [((i + 0.5) / max(len(first), 1), pair) for i, pair in enumerate(first)]
    placed += [((i + 0.5) / max(len(second), 1), pair) for i, pair in enumerate(second)]
    return [pair for _, pair in sorted(placed, key=lambda item: item[0])]
