"""What is different in long texts: a correction of the readout, in proportion to a text's length.

The readout's weights were fitted on lines of chat. In an essay, a report or a story the same states mean something
else: nearly every one seems to break something, and surely. What is added here was fitted on long texts
(`python -m benchmarks.lengthen`), and counts not at all for a line of chat and in full from LONG_TOKENS on.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from bot.judge.readout import Floats, Readout, Said, features

# Of 16 to 64, 24 to 64 and 32 to 80 the one by which verdicts on texts of policies left out of the fit told best: AUROC
# 0.956, 0.954 and 0.952. Of the messages of the policies in benchmarks/cases, of 25 tokens on average, 469 of 500 are
# told rightly by it, 470 and 472 by the others.
CHAT_TOKENS, LONG_TOKENS = 16, 64
LENGTHENED_FILE = Path(__file__).with_name("lengthened.npz")


@dataclass(frozen=True, slots=True)
class Lengthened:
    """A correction for one readout, by the digest of its weights: what is added to its log-odds.

    For messages `message_weights`, shape (outputs, features), and `message_bias`, (outputs,), in the readout's order,
    of zeros for a topic on which there were no long texts; for pairs `pair_weights`, (1, features), and `pair_bias`,
    (1,). `sureness` is what the log-odds of a rule are multiplied by at the end, and what is added to them then.
    """

    readout_digest: str
    message_weights: Floats
    message_bias: Floats
    pair_weights: Floats
    pair_bias: Floats
    sureness: tuple[float, float]

    def of_messages(self, states: Said) -> Floats:
        """What is added to the log-odds of each output, from states of shape (..., 2, width); shape (..., outputs)."""
        added: Floats = features(states) @ self.message_weights.T + self.message_bias
        return added

    def of_pairs(self, states: Said) -> Floats:
        """What is added to the log-odds of pairs, from states of shape (..., 2, width); shape (...)."""
        added: Floats = features(states) @ self.pair_weights[0] + self.pair_bias[0]
        return added

    def tempered(self, odds: Floats, long: float) -> Floats:
        """A text's log-odds of rules as sure as such odds were right, of any shape; `long` is its `long_share`."""
        scale, shift = self.sureness
        return (1.0 - long) * odds + long * (scale * odds + shift)


def long_share(tokens: int) -> float:
    """How far a text of so many tokens is a long one, from 0 to 1."""
    return min(max((tokens - CHAT_TOKENS) / (LONG_TOKENS - CHAT_TOKENS), 0.0), 1.0)


def corrected_digest(readout: Readout) -> str:
    """SHA-256 of the weights that the correction is added to."""
    held = (readout.message_weights, readout.message_bias, readout.pair_weights, readout.pair_bias)
    return hashlib.sha256(b"".join(one.astype(np.float32).tobytes() for one in held)).hexdigest()


@lru_cache(maxsize=2)
def load_lengthened(path: Path = LENGTHENED_FILE) -> Lengthened:
    """Read the file that `python -m benchmarks.lengthen` writes."""
    with np.load(path, allow_pickle=False) as held:
        names = ("message_weights", "message_bias", "pair_weights", "pair_bias")
        weights = {name: held[name].astype(np.float64) for name in names}
        scale, shift = held["sureness"].tolist()
        return Lengthened(readout_digest=str(held["readout_digest"]), sureness=(scale, shift), **weights)


def lengthened_for(readout: Readout | None) -> Lengthened | None:
    """The correction that was fitted to a readout; None for any other, and for none."""
    if readout is None:
        return None
    lengthened = load_lengthened()
    return lengthened if lengthened.readout_digest == corrected_digest(readout) else None


def save_lengthened(lengthened: Lengthened, path: Path = LENGTHENED_FILE) -> None:
    """Write a correction; the weights in half precision."""
    np.savez_compressed(
        path,
        readout_digest=lengthened.readout_digest,
        message_weights=lengthened.message_weights.astype(np.float16),
        message_bias=lengthened.message_bias,
        pair_weights=lengthened.pair_weights.astype(np.float16),
        pair_bias=lengthened.pair_bias,
        sureness=np.array(lengthened.sureness),
    )
