"""Numbers that anybody may have written into an address or a form are numbers within bounds, or none."""

from __future__ import annotations

import pytest

from bot.web.console.numbers import LARGEST_CASE, LARGEST_ID, LARGEST_VERSION, number_in


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("7", 7), ("007", 7), (str(LARGEST_ID), LARGEST_ID)])
def test_a_number_is_read(text: str, number: int) -> None:
    assert number_in(text, LARGEST_ID) == number


@pytest.mark.parametrize("text", ["", " 1", "-1", "+1", "1.0", "0x1", "1_000", "²", "٣", str(LARGEST_ID + 1), "9" * 19])
def test_what_is_none_or_too_large_is_none(text: str) -> None:
    assert number_in(text, LARGEST_ID) is None


@pytest.mark.parametrize("most", [LARGEST_CASE, LARGEST_VERSION, LARGEST_ID])
def test_no_length_of_digits_is_too_much_for_it(most: int) -> None:
    """Python refuses to read more than 4,300 of them."""
    assert number_in("0" * 5_000 + "1", most) is None
    assert number_in("9" * 5_000, most) is None
