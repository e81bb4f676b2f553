"""Platt's method: a probability from a score, by a logistic curve fitted to few labelled cases."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def fit_platt(
    scores: Floats, positive: npt.NDArray[np.bool_], *, prior_scale: float = 1.0, strength: float = 0.05
) -> tuple[float, float]:
    """Fit `scale` and `shift` of `1 / (1 + exp(-(scale * score + shift)))`; both arrays have shape (n,).

    The two classes weigh the same whatever their numbers; targets are smoothed as in Platt (1999), and a weak
    prior holds `scale` near `prior_scale`, so that few or separable cases give no step. Newton's method.
    """
    ones, zeros = int(positive.sum()), int((~positive).sum())
    if not ones or not zeros:
        return prior_scale, 0.0
    target = np.where(positive, (ones + 1) / (ones + 2), 1 / (zeros + 2))
    weight = np.where(positive, 0.5 / ones, 0.5 / zeros)
    scale, shift = prior_scale, 0.0
    for _ in range(50):
        predicted = 1.0 / (1.0 + np.exp(-np.clip(scale * scores + shift, -30, 30)))
        slope = weight * (predicted - target)
        curve = weight * predicted * (1 - predicted) + 1e-9
        gradient = np.array([(slope * scores).sum() + strength * (scale - prior_scale), slope.sum()])
        hessian = np.array(
            [
                [(curve * scores * scores).sum() + strength, (curve * scores).sum()],
                [(curve * scores).sum(), curve.sum()],
            ]
        )
        step = np.linalg.solve(hessian, gradient)
        scale, shift = scale - float(step[0]), shift - float(step[1])
        if np.abs(step).max() < 1e-6:
            break
    return max(scale, 0.1), shift
