"""What is added to the readout's log-odds where a text is none that its weights were fitted on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.judge.readout import Floats, Readout, Said, features

# Arrays kept in half precision: what they add changes by no more than a hundredth.
_HALF = ("message_weights", "pair_weights")
_WHOLE = ("message_bias", "pair_bias")


@dataclass(frozen=True, slots=True)
class Correction:
    """Linear weights beside those of one readout, which is named by the digest of its weights.

    For messages `message_weights`, shape (outputs, features), and `message_bias`, (outputs,), in the readout's order,
    of zeros for a topic on which there were too few texts; for pairs `pair_weights`, (1, features), and `pair_bias`,
    (1,).
    """

    readout_digest: str
    message_weights: Floats
    message_bias: Floats
    pair_weights: Floats
    pair_bias: Floats

    def of_messages(self, states: Said) -> Floats:
        """What is added to the log-odds of each output, from states of shape (..., 2, width); shape (..., outputs)."""
        added: Floats = features(states) @ self.message_weights.T + self.message_bias
        return added

    def of_pairs(self, states: Said) -> Floats:
        """What is added to the log-odds of pairs, from states of shape (..., 2, width); shape (...)."""
        added: Floats = features(states) @ self.pair_weights[0] + self.pair_bias[0]
        return added

    def arrays(self) -> dict[str, Any]:
        """All of it, for numpy's `savez`."""
        halves = {name: getattr(self, name).astype(np.float16) for name in _HALF}
        return halves | {name: getattr(self, name) for name in ("readout_digest", *_WHOLE)}


def correction_from(held: Mapping[str, Any]) -> Correction:
    """A correction from what `arrays` gave."""
    numbers = {name: held[name].astype(np.float64) for name in (*_HALF, *_WHOLE)}
    return Correction(readout_digest=str(held["readout_digest"]), **numbers)


def corrected_digest(readout: Readout) -> str:
    """SHA-256 of the weights that a correction is added to."""
    held = (readout.message_weights, readout.message_bias, readout.pair_weights, readout.pair_bias)
    return hashlib.sha256(b"".join(one.astype(np.float32).tobytes() for one in held)).hexdigest()
