"""What is different in long texts: a correction of the readout, in proportion to a text's length.

The readout's weights were fitted on lines of chat. In an essay, a report or a story the same states mean something
else: nearly every one seems to break something, and surely. What is added here was fitted on long texts
(`python -m benchmarks.lengthen`), and counts not at all for a line of chat and in full from LONG_TOKENS on.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from bot.judge.correction import Correction, corrected_digest, correction_from
from bot.judge.readout import Floats, Readout

# Of 16 to 64, 24 to 64 and 32 to 80 the one by which verdicts on texts of policies left out of the fit told best: AUROC
# 0.956, 0.954 and 0.952. Of the messages of the policies in benchmarks/cases, of 25 tokens on average, 469 of 500 are
# told rightly by it, 470 and 472 by the others.
CHAT_TOKENS, LONG_TOKENS = 16, 64
# From this share of a long text on a verdict is only as sure as one on a long text is: short comments need it as much
# as essays. With the policies of the fit left out in turn the mean log-likelihood was -0.351, and -0.355 where it was
# in proportion to the share.
_SURE_FROM = 0.25
LENGTHENED_FILE = Path(__file__).with_name("lengthened.npz")


@dataclass(frozen=True, slots=True)
class Lengthened:
    """What is added for a long text, and how sure the verdict on it may be.

    `sureness` is what the log-odds of a rule are multiplied by at the end, and what is added to them then.
    """

    correction: Correction
    sureness: tuple[float, float]

    def tempered(self, odds: Floats, long: float) -> Floats:
        """A text's log-odds of rules as sure as such odds were right, of any shape; `long` is its `long_share`."""
        scale, shift = self.sureness
        share = tempered_share(long)
        return (1.0 - share) * odds + share * (scale * odds + shift)


def long_share(tokens: int) -> float:
    """How far a text of so many tokens is a long one, from 0 to 1."""
    return min(max((tokens - CHAT_TOKENS) / (LONG_TOKENS - CHAT_TOKENS), 0.0), 1.0)


def tempered_share(long: Floats | float) -> Floats:
    """How far a verdict is tempered, from 0 to 1, on a text whose `long_share` this is; of any shape."""
    share: Floats = np.minimum(np.divide(long, _SURE_FROM), 1.0)
    return share


@lru_cache(maxsize=2)
def load_lengthened(path: Path = LENGTHENED_FILE) -> Lengthened:
    """Read the file that `python -m benchmarks.lengthen` writes."""
    with np.load(path, allow_pickle=False) as held:
        scale, shift = held["sureness"].tolist()
        return Lengthened(correction_from(held), (scale, shift))


def lengthened_for(readout: Readout | None) -> Lengthened | None:
    """The correction that was fitted to a readout; None for any other, and for none."""
    if readout is None:
        return None
    lengthened = load_lengthened()
    return lengthened if lengthened.correction.readout_digest == corrected_digest(readout) else None


def save_lengthened(lengthened: Lengthened, path: Path = LENGTHENED_FILE) -> None:
    """Write a correction; the weights in half precision."""
    np.savez_compressed(path, **lengthened.correction.arrays(), sureness=np.array(lengthened.sureness))
