"""Times as pages write them: in UTC, and marked for the script that knows the reader's zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from bot.web.console.times import moment, with_times, written

AT = datetime(2026, 1, 2, 3, 4, 59, tzinfo=UTC)
ELEMENT = '<time datetime="2026-01-02T03:04Z">2026-01-02 03:04 UTC</time>'


def test_a_time_says_utc_wherever_it_was_taken() -> None:
    assert written(AT) == written(AT.astimezone(timezone(timedelta(hours=9)))) == "2026-01-02 03:04 UTC"
    assert moment(AT) == ELEMENT


def test_a_sentence_keeps_its_words_and_what_looks_like_markup_is_none() -> None:
    said = f"<b> & “Bo” until {written(AT)}, or {written(AT)}."
    assert with_times(said) == f"&lt;b&gt; &amp; “Bo” until {ELEMENT}, or {ELEMENT}."
    assert with_times("2026-01-02 and 03:04 UTC") == "2026-01-02 and 03:04 UTC"
