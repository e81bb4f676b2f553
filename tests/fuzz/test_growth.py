"""The measure itself: it must tell what is quadratic from what is linear."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest

from tests.fuzz import inputs
from tests.fuzz.growth import Repeated, grows_no_faster_than_the_text

BLANKS = Repeated("a", " ", "b")


def test_a_text_is_of_whole_pieces_up_to_the_length_asked_for_and_ends_as_asked() -> None:
    assert Repeated("<", "ab", ">>").of(8) == "<abab>>"
    assert len(BLANKS.of(16_000)) == 16_000


def test_what_is_quadratic_is_told() -> None:
    with pytest.raises(AssertionError, match="8,000"):
        grows_no_faster_than_the_text(re.compile(r"\s*\[x\]\s*$").search, BLANKS, 8_000)


def test_what_is_linear_passes() -> None:
    grows_no_faster_than_the_text(re.compile(r"\[x\]\s*$").search, BLANKS)


def test_what_hangs_is_ended_and_its_seed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def never_ends(number: int) -> None:
        with suppress(Exception):
            while number == 7:
                pass

    monkeypatch.setattr(inputs, "HANGS_SECONDS", 0.05)
    monkeypatch.setenv("LAWSPEAKER_SEED", "5")
    seen = iter(range(6, 9))
    play = inputs._long(never_ends, {"number": lambda random: next(seen)}, 9, "")
    with pytest.raises(inputs.Hangs) as hung:
        play()
    assert hung.value.__notes__ == ["LAWSPEAKER_SEED=6\n{'number': 7}"]
