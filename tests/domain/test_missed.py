"""What of a history was missed: after what was heard, within the reach, and only where the bot listened by then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.missed import OVERLAP, Gap, gap_before

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


HEARD = ago(20)


def gap(*, reach: timedelta = HOUR, heard: datetime | None = HEARD, watched: datetime | None = None) -> Gap | None:
    return gap_before(NOW, reach, heard, watched, ago(10_000))


def test_where_the_bot_never_listened_nothing_is_missed() -> None:
    assert gap(heard=None) is None


def test_a_reach_of_nothing_is_no_gap() -> None:
    assert gap(reach=timedelta()) is None


@pytest.mark.parametrize(
    ("posted", "edited", "missed"),
    [
        (10, None, True),
        (20 + OVERLAP.total_seconds() / 60 + 1, None, False),
        (40, 5, True),
        (40, 30, False),
        (61, None, False),
        (61, 5, False),
    ],
    ids=["posted meanwhile", "heard", "edited meanwhile", "edit heard", "beyond", "beyond, edited meanwhile"],
)
def test_what_was_posted_or_edited_since_is_missed_within_the_reach(
    posted: float, edited: float | None, missed: bool
) -> None:
    found = gap()
    assert found is not None
    assert found.holds(ago(posted), ago(edited) if edited is not None else None) is missed


def test_an_absence_longer_than_the_reach_is_read_no_further_back_than_that() -> None:
    found = gap(heard=ago(500))
    assert found is not None
    assert found.holds(ago(59), None)
    assert not found.holds(ago(61), None)


def test_what_was_said_before_a_channel_was_watched_or_the_bot_came_is_left_alone() -> None:
    watched_lately = gap(watched=ago(10))
    came_lately = gap_before(NOW, HOUR, ago(20), None, ago(10))
    for found in (watched_lately, came_lately):
        assert found is not None
        assert not found.holds(ago(11), None)
        assert not found.holds(ago(11), ago(1))
        assert found.holds(ago(9), None)
