"""What is different in long texts: a correction of the readout, in proportion to a text's length.

The readout's weights were fitted on lines of chat. In an essay, a report or a story the same states mean something
else: nearly every one seems to break something. What is added here was fitted on long texts
(`python -m benchmarks.lengthen`), and counts not at all for a line of chat and in full from LONG_TOKENS on.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from bot.judge.readout import Floats, Readout, Said, features

CHAT_TOKENS, LONG_TOKENS = 48, 112
LENGTHENED_FILE = Path(__file__).with_name("lengthened.npz")


@dataclass(frozen=True, slots=True)
class Lengthened:
    """A correction for one readout, by the digest of its weights for pairs.

    `weights`, shape (features,), and `bias` are added to the readout's own for a pair.
    """

    pairs_digest: str
    weights: Floats
    bias: float

    def of_pairs(self, states: Said) -> Floats:
        """What is added to the log-odds of pairs, from states of shape (..., 2, width); shape (...)."""
        added: Floats = features(states) @ self.weights + self.bias
        return added


def long_share(tokens: int) -> float:
    """How far a text of so many tokens is a long one, from 0 to 1."""
    return min(max((tokens - CHAT_TOKENS) / (LONG_TOKENS - CHAT_TOKENS), 0.0), 1.0)


def pairs_digest(readout: Readout) -> str:
    """SHA-256 of the weights that the correction is added to."""
    held = np.concatenate([readout.pair_weights[0], readout.pair_bias]).astype(np.float32)
    return hashlib.sha256(held.tobytes()).hexdigest()


@lru_cache(maxsize=2)
def load_lengthened(path: Path = LENGTHENED_FILE) -> Lengthened:
    """Read the file that `python -m benchmarks.lengthen` writes."""
    with np.load(path, allow_pickle=False) as held:
        return Lengthened(str(held["pairs_digest"]), held["weights"].astype(np.float64), float(held["bias"]))


def lengthened_for(readout: Readout | None) -> Lengthened | None:
    """The correction that was fitted to a readout; None for any other, and for none."""
    if readout is None:
        return None
    lengthened = load_lengthened()
    return lengthened if lengthened.pairs_digest == pairs_digest(readout) else None


def save_lengthened(lengthened: Lengthened, path: Path = LENGTHENED_FILE) -> None:
    """Write a correction; the weights in half precision."""
    np.savez_compressed(
        path,
        pairs_digest=lengthened.pairs_digest,
        weights=lengthened.weights.astype(np.float16),
        bias=lengthened.bias,
    )
