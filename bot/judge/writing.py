"""A text that the model is writing: where it stands, and whether it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

Stop = Callable[[str], bool]


@dataclass(slots=True, eq=False)
class Writing:
    """A text being written, token by token, in a sequence of its own; it costs cells until it is done.

    It ends after `most` tokens, where the model ends it, or where `stop` says so of the text so far. `start` is the
    number of tokens before what is written, `behind` the key of the prefix that it stands behind.
    """

    sequence: int
    behind: object
    start: int
    prompt: int
    most: int
    stop: Stop
    tokens: list[int] = field(default_factory=list)
    text: str = ""
    done: bool = False

    @property
    def cells(self) -> int:
        """Cells of its own that it may yet come to need."""
        return self.prompt + self.most
