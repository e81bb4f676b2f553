"""What was found a moment ago: held for some seconds, and only so much of it."""

from __future__ import annotations

from bot.web.console.fresh import Fresh


def test_a_value_is_there_until_its_seconds_are_over() -> None:
    now = 0.0
    fresh = Fresh[str, str](2.0, 10, lambda: now)
    fresh.put("a", "")
    assert (fresh.get("a"), fresh.get("b")) == ("", None)
    now = 1.9
    assert fresh.get("a") == ""
    now = 2.0
    assert fresh.get("a") is None
    fresh.put("a", "again")
    assert fresh.get("a") == "again"


def test_of_too_many_those_go_that_were_put_first() -> None:
    fresh = Fresh[int, int](2.0, 3, lambda: 0.0)
    for key in (1, 2, 3, 1, 4):
        fresh.put(key, key)
    assert [fresh.get(key) for key in (1, 2, 3, 4)] == [1, None, 3, 4]
    assert len(fresh) == 3


def test_what_is_fresh_no_more_is_let_go_with_the_next_that_comes() -> None:
    now = 0.0
    fresh = Fresh[int, int](2.0, 10, lambda: now)
    fresh.put(1, 1)
    now = 1.0
    fresh.put(2, 2)
    now = 2.5
    fresh.put(3, 3)
    assert len(fresh) == 2
