"""JSON with something in it that does not belong there."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 3),
    st.sampled_from([2**31, 2**53 + 1, 2**64, 10**40, -(2**70), 1.5, 1e300, "", "0", "-1", "x", "9" * 5_000, "\ud800"]),
    st.sampled_from(
        [[], {}, [[]], [None], ["x", "x"], {"type": []}, {"id": {}}, [{"type": 1}], "<@99999999999999999999>"]
    ),
    st.text(max_size=4),
    st.dictionaries(st.sampled_from(["id", "type", "name", "components"]), st.integers(0, 20), max_size=3),
)


def places(body: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of everything in a body, the body itself first."""
    yield at
    entries = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for key, value in entries:
        yield from places(value, (*at, key))


def put(body: Any, at: tuple[Any, ...], value: Any) -> Any:
    if not at:
        return value
    body = copy.copy(body)
    body[at[0]] = put(body[at[0]], at[1:], value)
    return body
