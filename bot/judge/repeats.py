"""The same message twice costs once: answers by what they were asked for, the least used forgotten."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

# Of some hundred bytes each.
MOST_REPEATS = 4_096
# What tells requests apart without being judged: the number, and the policy's text, which its digest stands for.
_NOT_JUDGED = ("id", "source")


def repeat_key(request: Mapping[str, Any]) -> bytes:
    """One key for requests that ask the same: of all that they hold but their number and the policy's text.

    Whatever a request may hold one day counts, unless it is named above. A digest, so that no message is held.
    """
    asked = {name: value for name, value in request.items() if name not in _NOT_JUDGED}
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).digest()


class Repeats:
    """Answers that were given, by `repeat_key`; a bounded number of them. For answers only, never for errors."""

    def __init__(self, most: int = MOST_REPEATS) -> None:
        """Hold at most so many answers."""
        self._most = most
        self._answers: OrderedDict[bytes, Any] = OrderedDict()

    def recall(self, key: bytes) -> Any | None:
        """The answer that was given before; None where there is none."""
        if key in self._answers:
            self._answers.move_to_end(key)
        return self._answers.get(key)

    def keep(self, key: bytes, answer: Any) -> None:
        """Remember an answer; the least used makes room."""
        self._answers[key] = answer
        self._answers.move_to_end(key)
        while len(self._answers) > self._most:
            self._answers.popitem(last=False)
