"""A filter comes back from a button's `custom_id` as it was written, however long it is."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from bot.discord_io.day_range import parse_range
from bot.discord_io.limits import CUSTOM_ID
from bot.discord_io.refusal import RefusedError
from bot.domain.case_filter import CaseFilter
from bot.domain.records import CaseStatus
from cogs.case import LARGEST_NUMBER
from cogs.case_codec import read, short, written
from cogs.case_pages import TEMPLATE

ID = 2**63 - 1
FULL = CaseFilter(
    ID, "SP2.a:*_ ü".ljust(32, "x"), ID - 1, datetime(2026, 1, 31, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC),
    CaseStatus.OVERTURNED, ID - 2, LARGEST_NUMBER,
)  # fmt: skip


@pytest.mark.parametrize(
    "wanted", [FULL, CaseFilter(), CaseFilter(up_to=0), *(CaseFilter(status=s) for s in CaseStatus)]
)
def test_a_filter_comes_back_as_it_was_written(wanted: CaseFilter) -> None:
    custom_id = f"lawcases:{short(10)}:{written(wanted)}"
    match = re.fullmatch(TEMPLATE, custom_id)
    assert match is not None
    assert read(match["sought"]) == wanted


def test_the_longest_filter_fits_beside_the_last_page() -> None:
    assert len(f"lawcases:{short(62**4 - 1)}:{written(FULL)}") <= CUSTOM_ID


def test_a_day_before_there_were_cases_is_written_as_one_before_them_all() -> None:
    first, end = parse_range("0001-01-01", "1969-12-30")
    back = read(written(CaseFilter(since=first, until=end)))
    assert back.since == back.until == datetime(1970, 1, 1, tzinfo=UTC)
    with pytest.raises(ValueError, match="-1"):
        short(-1)


def test_a_day_that_no_calendar_has_is_read_as_the_last_one() -> None:
    assert read("....zzzzzzzzzzz...").since == datetime(9999, 12, 31, tzinfo=UTC)


def test_a_range_holds_its_last_day() -> None:
    first, end = parse_range("2026-01-31", "2026-01-31")
    assert (first, end) == (datetime(2026, 1, 31, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
    assert parse_range(None, None) == (None, None)
    assert end is not None
    assert first is not None
    assert end - first == timedelta(days=1)


@pytest.mark.parametrize(
    ("since", "until"), [("yesterday", None), ("2026-02-30", None), ("2026-02-02", "2026-02-01"), (None, "9999-12-31")]
)
def test_what_is_no_range_gets_a_sentence(since: str | None, until: str | None) -> None:
    with pytest.raises(RefusedError, match=r"2026-01-31|holds no day"):
        parse_range(since, until)
