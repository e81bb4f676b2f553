"""One of the readout's questions: labelled texts with their features, fitted and checked on groups left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.fitting import Mask, basis_of, fit, on_features
from benchmarks.training_data import Overlapping, Text
from bot.domain.evaluation import auroc
from bot.judge.readout import Floats

FOLDS = 5
ANYTHING = "anything"


@dataclass(frozen=True, slots=True)
class Part:
    """Texts with their features, shape (texts, features), and what is told of them.

    `worth`, shape (texts,), is as how many texts each counts in a fit; None where all count the same.
    """

    name: str
    texts: tuple[Text, ...]
    rows: Floats
    outputs: tuple[str, ...]
    overlapping: Overlapping = frozenset()
    worth: Floats | None = None

    def labels(self, output: str) -> tuple[Mask, Mask]:
        """Which texts are of an output, and which say anything for or against it; both of shape (texts,)."""
        if output == ANYTHING:
            return np.array([text.breaks for text in self.texts]), np.ones(len(self.texts), dtype=bool)
        positive = np.array([output in text.topics for text in self.texts])
        near = {other for pair in self.overlapping if output in pair for other in pair if other != output}
        return positive, positive | np.array([not text.topics & near for text in self.texts])

    def fitted(self, used: Mask | None = None) -> tuple[Floats, Floats]:
        """Weights, shape (outputs, features), and constants, shape (outputs,), fitted on all texts or those `used`."""
        used = np.ones(len(self.texts), dtype=bool) if used is None else used
        basis = basis_of(self.rows[used])
        coordinates = basis(self.rows)
        worth = np.ones(len(self.texts)) if self.worth is None else self.worth
        found = []
        for output in self.outputs:
            positive, counts = self.labels(output)
            counts &= used
            share = positive[counts].mean()
            # Between no correction for how rare a topic is and a full one.
            rare = 0.5 / np.sqrt(share) if 0 < share < 0.25 else 1.0
            counted = np.where(positive, rare, 1.0) * worth
            found.append(on_features(basis, fit(coordinates[counts], positive[counts], counted[counts])))
        return np.stack([weights for weights, _ in found]), np.array([constant for _, constant in found])

    def left_out(self, folds: Sequence[int]) -> Floats:
        """Log-odds of all texts, shape (texts, outputs), each by weights fitted without its fold."""
        fold = np.array(folds)
        odds = np.zeros((len(self.texts), len(self.outputs)))
        for number in range(FOLDS):
            weights, bias = self.fitted(fold != number)
            left = fold == number
            odds[left] = self.rows[left] @ weights.T + bias
        return odds

    def report(self, odds: Floats, measured: Mask) -> None:
        """Print how well each output is told from log-odds of texts left out, of those `measured`."""
        for column, output in enumerate(self.outputs):
            positive, counts = self.labels(output)
            counts &= measured
            print(f"{self.name} {output}: {_figures(odds[counts, column], positive[counts])}", flush=True)


def _figures(odds: Floats, positive: Mask) -> str:
    if not positive.any() or positive.all():
        return "not measured"
    hits, others = odds[positive], odds[~positive]
    return (
        f"AUROC {auroc(hits.tolist(), others.tolist()):.3f}, {(hits > 0).sum()} of {len(hits)} found, "
        f"{(others > 0).sum()} of {len(others)} wrongly"
    )
