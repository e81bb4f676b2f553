"""JSON with something in it that does not belong there."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from random import Random
from typing import Any

_TEXTS = (
    *("", "0", "-1", "x", "9" * 5_000, "\ud800", "\0", "²", "2026-01-31T00:00:00+00:00", "<@99999999999999999999>"),
    *("\x1b[31m", "@everyone", "a\nb", "9" * 19, "x" * 4_100, "\u202e", "9999-12-31T23:59:59.999999+00:00"),
)
_NUMBERS = (-2, -1, 0, 1, 2, 3, 20, 2**31, 2**53 + 1, 2**63 - 1, 2**64, 10**40, -(2**70), 1.5, 1e300)
_OTHERS = (None, True, False, [], {}, [[]], [None], ["x", "x"], {"type": []}, {"id": {}}, [{"type": 1}])
_KEYS = ("id", "type", "name", "components")


def odd(random: Random) -> Any:
    """What may stand where something else belongs."""
    match random.randrange(6):
        case 0:
            return "".join(chr(random.randrange(0x3000)) for _ in range(random.randrange(5)))
        case 1:
            return {random.choice(_KEYS): random.randrange(20) for _ in range(random.randrange(4))}
        case 2:
            return random.choice(_NUMBERS)
        case 3:
            return random.choice(_TEXTS)
        case _:
            return copy.deepcopy(random.choice(_OTHERS))


def odd_for(value: Any, random: Random) -> Any:
    """What may stand where a value belongs, mostly of its kind: that gets past who asks only for the kind."""
    if random.random() < 0.4:
        return odd(random)
    if isinstance(value, str):
        return random.choice((value * 2, value[:-1], f"{value}\0", random.choice(_TEXTS), random.choice(_TEXTS)))
    if isinstance(value, list):
        return random.choice((value * 2, value[1:], value * 30, [*value, odd(random)]))
    if isinstance(value, dict):
        return {**value, random.choice(_KEYS): odd(random)}
    return random.choice(_NUMBERS)


def places(body: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of everything in a body, the body itself first."""
    yield at
    entries = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for key, value in entries:
        yield from places(value, (*at, key))


def at_place(body: Any, at: tuple[Any, ...]) -> Any:
    """What stands at a place of a body."""
    for key in at:
        body = body[key]
    return body


def put(body: Any, at: tuple[Any, ...], value: Any) -> Any:
    """A body with another value at a place; what lies beside the way there is the same object."""
    if not at:
        return value
    body = copy.copy(body)
    body[at[0]] = put(body[at[0]], at[1:], value)
    return body


def without(body: Any, at: tuple[Any, ...]) -> Any:
    """A body without what stands at a place, which is not the body itself."""
    if len(at) > 1:
        return put(body, at[:1], without(body[at[0]], at[1:]))
    body = copy.copy(body)
    del body[at[0]]
    return body


def broken(body: Any, random: Random, most: int = 2) -> Any:
    """A body of which one to `most` parts are others, or missing; mostly the innermost, rarely the whole of it."""
    for _ in range(random.randint(1, most)):
        there = list(places(body))
        at = max(random.choice(there), random.choice(there), key=len)
        gone = at and random.random() < 0.2
        body = without(body, at) if gone else put(body, at, odd_for(at_place(body, at), random))
    return body
