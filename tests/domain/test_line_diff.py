"""Differences between texts, line by line."""

from __future__ import annotations

import pytest

from bot.domain import line_diff as line_diff_module
from bot.domain.line_diff import Change, Line, line_diff


def test_lines_are_removed_and_added_with_their_numbers_in_both_texts() -> None:
    lines = line_diff("a\nb\nc\n", "a\nx\ny\nc\n")
    assert [(one.change, one.old, one.new, one.text) for one in lines] == [
        (Change.SAME, 1, 1, "a"),
        (Change.REMOVED, 2, None, "b"),
        (Change.ADDED, None, 2, "x"),
        (Change.ADDED, None, 3, "y"),
        (Change.SAME, 3, 4, "c"),
    ]


def test_what_is_alike_and_far_away_is_left_out_with_a_gap() -> None:
    before = [str(number) for number in range(40)]
    after = ["new", *before[1:-1], "end"]
    lines = line_diff("\n".join(before), "\n".join(after))
    assert [one.change for one in lines].count(Change.GAP) == 1
    assert len(lines) == 11


def test_texts_that_differ_in_no_line_have_no_difference() -> None:
    assert line_diff("a\nb", "a\r\nb\n") == []
    assert line_diff("", "") == []


def _lines(count: int, kinds: int) -> list[str]:
    return [chr(0x4E00 + at % kinds) for at in range(count)]


@pytest.mark.parametrize(("count", "kinds"), [(8_000, 100), (5_000, 5_000), (60_000, 3)])
def test_texts_made_so_that_what_is_alike_is_not_found_for_minutes_are_not_searched_for_it(
    monkeypatch: pytest.MonkeyPatch, count: int, kinds: int
) -> None:
    monkeypatch.setattr(line_diff_module, "SequenceMatcher", None)
    lines = ["same", *_lines(count, kinds), "end"]
    other = ["same", *reversed(lines[1:-1]), "end"]
    found = line_diff("\n".join(lines), "\n".join(other))
    assert found[0] == Line(Change.SAME, 1, 1, "same")
    assert found[-1] == Line(Change.SAME, count + 2, count + 2, "end")
    assert [one.text for one in found if one.change is not Change.ADDED] == lines
    assert [one.text for one in found if one.change is not Change.REMOVED] == other


def test_of_much_that_begins_and_ends_alike_some_lines_are_shown_around_what_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    same = _lines(1_000, 3)
    monkeypatch.setattr(line_diff_module, "SequenceMatcher", None)
    assert line_diff("\n".join(same), "\r\n".join(same)) == []
    found = line_diff("\n".join([*same, "a", *same]), "\n".join([*same, "b", "c", *same]))
    assert [one.change.value for one in found] == ["same"] * 3 + ["removed", "added", "added"] + ["same"] * 3
    assert [(one.old, one.new) for one in found[:5]] == [
        (998, 998),
        (999, 999),
        (1000, 1000),
        (1001, None),
        (None, 1001),
    ]
    added = line_diff("\n".join(same), "\n".join([*same, same[0]]))
    assert [one.change.value for one in added] == ["same"] * 3 + ["added"]
    assert line_diff("\n".join([*same, same[0]]), "\n".join(same))[-1].change is Change.REMOVED
