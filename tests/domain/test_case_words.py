"""What a text holds and what a query asks for: folded alike, and nothing that a member writes is special."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.case_words import (
    BETWEEN,
    LONGEST_QUERY,
    MOST_SOUGHT,
    MOST_WORDS,
    Sought,
    apart,
    apart_of,
    parse_query,
    words_of,
    words_of_all,
)
from bot.domain.storable import storable


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don't CAFÉ naïve", ["don", "t", "cafe", "naive"]),
        ("ＦＵＬＬ ﬁne 𝔽𝕣𝕖𝕖", ["full", "fine", "free"]),
        ("Straße İstanbul ИЙ Ё", ["strasse", "istanbul", "ии", "е"]),
        ("fr\u200bee a_b-c.d", ["free", "a", "b", "c", "d"]),
        ("世界 abc世", ["世", "界", "abc", "世"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("한국어", ["한국어"]),
        ("😀🖕hi ❤️👍🏽", ["😀", "🖕", "hi", "❤", "👍"]),
        ("x" * 100, ["x" * 40]),
        (f"!? {BETWEEN} \ud800", []),
    ],
)
def test_words_are_folded_in_every_script(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("query", "phrases"),
    [
        ('free "gift card" now', [("free",), ("gift", "card"), ("now",)]),
        ("don't", [("don", "t")]),
        ('"never closed', [("never", "closed")]),
        ("same Same SAME", [("same",)]),
        ("!? --", []),
        ('""""', []),
        ("a OR b* NOT (c) words:d", [("a",), ("or",), ("b",), ("not",), ("c",), ("words", "d")]),
    ],
)
def test_a_query_is_words_and_phrases(query: str, phrases: list[tuple[str, ...]]) -> None:
    sought = parse_query(query)
    assert sought is not None
    assert list(sought.phrases) == phrases


def test_a_blank_query_asks_for_nothing() -> None:
    assert parse_query(" \n ") is None


def test_a_long_query_asks_for_its_first_words_only() -> None:
    sought = parse_query(" ".join(f"w{number}" for number in range(2_000)))
    assert sought is not None
    assert sought.phrases == tuple((f"w{number}",) for number in range(MOST_SOUGHT))
    one_phrase = parse_query('"' + "a " * LONGEST_QUERY)
    assert one_phrase is not None
    assert one_phrase.phrases == (("a",) * MOST_SOUGHT,)


def test_no_phrase_reaches_from_one_text_into_the_next_and_only_so_many_words_are_kept() -> None:
    assert words_of_all(["a b", "", "!", "c"]) == ["a", "b", BETWEEN, "c", BETWEEN]
    assert len(words_of_all(["a " * MOST_WORDS, "b"])) == MOST_WORDS


def test_without_an_order_signs_are_found_by_twos() -> None:
    assert apart(words_of_all(["世界平 ok"])) == {"世", "界", "平", "世界", "界平", "ok"}
    sought, one = parse_query("世界平 ok"), parse_query("界")
    assert sought is not None
    assert one is not None
    assert apart_of(sought) == {"世界", "界平", "ok"}
    assert apart_of(one) == {"界"}


@given(st.text(max_size=200))
def test_words_hold_letters_only_so_that_no_database_reads_anything_into_them(text: str) -> None:
    for word in words_of(text):
        assert 0 < len(word) <= 40
        assert not set(word) & set(" '\"\\()&|!:*<>^-+{},\0_" + BETWEEN)
        word.encode()


@given(st.text(max_size=200), st.text(max_size=200))
def test_a_text_is_found_by_itself(text: str, other: str) -> None:
    words = words_of_all([other, text])
    sought = parse_query(text.replace('"', " "))
    if sought is None:
        return
    together = [tuple(words[at : at + len(phrase)]) for phrase in sought.phrases for at in range(len(words))]
    assert all(phrase in together for phrase in sought.phrases)
    assert apart_of(sought) <= apart(words)


@pytest.mark.parametrize("words", ["0\x000", "a\ud800b", "\x00word\x00"])
def test_what_no_database_takes_is_sought_as_it_is_kept(words: str) -> None:
    assert parse_query(words) == parse_query(storable(words))
    assert parse_query(words) == Sought((tuple(words_of(storable(words))),))
