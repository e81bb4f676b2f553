"""Words by which cases are found: what a text holds, and what a query asks for. Pure, linear in the text's length.

Both are folded alike, so that every database finds the same: case, accents and widths do not count. Scripts that put
no space between words are taken sign by sign.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.domain.storable import storable

FOLDING = 1
"""Another number whenever the same text has other words: what is on record is indexed anew then."""
MOST_WORDS = 8_000
"""Of one case; whatever comes behind them is not found."""
MOST_SOUGHT = 32
"""Of one query; those behind them are not asked for."""
LONGEST_QUERY = 4_000
BETWEEN = "§"
"""Stands between two texts: no text has it for a word, so that no phrase reaches from one into the next."""
_LONGEST_WORD = 40
# Marks that are written for good measure: accents, the vowels of Arabic and Hebrew, how an emoji is to look. Others are
# letters in effect.
_ACCENTS = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f]+"
)
# Thai, Lao, Burmese, Khmer; kana, Han and what belongs to them.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_SIGN = re.compile(f"[{_UNSPACED}\U00020000-\U0003ffff]")
_QUOTED = re.compile(r'"([^"]*)"?|([^"\s]+)')
_LETTERS = ("L", "M", "N")
_PICTURES = ("So",)


@dataclass(frozen=True, slots=True)
class Sought:
    """What a query asks for: every phrase must be there, a phrase being words that follow one another."""

    phrases: tuple[tuple[str, ...], ...]


def words_of(text: str) -> list[str]:
    """A text's words, folded, in their order. An emoji is a word, and so is a sign of a script without spaces."""
    folded = _ACCENTS.sub("", text)
    for _ in range(2):  # what is folded may come apart again
        folded = _ACCENTS.sub("", unicodedata.normalize("NFKD", folded).casefold())
    return list(_cut(unicodedata.normalize("NFC", folded)))


def words_of_all(texts: Iterable[str]) -> list[str]:
    """The words of some texts that are found as one, with `BETWEEN` after each text."""
    found: list[str] = []
    for text in texts:
        if words := words_of(text):
            found += [*words, BETWEEN]
    return found[:MOST_WORDS]


def parse_query(query: str) -> Sought | None:
    """What a query asks for; None where it is blank. Without any word in it, as `!?`, it has no phrases.

    What stands in double quotes is a phrase; so is what is written together, as `don't`. Nothing else is special.
    """
    # As what was said is kept, or a sign that is not would part words here alone.
    query = storable(query[:LONGEST_QUERY])
    if not query.strip():
        return None
    phrases: dict[tuple[str, ...], None] = {}
    room = MOST_SOUGHT
    for quoted, single in _QUOTED.findall(query):
        words = tuple(words_of(quoted or single)[:room])
        if words and words not in phrases:
            phrases[words] = None
            room -= len(words)
        if room == 0:
            break
    return Sought(tuple(phrases))


def apart(words: Sequence[str]) -> set[str]:
    """What is left of words where their order may not be known: each, and signs without spaces by twos as well."""
    return {*words, *_twos(words)} - {BETWEEN}


def apart_of(sought: Sought) -> set[str]:
    """What of `apart` must be there for a query to be met, as far as that can be told without an order."""
    return set().union(*(_needed(phrase) for phrase in sought.phrases))


def _needed(phrase: Sequence[str]) -> set[str]:
    twos = set(_twos(phrase))
    held = {sign for two in twos for sign in two}
    return twos | {word for word in phrase if word not in held}


def _twos(words: Sequence[str]) -> Iterator[str]:
    for first, second in pairwise(words):
        if _SIGN.fullmatch(first) and _SIGN.fullmatch(second):
            yield first + second


def _cut(text: str) -> Iterator[str]:
    word = ""
    for sign in text:
        category = unicodedata.category(sign)
        if category == "Cf":  # as the invisible ones by which a word is parted
            continue
        if _SIGN.match(sign) or category in _PICTURES:
            if word:
                yield word[:_LONGEST_WORD]
            word = ""
            yield sign
        elif category[0] in _LETTERS:
            word += sign
        elif word:
            yield word[:_LONGEST_WORD]
            word = ""
    if word:
        yield word[:_LONGEST_WORD]
