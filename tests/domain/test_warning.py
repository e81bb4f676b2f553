"""The template of the message to a warned member: known placeholders only, and never more than Discord takes."""

from __future__ import annotations

import pytest

from bot.domain.setting_values import SettingError
from bot.domain.warning import DEFAULT_TEMPLATE, LONGEST, MOST_CHARACTERS, fill, read_template


def test_every_placeholder_may_be_used_and_nothing_typed_is_the_default() -> None:
    words = " ".join("{" + name + "}" for name in LONGEST)
    assert read_template(f"  {words}\r\n") == words
    for default in ("", " \n", DEFAULT_TEMPLATE):
        assert read_template(default) is None


def test_placeholders_that_nobody_knows_are_named() -> None:
    with pytest.raises(SettingError, match=r"names \{member\}, \{\}, which nothing can be put into: use \{server\}, "):
        read_template("Dear {member}, {} by {rule}")


def test_a_brace_that_holds_no_placeholder_is_text() -> None:
    assert read_template("Case {case} } {") == "Case {case} } {"


def test_what_could_become_too_long_is_refused_with_by_how_much() -> None:
    exact = "{case}" + "x" * (MOST_CHARACTERS - LONGEST["case"])
    assert read_template(exact) == exact
    with pytest.raises(SettingError, match=r"2,001 characters and Discord takes 2,000: shorten it by 1\."):
        read_template(exact + "x")
    with pytest.raises(SettingError, match="shorten it by 400"):
        read_template("{rule_text}{rule_text}{rule_text}")


def test_a_value_is_put_in_as_it_is_and_never_looked_into() -> None:
    assert fill("{server} {case}", {"server": "{case}", "case": "7"}) == "{case} 7"
