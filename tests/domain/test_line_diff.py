"""Differences between texts, line by line."""

from __future__ import annotations

from bot.domain.line_diff import Change, line_diff


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
