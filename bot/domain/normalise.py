"""Normalisation: what a text says once tricks of spelling are undone. Pure, linear in the text's length."""

from __future__ import annotations

import re
import unicodedata

from bot.domain.confusables import (
    IN_MIXED_WORDS,
    LEET,
    LEET_FOR_KNOWN,
    LOOK_ALIKE,
    ON_A_GROUND,
    REGIONAL_INDICATORS,
    SMALL_CAPITALS,
    is_other_script,
)
from bot.domain.encodings import WORDS, decoded, override_undone

_INVISIBLE_CATEGORIES = frozenset({"Cf", "Cc", "Co", "Cn"})
_INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0\u034f\u2800") | {chr(n) for n in range(0xFE00, 0xFE10)}
_MOST_MARKS = 2
# Marks on one letter are put in order before they are counted, which takes time by their square.
_MOST_IN_ORDER = 32
_MARKS = re.compile(rf"[^\w\s\x00-\x7f]{{{_MOST_IN_ORDER + 1},}}")

_WORD = re.compile(r"[^\W_]+(?:[@$][^\W_]+)*")
_SPACED = re.compile(r"(?<!\S)(?:[^\W\d_] ){2,}[^\W\d_](?!\S)(?: {2,}(?:[^\W\d_] )+[^\W\d_](?!\S))*")
# Letters parted by signs: by one alone, by one between blanks, by slashes (of which W/A/S/D has three), by line ends,
# by emoji and the like.
_PARTED = re.compile(
    r"(?<![\w.\-_*~])(?:[^\W\d_][.\-_*~]){3,}[^\W\d_](?![\w.\-_*~])"
    r"|(?<!\S)(?:[^\W\d_] [.\-_*~•·|/] ){3,}[^\W\d_](?!\S)"
    r"|(?<![\w/|\\:])(?:[^\W\d_][/|\\]){4,}[^\W\d_](?![\w/|\\])"
    r"|(?<![^\n])(?:[^\W\d_]\n){3,}[^\W\d_](?![^\n])"
    r"|(?<!\w)(?:[^\W\d_][·\u2010-\u2027\u2190-\u2bff\U0001f000-\U0001f1e5\U0001f200-\U0001faff]){3,}[^\W\d_](?!\w)"
)
_REPEATED = re.compile(r"([^\W\d_])\1{2,}")
_MARKUP = re.compile(r"\|\||```(?:[a-z]{1,12}\n)?|`|\*{1,3}(?=\S)|(?<=\S)\*{1,3}|~~|(?<!\w)__|__(?!\w)")
# What Discord's client writes for emoji and mentions. Between two letters it parts a word and says nothing.
_CALL = re.compile(r"(?<=[^\W\d_])<(?:@[!&]?|#|a?:\w{1,32}:)\d{1,20}>(?=[^\W\d_])|<(@!?|@&|#|a?:\w{1,32}:)\d{1,20}>")
_CALLED = {"@": "@member", "@!": "@member", "@&": "@role", "#": "#channel"}
_INDICATOR = re.compile(r":regional_indicator_([a-z]):(?:[ \u200b](?=:regional_indicator_))?")
_INDICATORS = re.compile("[\U0001f1e6-\U0001f1ff]+")
# Addresses, and what may be a key, an id or a hash.
_ADDRESS = r"https?://\S+"
_GROUPS = r"(?<![\w-])[0-9A-Za-z]{3,}(?:-[0-9A-Za-z]{3,}){2,}(?![\w-])"
_ADDRESS_GROUPS_OR_WORD = re.compile(f"({_ADDRESS})|({_GROUPS})|{_WORD.pattern}")
_HEX = re.compile(r"(?=\D*\d)[0-9a-f]{7,}|(?=\D*\d)[0-9A-F]{7,}")
_LEETED = re.compile(r"(?<![\w@$!|€£.:/=-])[A-Za-z0-9@$!|€£]{3,20}(?![\w@$|€£:/=-])")
_LATIN = re.compile(r"[A-Za-z]")
_BETWEEN_LETTERS = re.compile(r"(?<=[A-Za-z])[013457@$]+(?=[A-Za-z])")
# Code comes first: bars in it hide nothing.
_CODE_OR_HIDDEN = re.compile(r"(```.*?```|`[^`\n]*`)|\|\|.+?\|\|", re.S)
_HIDDEN = "\0"
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
DECODED = "(decoded)"
"""What a line of `normalise` begins with that says what an encoded passage says."""


def at_first_sight(text: str) -> str:
    """A message as it is before anybody clicks: a sentence with something behind spoiler bars is an ellipsis.

    The whole sentence, for what leads up to the hidden words ("the ending broke me:") gives nothing away by itself.
    """
    marked = _CODE_OR_HIDDEN.sub(lambda match: match.group(1) or _HIDDEN, text)
    if marked == text:
        return text
    return _SENTENCE.sub(lambda match: "…" if _HIDDEN in match.group(0) else match.group(0), marked)


def seen_at_first(text: str) -> str | None:
    """The normalised text of a message as it is before anybody clicks; None where it hides nothing."""
    seen = at_first_sight(text)
    return normalise(seen) if seen != text else None


def normalise(text: str) -> str:
    """Undo evasions of spelling: invisible and look-alike characters, leet, spaced-out words, markup, zalgo.

    Ordinary text of any script comes back nearly as it was; lines are kept, runs of blanks are not. What is written in
    base64, in rot13, backwards or upside down stands decoded in lines of its own at the end.
    """
    text = _without_markup(text)
    return "\n".join([_plain(text), *(f"{DECODED} {_plain(_without_markup(said))}" for said in decoded(text))]).strip()


def _without_markup(text: str) -> str:
    """The visible characters, without Discord's own ways of writing emoji, mentions and layout."""
    text = _INDICATORS.sub(_letter_or_flags, override_undone(text)).translate(ON_A_GROUND)
    text = _visible(unicodedata.normalize("NFKC", _MARKS.sub(_first_marks, text)))
    text = _INDICATOR.sub(r"\1", text)
    text = _CALL.sub(lambda match: _CALLED.get(match.group(1), (match.group(1) or "").lstrip("a")), text)
    return _MARKUP.sub("", text)


def _plain(text: str) -> str:
    text = _SPACED.sub(lambda match: _join(match.group(0), " "), text)
    text = _PARTED.sub(lambda match: re.sub(r"[\W_]", "", match.group(0)), text)
    other_script = not text.isascii() and any(not char.isascii() and is_other_script(char) for char in text)
    text = _LEETED.sub(lambda match: _known_word(match.group(0)), text)
    text = _ADDRESS_GROUPS_OR_WORD.sub(lambda match: _plain_part(match, other_script), text)
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def _letter_or_flags(match: re.Match[str]) -> str:
    """Regional indicators: two by two they are flags, an odd number of them spells."""
    run = match.group(0)
    return run.translate(REGIONAL_INDICATORS) if len(run) % 2 else run


def _first_marks(match: re.Match[str]) -> str:
    """Signs of which many may be marks on one letter, without those beyond what is put in order."""
    kept: list[str] = []
    marks = 0
    for char in match.group(0):
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= _MOST_IN_ORDER:
            kept.append(char)
    return "".join(kept)


def _visible(text: str) -> str:
    """Without invisible characters, and with no more than two marks on a letter."""
    if text.isascii() and text.isprintable():
        return text
    kept: list[str] = []
    marks = 0
    for char in text:
        if char in "\n\t\r":
            kept.append(" " if char != "\n" else char)
            marks = 0
            continue
        category = unicodedata.category(char)
        if category in _INVISIBLE_CATEGORIES or char in _INVISIBLE:
            continue
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if marks <= _MOST_MARKS:
            kept.append(char)
    whole = "".join(kept)
    # What is left of zalgo on Latin letters is no accent of any language.
    return re.sub(r"([A-Za-z])[\u0300-\u036f\u0483-\u0489\u20d0-\u20f0]+", r"\1", whole)


def _join(spaced: str, separator: str) -> str:
    """`f r e e  n i t r o` becomes `free nitro`: two blanks part words, one parts letters."""
    return " ".join(part.replace(separator, "") for part in re.split(r" {2,}", spaced))


def _known_word(written: str) -> str:
    """A word that leet makes of a known one (`k1ll`, `n!tro`, `5cam`); any other as it is."""
    word = written.rstrip("!|")
    if word.isalpha() or sum(char.isalpha() for char in word) < 2:
        return written
    meant = word.translate(LEET_FOR_KNOWN)
    return meant + written[len(word) :] if meant.casefold() in WORDS else written


def _plain_part(match: re.Match[str], other_script: bool) -> str:
    """An address with its look-alikes undone, a key as it is, a word in plain letters."""
    part = match.group(0)
    if match.group(1):
        return _WORD.sub(lambda word: _latin(word.group(0), other_script), part)
    if match.group(2):
        whole = part.replace("-", "")
        keyed = any(char.isdigit() for char in whole) and (whole.isupper() or _HEX.fullmatch(whole))
        return part if keyed else _WORD.sub(lambda word: _plain_word(word.group(0), other_script), part)
    return _plain_word(part, other_script)


def _plain_word(word: str, other_script: bool) -> str:
    word = _latin(word, other_script)
    if _is_id(word):
        return word
    # Digits stand for letters only between letters, of which there are more: not in 2024, 1v1, mp3, 4th or a1c.
    if _BETWEEN_LETTERS.search(word):
        letters = sum(char.isalpha() for char in word)
        if letters >= 3 and letters > len(word) - letters:
            word = _BETWEEN_LETTERS.sub(lambda match: match.group(0).translate(LEET), word)
    return _REPEATED.sub(r"\1\1", word)


def _latin(word: str, other_script: bool) -> str:
    """A word in Latin letters where it is a disguised Latin one, else as it is."""
    if word.isascii():
        return word
    if len(word) >= 3 and all(char.isascii() or ord(char) in SMALL_CAPITALS for char in word):
        return word.translate(SMALL_CAPITALS)
    if _LATIN.search(word):
        plain = word.translate(LOOK_ALIKE)
        mixed = len(word) >= 4 and plain != word
        return plain.translate(IN_MIXED_WORDS) if mixed else plain
    return word.translate(LOOK_ALIKE) if not other_script and _is_disguise(word) else word


def _is_id(word: str) -> bool:
    """Whether a word is a hash or an id of mixed letters and digits rather than leet."""
    if len(word) < 7 or not word.isascii():
        return False
    if _HEX.fullmatch(word):
        return True
    turns = len(re.findall(r"[a-z][A-Z]|[0-9][A-Za-z]", word))
    return len(word) >= 10 and turns >= 3 and not word.islower() and not word.isupper()


def _is_disguise(word: str) -> bool:
    """Whether a word of one other script consists of look-alikes only, and is long enough to be no accident."""
    return len(word) >= 4 and word.translate(LOOK_ALIKE).isascii()
