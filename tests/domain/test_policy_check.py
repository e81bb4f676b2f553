"""What is said of a policy while it is typed: errors first, each with its line."""

from __future__ import annotations

import pytest

from bot.domain.policy import MAX_POLICY_CHARACTERS, MAX_RULES
from bot.domain.policy_check import Grade, check

FINE = '1. No cats in here. [delete]\n2. No dogs in here. [flag]\n\n## Examples\n- "meow" breaks 1\n'


def test_a_good_text_gets_no_remark() -> None:
    checked = check(FINE)
    assert checked.policy is not None
    assert checked.remarks == ()
    assert (checked.characters, checked.rules) == (len(FINE), 2)


def test_remarks_come_by_weight_and_then_by_line() -> None:
    checked = check("# House\n\n1. No cats in here.\n2. Be nice.\n3. Spam.\n")
    assert [(one.grade, one.line) for one in checked.remarks] == [
        *[(Grade.WARNING, 4)] * 2,
        (Grade.WARNING, 5),
        (Grade.NOTE, 3),
        (Grade.NOTE, 4),
        (Grade.NOTE, 5),
        (Grade.NOTE, None),
    ]


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("1. No cats.\n2. No dogs. [explode]\n", 2),
        ("1. No cats.\n\n   \n2. No dogs\n   at all. [timeout 99w]\n", 4),
        ("1. No cats.\n2. No dogs.\n2. No birds.\n", 3),
        ("", None),
        ("x" * (MAX_POLICY_CHARACTERS + 1), None),
    ],
)
def test_a_text_that_cannot_be_used_is_told_why_and_where(source: str, line: int | None) -> None:
    checked = check(source)
    assert checked.policy is None
    (error,) = checked.remarks
    assert (error.grade, error.line) == (Grade.ERROR, line)


def test_it_is_told_before_a_limit_is_reached() -> None:
    many = "".join(f"{number}. No number {number}s in here. [flag]\n" for number in range(1, MAX_RULES))
    assert "There is room for 1 more rules." in {one.words for one in check(many).remarks}
    long = FINE + "x" * (MAX_POLICY_CHARACTERS - len(FINE) - 5)
    assert "There is room for 5 more characters." in {one.words for one in check(long).remarks}
