"""Platt's method: a probability from a score, by a logistic curve fitted to few labelled cases."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# How firmly the prior holds: `scale` near 1 (the model's own odds), `shift` near 0.
_SCALE_STRENGTH = 0.02
_SHIFT_STRENGTH = 0.002
_STEPS = 60


def fit_platt(scores: Floats, positive: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Fit `scale` and `shift` of `1 / (1 + exp(-(scale * score + shift)))`; both arrays have shape (n,).

    The two classes weigh the same whatever their numbers; targets are smoothed as in Platt (1999), and a weak
    prior (scale 1, shift 0) keeps few or separable cases from giving a step. Newton's method with halving.
    """
    ones, zeros = int(positive.sum()), int((~positive).sum())
    if not ones or not zeros:
        return 1.0, 0.0
    target = np.where(positive, (ones + 1) / (ones + 2), 1 / (zeros + 2))
    weight = np.where(positive, 0.5 / ones, 0.5 / zeros)
    features = np.stack([scores, np.ones_like(scores)], axis=1)
    prior = np.array([1.0, 0.0])
    strength = np.array([_SCALE_STRENGTH, _SHIFT_STRENGTH])

    def loss(parameters: Floats) -> float:
        odds = features @ parameters
        fit = np.logaddexp(0.0, odds) - target * odds
        return float((weight * fit).sum() + (strength * (parameters - prior) ** 2).sum() / 2)

    parameters = prior.copy()
    for _ in range(_STEPS):
        predicted = 1.0 / (1.0 + np.exp(-np.clip(features @ parameters, -30, 30)))
        gradient = features.T @ (weight * (predicted - target)) + strength * (parameters - prior)
        curve = weight * predicted * (1 - predicted)
        hessian = (features * curve[:, None]).T @ features + np.diag(strength)
        step = np.linalg.solve(hessian, gradient)
        size = 1.0
        while size > 1e-4 and loss(parameters - size * step) > loss(parameters):
            size /= 2
        parameters = parameters - size * step
        if np.abs(size * step).max() < 1e-6:
            break
    return max(float(parameters[0]), 0.1), float(parameters[1])
