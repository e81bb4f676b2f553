"""The trained readout: what the model knows of a text, told from its inner states by linear weights.

Weights on the states of one layer, fitted once on labelled messages (`python -m benchmarks.train`), tell topics and
broken rules far better than the words do that the model would answer: a linear probe (Alain and Bengio, 2016). They
belong to one model and one set of texts around messages and rules, and are of no use with others.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Logits = npt.NDArray[np.float32]
Said = npt.NDArray[np.float32]
"""What the model says of texts: where there is a readout its layer's states, of the last token and the mean of the
text's, shape (..., 2, width); where there is none the logits of what follows, shape (..., vocabulary)."""

# Arrays kept in half and in whole precision.
_HALF = ("message_weights", "rule_weights", "pair_weights", "centre")
_WHOLE = ("message_bias", "rule_bias", "pair_bias", "blend")

READOUT_FILE = Path(__file__).with_name("readout.npz")


@dataclass(frozen=True, slots=True)
class Layers:
    """The last layers that are read, counted from 0: of messages, by themselves or with a rule, and of rules alone."""

    messages: int
    rules: int


@dataclass(frozen=True, slots=True)
class Readout:
    """Linear weights on the states of a layer, for three questions. Features are twice as many as the model is wide.

    `message_weights` (outputs, features) and `message_bias` (outputs,) give the
    log-odds of each topic in the order of `outputs`; the last output is "breaks anything at all". The rule's
    weights say likewise which topics a rule is about. The pair's, shape (1, features) and (1,), give the log-odds that
    a message breaks the rule it is read with. `blend`, shape (2, 4), are what all are worth together, for a rule on
    topics and for one on none: weights of the likeliest topic's log-odds (on none 0), of the pair's, of those of
    anything, and a constant. `centre`, shape (features,), are a usual message's features.
    """

    model_digest: str
    text_digest: str
    layers: Layers
    outputs: tuple[str, ...]
    message_weights: Floats
    message_bias: Floats
    rule_weights: Floats
    rule_bias: Floats
    pair_weights: Floats
    pair_bias: Floats
    blend: Floats
    centre: Floats

    def digest(self) -> str:
        """SHA-256 of all that it holds."""
        told = hashlib.sha256()
        for one in fields(self):
            value = getattr(self, one.name)
            told.update(value.tobytes() if isinstance(value, np.ndarray) else repr(value).encode())
        return told.hexdigest()

    def directions(self, states: Said) -> Floats:
        """Unit vectors, shape (..., features), by whose product two messages are alike."""
        away = features(states) - self.centre
        alike: Floats = away / np.linalg.norm(away, axis=-1, keepdims=True)
        return alike

    def of_messages(self, states: Said) -> Floats:
        """Log-odds of each output from states of shape (..., 2, width); shape (..., outputs)."""
        odds: Floats = features(states) @ self.message_weights.T + self.message_bias
        return odds

    def of_rules(self, states: Said) -> Floats:
        """Log-odds that a rule is about each topic; the shapes are those of `of_messages`."""
        odds: Floats = features(states) @ self.rule_weights.T + self.rule_bias
        return odds

    def of_pairs(self, states: Said) -> Floats:
        """Log-odds that a message breaks the rule it was read with; shape (...)."""
        odds: Floats = features(states) @ self.pair_weights[0] + self.pair_bias[0]
        return odds


def features(states: Said) -> Floats:
    """What the weights apply to, shape (..., 2 * width): the states, each brought to a mean square of one."""
    whole = states.astype(np.float64)
    level: Floats = whole / np.sqrt((whole**2).mean(axis=-1, keepdims=True))
    return level.reshape(*level.shape[:-2], -1)


@lru_cache(maxsize=2)
def load_readout(path: Path = READOUT_FILE) -> Readout:
    """Read the file that `python -m benchmarks.train` writes."""
    with np.load(path, allow_pickle=False) as held:
        numbers = {name: held[name].astype(np.float64) for name in (*_HALF, *_WHOLE)}
        return Readout(
            model_digest=str(held["model_digest"]),
            text_digest=str(held["text_digest"]),
            layers=Layers(*(int(layer) for layer in held["layers"])),
            outputs=tuple(str(name) for name in held["outputs"]),
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
        layers=np.array([readout.layers.messages, readout.layers.rules]),
        outputs=np.array(readout.outputs),
        **{name: getattr(readout, name).astype(np.float16) for name in _HALF},
        **{name: getattr(readout, name) for name in _WHOLE},
    )
