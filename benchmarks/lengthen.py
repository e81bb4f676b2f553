"""Fit what is different in long texts: `python -m benchmarks.lengthen`, some 40 minutes on 2 cores.

Each text of benchmarks/long is read by itself, and with the rules it breaks and some others. The readout's weights, for
topics and for pairs, are corrected on these (logistic regression with a ridge, in the kernel's form), each text as far
as it counts as long. How sure the verdicts on long texts may be is fitted at the end, on those of policies left out
(Platt, 1999). What topics, pair and "anything" are worth together was weighed anew too, and dropped: on other texts it
told less. To be run after `benchmarks.train` and `benchmarks.weigh`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.fitting import Mask
from benchmarks.long_texts import LongText, load_long
from benchmarks.parts import ANYTHING
from benchmarks.shipped import shipped
from benchmarks.train import Kept
from bot.domain.evaluation import auroc
from bot.judge.card import Card, CardRule
from bot.judge.lengthened import LENGTHENED_FILE, Lengthened, corrected_digest, long_share, save_lengthened
from bot.judge.reader import Reader
from bot.judge.readout import Floats

# A topic on which fewer texts are is not corrected.
FEWEST = 20
# Of 30, 100 and 300 the best on policies left out; what is broken counts as much as two that are not.
RIDGE = 30.0
_BROKEN_COUNTS = 2.0
_STEPS = 30
_LEAST_STEP = 1e-6


def main() -> None:
    """Read, fit, say how well it does on policies left out, write."""
    parser = argparse.ArgumentParser(description="Fit the readout's correction for long texts.")
    parser.add_argument("--out", type=Path, default=LENGTHENED_FILE, help="where to write the correction")
    parser.add_argument("--features", type=Path, help="a file that keeps what the model said, for another fit")
    arguments = parser.parse_args()
    reader, scorer = shipped()
    kept = Kept(arguments.features)
    texts = load_long()
    long = np.array([long_share(scorer.tokens(text.text)) for text in texts])

    rows = kept.read("messages", [text.text for text in texts], scorer.messages)
    # By rule: the model reads each rule once, then all texts behind it.
    asked = sorted(
        ((at, key) for at, text in enumerate(texts) for key in text.rules), key=lambda one: texts[one[0]].rules[one[1]]
    )
    pair_rows = kept.read("pairs", [(texts[at].rules[key], texts[at].text) for at, key in asked], scorer.pairs)
    save_lengthened(correction(reader, texts, long, rows, asked, pair_rows), arguments.out)


def correction(
    reader: Reader,
    texts: Sequence[LongText],
    long: Floats,
    rows: Floats,
    asked: Sequence[tuple[int, str]],
    pair_rows: Floats,
) -> Lengthened:
    """A readout's correction from features of texts, and of pairs: places of texts with keys of rules.

    `long`, shape (texts,), is how far each text is a long one.
    """
    readout = reader.readout
    assert readout is not None, "the readout is another library's: run benchmarks.train"
    policies = [text.policy for text in texts]
    topic_odds = rows @ readout.message_weights.T + readout.message_bias
    message_weights = np.zeros_like(readout.message_weights)
    message_bias = np.zeros_like(readout.message_bias)
    for place, topic in enumerate(readout.outputs):
        labelled, on_topic = told_of(texts, topic)
        if on_topic.sum() >= FEWEST:
            found = fitted(topic, with_constant(rows, long), topic_odds[:, place], on_topic, labelled, policies)
            message_weights[place], message_bias[place], topic_odds[:, place] = found
    broken = np.array([key in texts[at].broken for at, key in asked])
    pair_odds = pair_rows @ readout.pair_weights[0] + readout.pair_bias[0]
    policies = [texts[at].policy for at, _ in asked]
    design = with_constant(pair_rows, long[[at for at, _ in asked]])
    weights, bias, pair_odds = fitted("pairs", design, pair_odds, broken, np.ones(len(asked), bool), policies)
    several, odds, breaks = verdicts(reader, texts, asked, topic_odds, pair_odds)
    sureness = sure(long[several], odds, breaks)
    return Lengthened(
        corrected_digest(readout), message_weights, message_bias, weights[None], np.array([bias]), sureness
    )


def verdicts(
    reader: Reader,
    texts: Sequence[LongText],
    asked: Sequence[tuple[int, str]],
    topic_odds: Floats,
    pair_odds: Floats,
) -> tuple[list[int], Floats, Mask]:
    """Places of the texts read with two rules or more, log-odds of each one's likeliest rule, whether it breaks any."""
    outputs = [topic.label for topic in reader.topics]
    of_text: dict[int, list[float]] = {}
    for (at, key), pair in zip(asked, pair_odds, strict=True):
        rule = CardRule(key, "", tuple(outputs.index(topic) for topic in texts[at].about[key]))
        card = Card("", (rule,), np.zeros((0, 0)), ())
        read = {place: float(pair) for place in card.worth_reading(topic_odds[at], reader)}
        odds = card.odds(topic_odds[at], read, np.zeros(0, np.float32), reader)[0]
        of_text.setdefault(at, []).append(float(odds))
    several = [at for at, odds in of_text.items() if len(odds) > 1]
    likeliest = np.array([max(of_text[at]) for at in several])
    return several, likeliest, np.array([bool(texts[at].broken) for at in several])


def sure(long: Floats, odds: Floats, broken: Mask) -> tuple[float, float]:
    """What log-odds must be multiplied by, and what must be added, to be as sure as they are right; by Newton's method.

    In proportion to how far a text is a long one. Never made surer than they are. All of shape (texts,).
    """
    design = np.stack([long * odds, long], axis=1)
    found = np.zeros(2)
    for _ in range(_STEPS):
        chance = 1.0 / (1.0 + np.exp(-np.clip((1.0 - long) * odds + design @ found, -30.0, 30.0)))
        bend = (design.T * (chance * (1.0 - chance))) @ design + 1e-6 * np.eye(2)
        found = found - np.linalg.solve(bend, design.T @ (chance - broken))
    print(f"sureness on {len(odds)} texts of which {int(broken.sum())} break a rule: {found.round(2)}")
    return min(float(found[0]), 1.0), float(found[1])


def told_of(texts: Sequence[LongText], topic: str) -> tuple[Mask, Mask]:
    """Of which texts it is known whether they are on a topic, or break anything, and which are; shape (texts,) each."""
    if topic == ANYTHING:
        return np.ones(len(texts), bool), np.array([bool(text.broken) for text in texts])
    return np.array([topic in text.asked for text in texts]), np.array([topic in text.topics for text in texts])


def with_constant(rows: Floats, long: Floats) -> Floats:
    """Features of texts and a constant, shape (texts, features + 1), each row as far as its text is a long one."""
    return np.hstack([rows, np.ones((len(rows), 1))]) * long[:, None]


def fitted(
    what: str, design: Floats, before: Floats, positive: Mask, labelled: Mask, policies: Sequence[str]
) -> tuple[Floats, float, Floats]:
    """Weights and bias fitted on the labelled rows, and log-odds of all by those fitted without each row's policy.

    `design` is of `with_constant`; `before`, shape (rows,), are the log-odds without a correction. Prints how well both
    do.
    """
    left_out = before.copy()
    names = np.array(policies)
    for name in sorted(set(policies)):
        others = labelled & (names != name)
        if positive[others].any():
            found = corrected(design[others], before[others], positive[others])
            left_out[names == name] += design[names == name] @ found
    told = [
        f"{auroc(list(odds[labelled & positive]), list(odds[labelled & ~positive])):.3f}" for odds in (before, left_out)
    ]
    print(f"{what}: {int(positive.sum())} of {int(labelled.sum())}, AUROC {told[0]}, corrected {told[1]}")
    found = corrected(design[labelled], before[labelled], positive[labelled])
    return found[:-1], float(found[-1]), left_out


def corrected(design: Floats, before: Floats, positive: Mask) -> Floats:
    """Weights and then a bias, shape (features + 1,), by which log-odds `before` of the rows of a design are corrected.

    Logistic regression with a ridge on the weights alone; by Newton's method on the kernel of the rows (representer
    theorem), each step halved until it is one downhill.
    """
    wanted = positive.astype(np.float64)
    counts = np.where(positive, _BROKEN_COUNTS, 1.0)
    rows, constant = design[:, :-1], design[:, -1]
    kernel = rows @ rows.T
    size = len(wanted)

    def loss(share: Floats, bias: float) -> float:
        odds = before + kernel @ share + bias * constant
        return float(counts @ (np.logaddexp(0.0, odds) - wanted * odds) + RIDGE * share @ kernel @ share / 2)

    share, bias = np.zeros(size), 0.0
    for _ in range(_STEPS):
        now = kernel @ share + bias * constant
        chance = 1.0 / (1.0 + np.exp(-np.clip(before + now, -30.0, 30.0)))
        bend = counts * chance * (1.0 - chance) + 1e-6
        system = np.zeros((size + 1, size + 1))
        system[:size, :size] = kernel + np.diag(RIDGE / bend)
        system[:size, size] = system[size, :size] = constant
        found = np.linalg.solve(system, np.append(now - counts * (chance - wanted) / bend, 0.0))
        step, so_far = 1.0, loss(share, bias)
        ahead, up = found[:size] - share, float(found[size]) - bias
        while step > _LEAST_STEP and loss(share + step * ahead, bias + step * up) > so_far:
            step /= 2
        if step <= _LEAST_STEP:
            break
        share, bias = share + step * ahead, bias + step * up
    return np.append(rows.T @ share, bias)


if __name__ == "__main__":
    main()
