"""Inputs, each made by a function of a `random.Random`: hypothesis, a seed, and atheris play it alike (`inputs.py`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from re import _parser  # type: ignore[attr-defined]
from typing import Any, TypeVar

T = TypeVar("T")
Make = Callable[[Random], T]

# Where characters are taken from that no reader looks for: kinds of letters, marks, what is invisible, halves of pairs,
# and what lies beyond 16 bits.
_RANGES = (
    *((0x20, 0x7E), (0x20, 0x7E), (0x00, 0x20), (0x7F, 0x180), (0x300, 0x36F), (0x370, 0x5FF), (0x1D00, 0x1DBF)),
    *((0x2000, 0x206F), (0x3000, 0x30FF), (0xD800, 0xDFFF), (0xFE00, 0xFFFF), (0x1F100, 0x1FAFF), (0, 0x10FFFF)),
)


def pick(these: Sequence[T]) -> Make[T]:
    """One of these."""
    return lambda random: random.choice(these)


def whole(least: int, most: int) -> Make[int]:
    """A whole number, both ends among them."""
    return lambda random: random.randint(least, most)


def any_of(*makes: Make[T]) -> Make[T]:
    """What one of these makes."""
    return lambda random: random.choice(makes)(random)


def several(make: Make[T], most: int, least: int = 0) -> Make[list[T]]:
    """A list of what it makes."""
    return lambda random: [make(random) for _ in range(random.randint(least, most))]


def blob(most: int) -> Make[bytes]:
    """Any bytes, up to so many."""
    return lambda random: random.randbytes(random.randint(0, most))


def odd_text(random: Random, most: int = 6) -> str:
    """A few characters of any kind."""
    made = []
    for _ in range(random.randint(0, most)):
        first, last = random.choice(_RANGES)
        made.append(chr(random.randint(first, last)))
    return "".join(made)


def texts(pieces: Sequence[str], most: int = 40) -> Make[str]:
    """Texts of up to `most` parts: what a reader looks for, anything else, and what stood there already, repeated.

    Some are cut off at any place.
    """

    def make(random: Random) -> str:
        parts: list[str] = []
        for _ in range(random.randint(0, most)):
            kind = random.random()
            if kind < 0.65:
                parts.append(random.choice(pieces))
            elif kind < 0.97 or not parts:
                parts.append(odd_text(random))
            else:
                parts.append(random.choice(parts)[:20] * random.randint(2, 30))
        text = "".join(parts)
        return text[: random.randint(0, len(text))] if random.random() < 0.1 else text

    return make


def matching(pattern: str) -> Make[str]:
    """Texts that a regular expression takes: of letters, classes, groups, choices and repetitions."""
    parsed = _parser.parse(pattern)
    return lambda random: _written(parsed, random)


def _written(parsed: Any, random: Random) -> str:
    return "".join(_one(str(kind), value, random) for kind, value in parsed)


def _one(kind: str, value: Any, random: Random) -> str:
    match kind:
        case "LITERAL":
            return chr(value)
        case "RANGE":
            return chr(random.randint(*value))
        case "CATEGORY":
            return random.choice("0123456789" if "DIGIT" in str(value) else "0aZ_é")
        case "IN":
            return _one(str((chosen := random.choice(value))[0]), chosen[1], random)
        case "ANY":
            return odd_text(random, 1).replace("\n", "") or "a"
        case "SUBPATTERN":
            return _written(value[-1], random)
        case "BRANCH":
            return _written(random.choice(value[1]), random)
        case "MAX_REPEAT":
            least, most, inner = value
            return "".join(_written(inner, random) for _ in range(random.randint(least, min(most, least + 20))))
    raise NotImplementedError(kind)
