"""Rationales agree with the verdict and quotes are verbatim, whatever the model writes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.judge.rationale import LONGEST_QUOTE, clauses, finished, stated_reason, tidy_reason


@given(st.text(max_size=4_000))
def test_every_span_that_may_be_quoted_is_in_the_message(text: str) -> None:
    spans = clauses(text)
    assert spans
    assert all(span in text and len(span) <= LONGEST_QUOTE for span in spans)


def test_a_reason_holds_nothing_that_a_database_does_not_take() -> None:
    written = "insults some\udfffbody\0 by name."
    assert tidy_reason("1", "No insults.", written, "") == "Breaks rule 1: the message insults some?body by name."
    assert stated_reason("1", "No insults.", written, "") == "Breaks rule 1: insults some?body by name."


def test_a_short_message_is_quoted_whole() -> None:
    assert clauses("  you are a fool ") == ["you are a fool"]


def test_a_rationale_names_the_rule() -> None:
    reason = tidy_reason("2", "No scams.", ' promises a "free" prize to lure people to a link.\nRule: x', "free prize")
    assert reason == 'Breaks rule 2: the message promises a "free" prize to lure people to a link.'


def test_a_rationale_that_denies_the_verdict_is_replaced() -> None:
    for written in ("does not break the rule.", "is fine because it is a joke.", " doesn't violate any rule.", "", "."):
        reason = tidy_reason("2", "No scams.", written, "free prize")
        assert "rule 2" in reason.casefold()
        assert "“free prize”" in reason
        assert "not break" not in reason
        assert "fine" not in reason


def test_writing_stops_at_the_end_of_the_sentence() -> None:
    assert not finished("offers a prize at gift.example and")
    assert finished("offers a prize.")
    assert finished("offers a prize\n")
