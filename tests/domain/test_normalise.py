"""Normalisation undoes evasions and leaves ordinary text alone."""

from __future__ import annotations

import base64
import codecs
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.attacked import Attack, load_attacks
from bot.domain.encodings import MOST_DECODED, decoded
from bot.domain.normalise import DECODED, at_first_sight, normalise


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
        ("ᏟᏞᎪᎷ ոitrօ", "CLAM nitro"),  # Cherokee, Armenian
        ("ꜰʀᴇᴇ ɴɪᴛʀᴏ", "free nitro"),
        ("🅵🆁🅴🅴 🅝🅘🅣🅡🅞", "free nitro"),
        ("🇫 🇷 🇪 🇪 nitro", "free nitro"),
        (":regional_indicator_f: :regional_indicator_r: :regional_indicator_e: :regional_indicator_e: now", "free now"),
        ("ᶠʳᵉᵉ nitro", "free nitro"),
        ("f/r/e/e/n/i/t/r/o", "freenitro"),
        ("f . r . e . e", "free"),
        ("f\nr\ne\ne", "free"),
        ("f🔥r🔥e🔥e", "free"),
        ("k1ll y0urself, 5cam n!tro!", "kill yourself, scam nitro!"),
        ("fr<@123>ee n<:dot:42>itro", "free nitro"),
        ("<@!42> <@&7> <#9> <a:party:1>", "@member @role #channel :party:"),
        ("\u202eortin eerf\u202c now", "free nitro now"),
        ("f\u20ddr\u20ddee", "free"),
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
        "schöne Grüße aus Köln, heute Abend zockt keiner",
        "kapıda bekliyorum, ışık yanıyor, bugün çok yağmur yağdı",
        "được rồi, tối nay chơi game nhé, Łódź và smørrebrød",
        "Ξέρεις ποιος παίζει απόψε;",
        "Бобр сказал: не хочу, но приду",
        "Բարեւ ձեզ, ինչպես եք",
        "ᎣᏏᏲ ᏙᎯᏧ",
        "مرحبا كيف حالك اليوم",
        "मैं कल बाजार जाऊंगा",
        "for (int i = 0; i < n; i++) { a[i] += b; }",
        "x = f(a,b,c,d,e) and W/A/S/D to move",
        "https://www.video.example/watch?v=dQw4w9WgXcQ",
        "the id is dQw4w9WgXcQ and the token dGV0cmlzLXNhdmUtMDAwMQ==",
        "key XKCD5-F3GHJ-9TTRE-AB12C",
        "d41d8cd98f00b204e9800998ecf8427e is the empty file's",
        "550e8400-e29b-41d4-a716-446655440000",
        "flags 🇫🇷 🇩🇪 🇹🇷🇧🇷",
        "1st 2nd 60fps, 90kg, (can you) gr8",
        "saw no ton, won on a net",
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
        start = time.process_time()
        for _ in range(3):
            normalise(at_first_sight(text))
        return time.process_time() - start

    usual = ("a ", "a.", "||", "||a", "`", "```a", "e\u0301", "*", "a@", "  a", "a/", "a\n", "a . ", "abc-", "<@1")
    for piece in (*usual, "0f-", "A1b2", "\u202e", "\u202ea", "gur ", "aGVs", "ɐɔǝɟ ", "=", ":regional_indicator_a:"):
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


SAID = "free nitro for everyone, click here and claim it"


@pytest.mark.parametrize(
    "written",
    [
        base64.b64encode(SAID.encode()).decode(),
        base64.urlsafe_b64encode(SAID.encode()).decode().rstrip("="),
        "```\n" + base64.b64encode(SAID.encode()).decode() + "\n```",
        codecs.encode(SAID, "rot13"),
        SAID[::-1],
        "ʇᴉ ɯᴉɐlɔ puɐ ǝɹǝɥ ʞɔᴉlɔ ,ǝuoʎɹǝʌǝ ɹoɟ oɹʇᴉu ǝǝɹɟ",
    ],
)
def test_what_is_encoded_stands_decoded_in_a_line_of_its_own_beside_what_was_written(written: str) -> None:
    first, *others = normalise(written).splitlines()
    assert first
    assert others == [f"{DECODED} {SAID}"]


def test_a_passage_that_was_decoded_is_not_read_in_another_way_too() -> None:
    text = "gur the and gur the " + base64.b64encode(b"hello the world of the free and me").decode() + " naq gur lbh"
    found = decoded(text)
    assert "hello the world of the free and me" in found
    assert sum(map(len, found)) <= len(text)


def test_no_more_passages_are_decoded_than_the_bound() -> None:
    encoded = base64.b64encode(SAID.encode()).decode()
    assert normalise(f"{encoded} " * 50).count(DECODED) == MOST_DECODED


@pytest.mark.parametrize("attack", load_attacks(), ids=lambda attack: attack.kind)
def test_no_line_of_the_corpus_makes_normalisation_fail_or_grow(attack: Attack) -> None:
    for text in (attack.text, attack.text * 3):
        assert len(normalise(text)) <= 2 * len(unicodedata.normalize("NFKC", text)) + 100
