"""What atheris plays is what hypothesis and seeds play: each property that it can be given takes any bytes."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.fuzz.guided import Played, once, properties

PROPERTIES = dict(properties())


def test_bytes_are_played_in_their_order_and_zeros_after_them() -> None:
    played = Played(bytes([3, 0x80, 0, 1]))
    assert [played.getrandbits(8), played.getrandbits(1), played.random(), played.random()] == [3, 1, 1 / 256, 0.0]


@pytest.mark.parametrize("name", PROPERTIES)
def test_any_bytes_make_an_input_of_which_the_promise_holds(name: str, tmp_path: Path) -> None:
    play = once(PROPERTIES[name], tmp_path)
    play(b"")
    for seed in range(3):
        play(Random(seed).randbytes(2_000))


def test_the_parsers_are_among_them() -> None:
    wanted = ("any_text_is_a_policy", "the_spelling", "any_transcript", "any_file_of_texts", "any_chat", "any_header")
    assert all(any(name.startswith(one) for name in PROPERTIES) for one in wanted)
