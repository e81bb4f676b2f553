"""A server's language: what it chose, else that of its locale, else English."""

from __future__ import annotations

import asyncio

import pytest

from bot.language import LANGUAGES, catalogue, language_for, mark, speak, speaking, tr, trn


@pytest.mark.parametrize(
    ("chosen", "locale", "spoken"),
    [
        (None, "de", "de"),
        (None, "es-419", "es"),
        (None, "es-ES", "es"),
        (None, "en-GB", "en"),
        (None, "ja", "en"),
        (None, "", "en"),
        ("fr", "de", "fr"),
        ("en", "de", "en"),
    ],
)
def test_the_servers_choice_then_its_locale_then_english(chosen: str | None, locale: str, spoken: str) -> None:
    assert language_for(chosen, locale) == spoken


def test_parts_take_the_place_of_their_names_and_may_hold_braces() -> None:
    assert tr("Case {number}: {text}", number=3, text="{number}") == "Case 3: {number}"
    assert tr("{as it stands}") == "{as it stands}"
    assert mark("Case {number}") == "Case {number}"


def test_words_go_by_the_number() -> None:
    assert trn("{n} case of {name}", "{n} cases of {name}", 1, name="x") == "1 case of x"
    assert trn("{n} case of {name}", "{n} cases of {name}", 2, name="x") == "2 cases of x"


def test_thousands_are_parted_as_the_language_does() -> None:
    said = {}
    for language in LANGUAGES:
        with speaking(language):
            said[language] = trn("{n:,} case", "{n:,} cases", 12_345)
    assert [one[:6] for one in said.values()] == ["12,345", "12.345", "12\u202f345", "12\u202f345"]


async def test_tasks_speak_their_own_language() -> None:
    async def other() -> str:
        speak("fr")
        await asyncio.sleep(0)
        return tr("This works on a server only.")

    with speaking("de"):
        french = await asyncio.create_task(other())
        german = tr("This works on a server only.")
    assert len({french, german, tr("This works on a server only.")}) == 3


def test_a_translation_that_names_what_is_not_there_gives_the_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(catalogue("en")), "gettext", lambda self, text: "Fall {unbekannt}")
    assert tr("Case {number}", number=3) == "Case 3"
