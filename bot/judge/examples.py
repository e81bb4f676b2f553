"""Which examples the judge is shown: of the library once for all policies, and of one policy's own. Pure."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping

from bot.domain.policy import Policy, Rule
from bot.judge.library import Kind, Library
from bot.judge.prompts import ORDINARY, REPORT

Shown = list[tuple[str, str]]
"""Examples as (message, label), in the order in which they are shown."""

SEED = 5
# Of each topic. More of them cost nothing a message, but each some 25 tokens of the time to start.
_OF_TOPIC = ((Kind.BREAKING, 2), (Kind.NEAR_MISS, 1), (Kind.REPORT, 1))
_ORDINARY_SHOWN = 8
_CHARACTERS = 100
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


def library_examples(library: Library) -> Shown:
    """The library's examples, in an order that is the same every time."""
    shown: Shown = []
    for topic in library.topics:
        label = {Kind.BREAKING: topic.label, Kind.NEAR_MISS: ORDINARY, Kind.REPORT: REPORT}
        for kind, most in _OF_TOPIC:
            short = [text for text in topic.texts(kind) if len(text) <= _CHARACTERS]
            shown += [(text, label[kind]) for text in short[:most]]
    shown += [(text, ORDINARY) for text in library.ordinary[:_ORDINARY_SHOWN]]
    random.Random(SEED).shuffle(shown)  # noqa: S311 - no secret
    return shown


def own_examples(policy: Policy, words: Mapping[str, str], untaught: Iterable[Rule]) -> Shown:
    """A policy's own examples; `words` are the labels by rule key, `untaught` the rules without a topic.

    Of these it is shown what they forbid, in their own words: a label that no example carries is never chosen.
    The policy's examples come last, where they weigh most; one that names a rule which is not there is left out.
    """
    shown: Shown = []
    for rule in untaught:
        pieces = forbidden(rule)
        shown += [(text, words[rule.key]) for text in pieces]
        shown += [(f"is {text} allowed here?", REPORT) for text in pieces[:1]]
    labelled = [(e.text, words.get(e.rule) if e.rule else ORDINARY) for e in policy.examples]
    return shown + [(text[:EXAMPLE_CHARACTERS], word) for text, word in labelled if word]


def forbidden(rule: Rule) -> list[str]:
    """What a rule forbids, in its own words: its clauses without their "no" or "do not", then their parts."""
    clauses = _without_negation(_CLAUSE_END.split(rule.text))
    parts = _without_negation(_PART_END.split(rule.text))
    return clauses[:CLAUSES_SHOWN] + [part for part in parts if part not in clauses][:PARTS_SHOWN]


def _without_negation(pieces: Iterable[str]) -> list[str]:
    bare = [_NEGATION.sub("", piece.strip()).strip() for piece in pieces]
    return [piece for piece in bare if SHORTEST_PIECE < len(piece) <= EXAMPLE_CHARACTERS]
