"""The picture of `/stats`: what is drawn and told of days, and that anything can be drawn."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from matplotlib.image import imread

from bot.domain.decision import Outcome
from bot.domain.figures import Answers, Day, Span
from cogs.stats_picture import agreements, picture_text, stats_picture

NOW = datetime(2026, 1, 31, tzinfo=UTC)
BUSY = Day(NOW, {Outcome.ALLOW: 10**9, Outcome.ACT: 3}, Answers(9, confirmed=4, overturned=1, other=1))


def test_a_span_has_a_stretch_for_each_24_hours_the_last_may_be_shorter() -> None:
    day = timedelta(days=1)
    assert Span(NOW - 2 * day, NOW).days() == [Span(NOW - 2 * day, NOW - day), Span(NOW - day, NOW)]
    assert Span(NOW - 1.5 * day, NOW).days()[-1] == Span(NOW - 0.5 * day, NOW)


@pytest.mark.parametrize("days", [[Day(NOW)] * 2, [Day(NOW), BUSY], [BUSY] * 90])
def test_few_days_and_many_empty_and_full_ones_are_drawn(days: list[Day]) -> None:
    drawn = imread(io.BytesIO(stats_picture(days)), format="png")
    height, width, _ = drawn.shape
    assert width > height > 600
    assert len(np.unique(drawn.reshape(-1, drawn.shape[-1]), axis=0)) > 2


def test_what_was_judged_is_seen_in_the_picture() -> None:
    assert stats_picture([Day(NOW), BUSY]) != stats_picture([Day(NOW), Day(NOW)])


def test_agreement_is_that_of_the_last_seven_days_and_none_where_nothing_was_answered() -> None:
    confirmed, overturned = Day(NOW, {}, Answers(1, confirmed=1)), Day(NOW, {}, Answers(1, overturned=1))
    quiet = Day(NOW)
    assert agreements([quiet, confirmed, overturned, *[quiet] * 7]) == [None, 1.0, *[0.5] * 6, 0.0, None]


def test_who_hears_the_picture_read_out_is_told_its_numbers() -> None:
    assert picture_text([Day(NOW), BUSY]) == (
        "Three charts of the last 2 days: 1,000,000,003 messages judged, 9 cases opened of which 4 were confirmed and "
        "1 overturned, and the share confirmed over time."
    )
