"""Weigh what is told of a message against one another: `python -m benchmarks.weigh`, about an hour on 2 cores.

How likely do the topics, the reading of a rule with a message, and the message's breaking anything at all make it that
a rule is broken? Weights are fitted on whole policies on which the readout was not, the rules of each standing against
one another and against none (conditional logit, McFadden 1974). They become the blend of bot/judge/readout.npz. To be
run after `benchmarks.train`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from rich.progress import track

from benchmarks.measures import Case, load_cases
from benchmarks.shipped import shipped
from benchmarks.training_data import as_seen
from bot.judge.card import evidence
from bot.judge.compile import compile_card
from bot.judge.reader import Reader
from bot.judge.readout import Floats, load_readout, save_readout
from bot.judge.scoring import EngineScorer

HERE = Path(__file__).parent
# Added to the constants, chosen on the same policies: without, a few messages more are missed than wrongly caught.
LEAN = 0.3
PENALTY = 1.0
_STEPS = 50


@dataclass(frozen=True, slots=True)
class Reading:
    """A message with the rules it was read with.

    `evidence` has shape (rules, 4), the columns of the blend, `on_topics` shape (rules,); `broken` is the place of the
    rule it breaks among them, or their number for none.
    """

    evidence: Floats
    on_topics: tuple[bool, ...]
    broken: int


def main() -> None:
    """Read, weigh, write."""
    parser = argparse.ArgumentParser(description="Weigh what is told of a message against one another.")
    parser.add_argument("--cases", type=Path, default=HERE / "cases", help="a folder of NAME.md and NAME.jsonl")
    arguments = parser.parse_args()
    reader, scorer = shipped()
    cases = load_cases(arguments.cases)
    readings = [reading for case in track(cases, "reading") for reading in read(case, reader, scorer)]
    blend = weighed(readings)
    blend[:, -1] += LEAN
    print(np.round(blend, 3))
    save_readout(replace(load_readout(), blend=blend))


def read(case: Case, reader: Reader, scorer: EngineScorer) -> list[Reading]:
    """What the judge reads of a case; messages that break a rule it did not read are left out."""
    card = compile_card(case.policy, reader, scorer)
    texts = [as_seen(message.text) for message in case.messages]
    told = [reader.message_odds(row) for row in scorer.messages(texts)]
    asked = [(at, place) for at, topics in enumerate(told) for place in card.worth_reading(topics, reader)]
    rows = scorer.pairs([(card.rules[place].text, texts[at]) for at, place in asked])
    pairs = {both: float(reader.pair_odds(row)) for both, row in zip(asked, rows, strict=True)}
    found = []
    for at, message in enumerate(case.messages):
        places = [place for number, place in asked if number == at]
        keys = [card.rules[place].key for place in places]
        if places and message.rule in {None, *keys}:
            by_topics = card.by_topics(told[at])
            columns = [evidence(by_topics[place], pairs[at, place], told[at][-1]) for place in places]
            on_topics = tuple(bool(card.rules[place].topics) for place in places)
            found.append(Reading(np.stack(columns), on_topics, keys.index(message.rule) if message.rule else len(keys)))
    return found


def weighed(readings: Sequence[Reading]) -> Floats:
    """Weights of the columns for rules on topics and for those on none, shape (2, 4); by Newton's method."""
    found = np.zeros(8)
    # On no topic the first column says what the third does.
    free = np.array([0, 1, 2, 3, 5, 6, 7])
    ridge = np.array([PENALTY, PENALTY, PENALTY, 1e-6] * 2)
    for _ in range(_STEPS):
        slope, bend = ridge * found, np.diag(ridge)
        for reading in readings:
            on = np.array(reading.on_topics)[:, None]
            design = np.hstack([reading.evidence * on, reading.evidence * ~on])
            scores = np.append(design @ found, 0.0)
            chance = np.exp(scores - np.logaddexp.reduce(scores))[:-1]
            broken = np.arange(len(chance)) == reading.broken
            slope = slope + design.T @ (chance - broken)
            bend = bend + design.T @ (np.diag(chance) - np.outer(chance, chance)) @ design
        step = np.linalg.solve(bend[np.ix_(free, free)], slope[free])
        found[free] -= step
        if np.abs(step).max() < 1e-6:
            break
    return found.reshape(2, 4)


if __name__ == "__main__":
    main()
