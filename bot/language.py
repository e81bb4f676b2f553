"""The language the bot speaks: texts are written in English where they are used, and looked up in message catalogues.

Which language is spoken belongs to what is done at the moment, not to the program: it is kept in a context variable,
which asyncio gives each task a copy of. Nothing set: English, as in the shell and the log.

The catalogues are gettext's `bot/locales/LANGUAGE/LC_MESSAGES/lawspeaker.po`, read by Babel as they are: nothing has to
be compiled. `make messages` brings them up to date with the texts.
"""

from __future__ import annotations

import gettext
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from string import Formatter
from typing import Any, Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from bot.resources import resource_dir

SOURCE: Final = "en"
LANGUAGES: Final[Mapping[str, str]] = {"en": "English", "de": "Deutsch", "fr": "Français", "es": "Español"}
"""What the bot speaks, by ISO 639-1 code, each by its own name."""
DOMAIN: Final = "lawspeaker"
# What parts thousands where a part is written with Python's comma: to a German 10,000 is ten.
_GROUPS: Final[Mapping[str, str]] = {
    "en": ",",
    "de": ".",
    "fr": "\N{NARROW NO-BREAK SPACE}",
    "es": "\N{NARROW NO-BREAK SPACE}",
}

_spoken: ContextVar[str] = ContextVar("language", default=SOURCE)


def language_for(chosen: str | None, locale: str) -> str:
    """What to speak where a server chose this language, or none and its locale in Discord is `de`, `es-ES` or such."""
    code = chosen or locale.partition("-")[0].lower()
    return code if code in LANGUAGES else SOURCE


def speak(language: str) -> None:
    """Speak a language of LANGUAGES from here on, in this task and those it starts."""
    _spoken.set(language)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak a language of LANGUAGES inside the block."""
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def spoken() -> str:
    """The language that is spoken, as its ISO 639-1 code."""
    return _spoken.get()


def tr(text: str, /, **parts: object) -> str:
    """A text in the language spoken, with the parts in place of its `{names}`; without parts braces stand as they are.

    The text is a literal: catalogues are made by finding it in the source.
    """
    return _filled(catalogue(_spoken.get()).gettext(text), text, parts)


def trn(one: str, many: str, n: int, /, **parts: object) -> str:
    """The same where the words depend on a number, which is `{n}` in both forms."""
    source = one if n == 1 else many
    return _filled(catalogue(_spoken.get()).ngettext(one, many, n), source, {"n": n, **parts})


def mark(text: str, /) -> str:
    """The text itself, to be found by `make messages`: for constants, which `tr` is asked about when they are used."""
    return text


def _filled(text: str, source: str, parts: Mapping[str, object]) -> str:
    """A translation that names what is not there must not keep a moderator from an answer: they get it in English."""
    if not parts:
        return text
    try:
        return _FORMATTER.format(text, **parts)
    except (LookupError, ValueError, AttributeError, TypeError):
        return _FORMATTER.format(source, **parts)


class _Formatter(Formatter):
    """Python's own, but for thousands, which are parted as in the language spoken."""

    def format_field(self, value: Any, format_spec: str) -> str:
        """One part as it is written."""
        written = str(format(value, format_spec))
        return written.replace(",", _GROUPS[_spoken.get()]) if "," in format_spec else written


_FORMATTER = _Formatter()


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """The catalogue of a language; of English, in which the texts are written, an empty one."""
    file = resource_dir("locales") / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    if language == SOURCE or not file.exists():
        return gettext.NullTranslations()
    with file.open("rb") as held:
        messages = read_po(held, locale=language, domain=DOMAIN)
    compiled = io.BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
