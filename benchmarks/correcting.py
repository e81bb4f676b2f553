"""Corrections of the readout: logistic regression with a ridge beside what is known, in the kernel's form. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.fitting import Mask
from bot.domain.evaluation import auroc
from bot.judge.reader import Reader
from bot.judge.readout import Floats

# Of 30, 100 and 300 the best on policies left out, of long texts and of messages in their context; what is broken
# counts as much as two that are not.
RIDGE = 30.0
_BROKEN_COUNTS = 2.0
_STEPS = 30
_LEAST_STEP = 1e-6


def told_of_messages(reader: Reader, rows: Floats, long: Floats) -> Floats:
    """Log-odds of each output from features, shape (texts, features), as `Reader.message_odds` has them from states.

    `long`, shape (texts,), is how far each is a long one. Shape (texts, outputs).
    """
    assert reader.readout is not None, "the readout is another library's: run benchmarks.train"
    odds: Floats = rows @ reader.readout.message_weights.T + reader.readout.message_bias
    if reader.lengthened is None:
        return odds
    known = reader.lengthened.correction
    longer: Floats = rows @ known.message_weights.T + known.message_bias
    return odds + long[:, None] * longer


def told_of_pairs(reader: Reader, rows: Floats, long: Floats) -> Floats:
    """The same of pairs, as `Reader.pair_odds` has them; shape (pairs,)."""
    assert reader.readout is not None, "the readout is another library's: run benchmarks.train"
    odds: Floats = rows @ reader.readout.pair_weights[0] + reader.readout.pair_bias[0]
    if reader.lengthened is None:
        return odds
    known = reader.lengthened.correction
    longer: Floats = rows @ known.pair_weights[0] + known.pair_bias[0]
    return odds + long * longer


def with_constant(rows: Floats) -> Floats:
    """Features and a constant, shape (rows, features + 1)."""
    return np.hstack([rows, np.ones((len(rows), 1))])


def fitted(
    what: str, design: Floats, before: Floats, positive: Mask, labelled: Mask, policies: Sequence[str]
) -> tuple[Floats, float, Floats]:
    """Weights and bias fitted on the labelled rows, and log-odds of all by those fitted without each row's policy.

    `design` are features of texts and a constant, shape (rows, features + 1); `before`, shape (rows,), are the log-odds
    without a correction. Prints how well both do.
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
    print(f"{what}: {int((positive & labelled).sum())} of {int(labelled.sum())}, AUROC {told[0]}, corrected {told[1]}")
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
