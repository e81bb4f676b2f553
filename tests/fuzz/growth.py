"""Time that grows with a text's length and no faster: a text against one four times as long, in one process."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from bot.pipeline.text import MOST_CHARACTERS
from tests.fuzz.makers import Make

# Four times the text takes four times the time, sixteen times where the time is quadratic.
MOST_GROWTH = 8.0
# What neither text takes by itself, and the clock and the collector may.
FLOOR_SECONDS = 0.02
_TRIES = 4
# How many the long version tries of each function: one takes as long as hundreds of short texts.
LENGTHS = 300
# Characters of a message with its embeds and text files, at most.
LONGEST = MOST_CHARACTERS


@dataclass(frozen=True, slots=True)
class Repeated:
    """A text of any length: something again and again, and what it begins and ends with."""

    head: str
    unit: str
    tail: str

    def of(self, size: int) -> str:
        """The text, of up to `size` characters: what is repeated is whole, so that texts differ in length alone."""
        head = self.head[: size - len(self.tail)]
        return head + self.unit * ((size - len(head) - len(self.tail)) // len(self.unit)) + self.tail


def repeated(pieces: Sequence[str]) -> Make[Repeated]:
    """Texts of pieces that a reader looks for. What goes wrong at the end makes it go back."""

    def joined(random: Random, many: int) -> str:
        return "".join(random.choices(pieces, k=many))

    def make(random: Random) -> Repeated:
        head, tail = joined(random, random.randint(0, 2)), joined(random, random.randint(0, 2))
        return Repeated(head, joined(random, random.choice((1, 1, 1, 2, 3))), tail)

    return make


def grows_no_faster_than_the_text(work: Callable[[str], object], text: Repeated, size: int = LONGEST) -> None:
    """Fail where `size` characters take far more than four times as long as a quarter of them, each time anew."""
    short, long = text.of(size // 4), text.of(size)
    for _ in range(_TRIES):
        before, after = _seconds(work, short), _seconds(work, long)
        if after <= MOST_GROWTH * before + FLOOR_SECONDS:
            return
    raise AssertionError(f"{before:.4f} s for {size // 4:,} characters, {after:.4f} s for {size:,}: {text}")


def _seconds(work: Callable[[str], object], text: str) -> float:
    begun = time.process_time()
    work(text)
    return time.process_time() - begun
