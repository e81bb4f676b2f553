"""The measure itself: it must tell what is quadratic from what is linear."""

from __future__ import annotations

import re

import pytest

from tests.fuzz.growth import Repeated, grows_no_faster_than_the_text

BLANKS = Repeated("a", " ", "b")


def test_a_text_is_as_long_as_asked_and_ends_as_asked() -> None:
    assert Repeated("<", "ab", ">>").of(8) == "<ababa>>"
    assert len(BLANKS.of(16_000)) == 16_000


def test_what_is_quadratic_is_told() -> None:
    with pytest.raises(AssertionError, match="8,000"):
        grows_no_faster_than_the_text(re.compile(r"\s*\[x\]\s*$").search, BLANKS, 8_000)


def test_what_is_linear_passes() -> None:
    grows_no_faster_than_the_text(re.compile(r"\[x\]\s*$").search, BLANKS)
