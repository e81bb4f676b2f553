"""Compiled cards, kept on disk: a policy is compiled once on a machine, however many servers have one.

A file holds what the model was asked for a card, nothing of the policy's own words. It is good for one policy, model,
reader and readout, and for the code that compiles, and named by all of these.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path

import numpy as np

from bot.domain.policy import Policy
from bot.judge.compile import Compiled, fits
from bot.judge.kept import KeptFolder
from bot.judge.reader import Reader

# Where it is decided what the model is asked for a card, and what is made of the answer.
_COMPILERS = ("compile.py", "judging.py", "prompts.py", "reader.py", "topics.py")


class KeptCards:
    """What was compiled, by policy, for one model and reader."""

    def __init__(self, folder: KeptFolder, model_digest: str, reader: Reader) -> None:
        """Keep in `folder`, which may hold other things too."""
        self._folder = folder
        self._reader = reader
        readout = reader.readout.digest() if reader.readout else None
        self._made_by = repr((model_digest, reader.digest, readout, reader.topics, _code_digest()))

    def recall(self, policy: Policy) -> Compiled | None:
        """What was compiled from a policy before; None where that is not known."""
        name = self._name(policy)
        held = self._folder.read(name)
        if held is None:
            return None
        try:
            head, _, numbers = bytes(held).partition(b"\n")
            told = json.loads(head)
            topics = tuple(tuple(int(place) for place in row) for row in told["topics"])
            found = Compiled(topics, np.frombuffer(numbers, dtype="<f8").reshape(told["shape"]))
        except (ValueError, KeyError, TypeError):
            found = None
        if found is None or not fits(found, policy, self._reader):
            self._folder.remove(name, "does not fit its policy")
            return None
        return found

    def keep(self, policy: Policy, found: Compiled) -> None:
        """Keep what was compiled from a policy."""
        head = {"topics": found.topics, "shape": found.examples.shape}
        numbers = found.examples.astype("<f8").tobytes()
        self._folder.write(self._name(policy), json.dumps(head).encode() + b"\n" + numbers)

    def _name(self, policy: Policy) -> str:
        return hashlib.sha256(f"{self._made_by}\n{policy!r}".encode()).hexdigest() + ".card"


@lru_cache(maxsize=1)
def _code_digest() -> str:
    """SHA-256 of the code that compiles: what another version of it compiled is compiled anew."""
    told = hashlib.sha256()
    for name in _COMPILERS:
        told.update(Path(__file__).with_name(name).read_bytes())
    return told.hexdigest()
