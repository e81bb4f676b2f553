"""What goes wrong is told in the language of who asked, also where it comes from a process that speaks English only."""

from __future__ import annotations

from gettext import NullTranslations

import pytest

from bot.judge.interface import JudgeError
from bot.language import speaking
from cogs.errors import sentence_of


def test_what_the_judges_process_says_is_translated_where_it_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    class German(NullTranslations):
        def gettext(self, message: str) -> str:
            return f"auf Deutsch: {message}"

    monkeypatch.setattr("bot.language.catalogue", lambda code: German() if code == "de" else NullTranslations())
    error = JudgeError("The judge failed.")
    with speaking("de"):
        assert sentence_of(error) == "auf Deutsch: The judge failed."
    assert sentence_of(error) == "The judge failed."
