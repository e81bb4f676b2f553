"""The second reading tells deeds from reports, for messages that would be caught and no others."""

from __future__ import annotations

import numpy as np
import pytest

from bot.judge.library import load_library
from bot.judge.second import LABELS, needs_second, second_text, weighed


@pytest.mark.parametrize(("odds", "again"), [([-3.0, -0.1], False), ([-3.0, 0.1], True), ([2.0, -9.0], True)])
def test_only_a_message_that_would_be_caught_is_read_twice(odds: list[float], again: bool) -> None:
    assert needs_second(np.array(odds)) is again


def test_what_is_only_told_of_loses_and_what_is_done_gains() -> None:
    odds = np.array([1.0, -2.0])
    done = weighed(odds, np.log([0.98, 0.01, 0.01]))
    told = weighed(odds, np.log([0.02, 0.97, 0.01]))
    assert (done > odds).all()
    assert (told < odds).all()


def test_the_second_reading_cannot_carry_a_message_past_its_bounds() -> None:
    odds = np.array([0.0])
    certain, never = weighed(odds, np.array([0.0, -99.0, -99.0])), weighed(odds, np.array([-99.0, 0.0, -99.0]))
    assert (float(certain[0]), float(never[0])) == (1.0, -2.0)


def test_every_label_has_examples_of_the_packs_in_one_prefix_for_all_policies() -> None:
    text = second_text(load_library())
    assert text == second_text(load_library())
    assert all(text.count(f"Category: {word}") > 5 for word, _ in LABELS)
