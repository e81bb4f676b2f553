"""Linear log-odds from features and labels: principal components, then ridge-penalised logistic regression. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.judge.readout import Floats

Mask = npt.NDArray[np.bool_]

COMPONENTS = 800
PENALTY = 30.0
_STEPS = 20


@dataclass(frozen=True, slots=True)
class Basis:
    """The principal components of a set of features, scaled so that the first has a deviation of ten."""

    mean: Floats
    components: Floats

    def __call__(self, features: Floats) -> Floats:
        """Coordinates, shape (..., components), of features, shape (..., features)."""
        coordinates: Floats = (features - self.mean) @ self.components
        return coordinates


def basis_of(features: Floats) -> Basis:
    """The basis of features of shape (texts, features)."""
    mean = features.mean(axis=0)
    away = features - mean
    values, columns = np.linalg.eigh(away.T @ away / len(features))  # the least first
    return Basis(mean, columns[:, ::-1][:, :COMPONENTS] * (10.0 / np.sqrt(values[-1])))


def fit(coordinates: Floats, positive: Mask, worth: Floats) -> Floats:
    """Weights and then a constant, shape (components + 1,), of the log-odds of `positive`; by Newton's method.

    `worth`, shape (texts,), is as how many texts each counts.
    """
    design = np.hstack([coordinates, np.ones((len(coordinates), 1))])
    ridge = np.full(design.shape[1], PENALTY)
    ridge[-1] = 1e-6
    found = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        chance = 1.0 / (1.0 + np.exp(-np.clip(design @ found, -30.0, 30.0)))
        slope = design.T @ (worth * (chance - positive)) + ridge * found
        bend = (design.T * (worth * chance * (1.0 - chance))) @ design + np.diag(ridge)
        step = np.linalg.solve(bend, slope)
        found -= step
        if np.abs(step).max() < 1e-6:
            break
    return found


def on_features(basis: Basis, found: Floats) -> tuple[Floats, float]:
    """The same log-odds as weights on features, shape (features,), and a constant."""
    weights = basis.components @ found[:-1]
    return weights, float(found[-1] - basis.mean @ weights)
