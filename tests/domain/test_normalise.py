"""Normalisation undoes evasions and leaves ordinary text alone."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.normalise import at_first_sight, normalise


@pytest.mark.parametrize(
    ("tricky", "plain"),
    [
        ("fr\u200bee ni\u00adtro", "free nitro"),
        ("frее nіtrо", "free nitro"),  # Cyrillic е, і, о
        ("ｆｒｅｅ ｎｉｔｒｏ", "free nitro"),
        ("𝓯𝓻𝓮𝓮 𝖓𝖎𝖙𝖗𝖔", "free nitro"),
        ("f r e e  n i t r o", "free nitro"),
        ("f.r.e.e nitro", "free nitro"),
        ("fr3e n1tro sc4mmer", "free nitro scammer"),
        ("f\u0301\u0302\u0303\u0304ree nitro", "free nitro"),
        ("||free|| **nitro**", "free nitro"),
        ("`free` ```nitro```", "free nitro"),
        ("freeeeeee nitro", "free nitro"),
        ("free \t  nitro", "free nitro"),
    ],
)
def test_evasions_are_undone(tricky: str, plain: str) -> None:
    assert normalise(tricky) == plain


@pytest.mark.parametrize(
    "text",
    [
        "see you at 10:30, room 4b, in 2024",
        "gg wp 1v1 me, mp3 at 4th of July costs 5$",
        "привет, как дела? я купил новую игру",
        "нужен ещё один танк",
        "my a1c is fine",
        "Καλημέρα, τι κάνεις σήμερα;",
        "今日はいい天気ですね",
        "café naïve façade Übergröße",
        "I am a b student",
        "https://docs.example/path_name?x=1&y=2",
        "snake_case and my_file.py",
    ],
)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert normalise(text) == text


@given(st.text(max_size=600))
def test_normalising_twice_finds_little_more_and_never_fails(text: str) -> None:
    once = normalise(text)
    assert len(once) <= 20 * len(text) + 1
    assert not any(char in once for char in "\u200b\u200d\u2060\ufeff\u202e")


def test_a_long_message_takes_linear_time() -> None:
    def seconds(text: str) -> float:
        start = time.perf_counter()
        for _ in range(3):
            normalise(at_first_sight(text))
        return time.perf_counter() - start

    for piece in ("a ", "a.", "||", "||a", "`", "```a", "e\u0301", "*", "a@", "  a"):
        short, long = seconds(piece * 1_000), seconds(piece * 8_000)
        assert long < 40 * short + 0.05, piece


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Watched it. The butler ||did it|| and ||fled\nabroad||! Good film.", "Watched it.… Good film."),
        ("||all of it||", "…"),
        ("her dress was red\nthe end: ||he dies||", "her dress was red\n…"),
        ("if a || b: pass", "if a || b: pass"),
        ("`a || b` and `c || d`", "`a || b` and `c || d`"),
        ("```\na || b || c\n``` but ||he dies||", "```\na || b || c\n…"),
        ("||||", "||||"),
    ],
)
def test_what_spoiler_bars_hide_is_not_seen_at_first_sight(text: str, seen: str) -> None:
    assert at_first_sight(text) == seen
