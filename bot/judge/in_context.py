"""What is different in a message that is read behind what was said before it: a correction of the readout.

The readout's weights were fitted on messages by themselves. Behind others' words the same states mean something else:
what breaks a rule there seems to be broken here too, and "go on then, do it" needs them to be understood. What is added
here was fitted on messages written for it (`python -m benchmarks.in_context`).
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

import numpy as np

from bot.judge.correction import Correction, corrected_digest, correction_from
from bot.judge.prompts import said_before
from bot.judge.readout import Readout

IN_CONTEXT_FILE = Path(__file__).with_name("in_context.npz")


@lru_cache(maxsize=2)
def load_in_context(path: Path = IN_CONTEXT_FILE) -> Correction:
    """Read the file that `python -m benchmarks.in_context` writes."""
    with np.load(path, allow_pickle=False) as held:
        return correction_from(held)


def in_context_for(readout: Readout | None) -> Correction | None:
    """The correction that was fitted to a readout and the words around what was said before; None for any other."""
    if readout is None:
        return None
    correction = load_in_context()
    return correction if correction.readout_digest == in_context_digest(readout) else None


def in_context_digest(readout: Readout) -> str:
    """SHA-256 of the weights that are corrected, and of the words that a message stands behind."""
    return hashlib.sha256((corrected_digest(readout) + said_before(("first", "last"))).encode()).hexdigest()


def save_in_context(correction: Correction, path: Path = IN_CONTEXT_FILE) -> None:
    """Write a correction; the weights in half precision."""
    np.savez_compressed(path, **correction.arrays())
