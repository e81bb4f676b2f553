"""The trained readout: what the model knows of a text, told from its logits by linear weights.

At the end of a text a model's logits are linear in its last hidden state; those of enough tokens, whatever the
tokens are, hold all of it. Weights on them, fitted once on labelled messages (`python -m benchmarks.train`), tell
topics far better than the labels' own logits do; the idea is that of "kNN Prompting" (Xu et al., 2023), with a
linear probe for the neighbours. They belong to one model and one library text, and are of no use with others.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Logits = npt.NDArray[np.float32]

# Arrays kept in half and in whole precision.
_HALF = ("message_weights", "rule_weights", "pair_weights", "centre")
_WHOLE = ("message_bias", "rule_bias", "pair_bias", "blend")

READOUT_FILE = Path(__file__).with_name("readout.npz")


@dataclass(frozen=True, slots=True)
class Readout:
    """Linear weights on the logits of some tokens, for three questions.

    `tokens` has shape (tokens,); `message_weights` (outputs, tokens) and `message_bias` (outputs,) give the
    log-odds of each topic in the order of `outputs`; the last output is "breaks anything at all". The rule's
    weights say likewise which topics a rule is about. The pair's, shape (1, tokens) and (1,), give the log-odds that a
    message breaks the rule it is read with. `blend`, shape (2, 3), are what both are worth together, for a rule on
    topics and for one on none: weights of the likeliest topic's log-odds (on none those of anything), of the pair's,
    and a constant. `centre`, shape (tokens,), are a usual message's features.
    """

    model_digest: str
    text_digest: str
    outputs: tuple[str, ...]
    tokens: npt.NDArray[np.int64]
    message_weights: Floats
    message_bias: Floats
    rule_weights: Floats
    rule_bias: Floats
    pair_weights: Floats
    pair_bias: Floats
    blend: Floats
    centre: Floats

    def directions(self, logits: Logits) -> Floats:
        """Unit vectors, shape (..., tokens), by whose product two messages are alike: same in meaning from 0.95 on."""
        away = features(logits, self.tokens) - self.centre
        alike: Floats = away / np.linalg.norm(away, axis=-1, keepdims=True)
        return alike

    def of_messages(self, logits: Logits) -> Floats:
        """Log-odds of each output from logits of shape (..., vocabulary); shape (..., outputs)."""
        odds: Floats = features(logits, self.tokens) @ self.message_weights.T + self.message_bias
        return odds

    def of_rules(self, logits: Logits) -> Floats:
        """Log-odds that a rule is about each topic; the shapes are those of `of_messages`."""
        odds: Floats = features(logits, self.tokens) @ self.rule_weights.T + self.rule_bias
        return odds

    def of_pairs(self, logits: Logits) -> Floats:
        """Log-odds that a message breaks the rule it was read with, from logits (..., vocabulary); shape (...)."""
        odds: Floats = features(logits, self.tokens) @ self.pair_weights[0] + self.pair_bias[0]
        return odds


def features(logits: Logits, tokens: npt.NDArray[np.int64]) -> Floats:
    """What the weights apply to: the tokens' logits, as far as they are from their mean."""
    chosen = logits[..., tokens].astype(np.float64)
    centred: Floats = chosen - chosen.mean(axis=-1, keepdims=True)
    return centred


@lru_cache(maxsize=2)
def load_readout(path: Path = READOUT_FILE) -> Readout:
    """Read the file that `python -m benchmarks.train` writes."""
    with np.load(path, allow_pickle=False) as held:
        numbers = {name: held[name].astype(np.float64) for name in (*_HALF, *_WHOLE)}
        return Readout(
            model_digest=str(held["model_digest"]),
            text_digest=str(held["text_digest"]),
            outputs=tuple(str(name) for name in held["outputs"]),
            tokens=held["tokens"].astype(np.int64),
            **numbers,
        )


def readout_for(model_digest: str) -> Readout | None:
    """The readout that was trained for a model; None for any other model."""
    readout = load_readout()
    return readout if readout.model_digest == model_digest else None


def save_readout(readout: Readout, path: Path = READOUT_FILE) -> None:
    """Write a readout; the weights in half precision, which changes no log-odds by more than a hundredth."""
    np.savez_compressed(
        path,
        model_digest=readout.model_digest,
        text_digest=readout.text_digest,
        outputs=np.array(readout.outputs),
        tokens=readout.tokens.astype(np.int32),
        **{name: getattr(readout, name).astype(np.float16) for name in _HALF},
        **{name: getattr(readout, name) for name in _WHOLE},
    )
