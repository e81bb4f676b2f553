"""Normalisation: what a text says once tricks of spelling are undone. Pure, linear in the text's length."""

from __future__ import annotations

import re
import unicodedata

# Letters of other scripts that look like Latin ones: a choice of those in Unicode's confusables.txt (UTS 39)
# that are used to write Latin words past a filter.
_LOOK_ALIKE = str.maketrans(
    "аеорсухіјѕԁһӏԛԝвмнткзгАВЕКМНОРСТУХІЈЅ" + "αβεικνορτυχηΑΒΕΖΗΙΚΜΝΟΡΤΥΧ" + "ıɑɡłøđ",
    "aeopcyxijsdhlqwbmhtk3rABEKMHOPCTYXIJS" + "abeikvoptuxnABEZHIKMNOPTYX" + "iaglod",
)
_INVISIBLE_CATEGORIES = frozenset({"Cf", "Cc", "Co", "Cn"})
_INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0\u034f\u2800") | {chr(n) for n in range(0xFE00, 0xFE10)}
_LEET = str.maketrans("013457@$", "oieastas")
_MOST_MARKS = 2

_WORD = re.compile(r"[^\W_]+(?:[@$][^\W_]+)*")
_SPACED = re.compile(r"(?<!\S)(?:[^\W\d_] ){2,}[^\W\d_](?!\S)(?: {2,}(?:[^\W\d_] )+[^\W\d_](?!\S))*")
_DOTTED = re.compile(r"(?<![\w.\-_*])(?:[^\W\d_][.\-_*]){3,}[^\W\d_](?![\w.\-_*])")
_REPEATED = re.compile(r"([^\W\d_])\1{2,}")
_MARKUP = re.compile(r"\|\||```(?:[a-z]{1,12}\n)?|`|\*{1,3}(?=\S)|(?<=\S)\*{1,3}|~~|(?<!\w)__|__(?!\w)")
_LATIN = re.compile(r"[A-Za-z]")
# Code comes first: bars in it hide nothing.
_CODE_OR_HIDDEN = re.compile(r"(```.*?```|`[^`\n]*`)|\|\|.+?\|\|", re.S)
_HIDDEN = "\0"
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")


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

    Ordinary text of any script comes back nearly as it was; lines are kept, runs of blanks are not.
    """
    text = _visible(unicodedata.normalize("NFKC", text))
    text = _MARKUP.sub("", text)
    text = _SPACED.sub(lambda match: _join(match.group(0), " "), text)
    text = _DOTTED.sub(lambda match: re.sub(r"[.\-_*]", "", match.group(0)), text)
    other_script = any(not char.isascii() and _is_no_latin(char) for char in text)
    text = _WORD.sub(lambda match: _plain_word(match.group(0), other_script), text)
    text = _REPEATED.sub(r"\1\1", text)
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def _visible(text: str) -> str:
    """Without invisible characters, and with no more than two marks on a letter."""
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
        marks = marks + 1 if category == "Mn" else 0
        if marks <= _MOST_MARKS:
            kept.append(char)
    whole = "".join(kept)
    # What is left of zalgo on Latin letters is no accent of any language.
    return re.sub(r"([A-Za-z])[\u0300-\u036f]+", r"\1", whole)


def _join(spaced: str, separator: str) -> str:
    """`f r e e  n i t r o` becomes `free nitro`: two blanks part words, one parts letters."""
    return " ".join(part.replace(separator, "") for part in re.split(r" {2,}", spaced))


def _is_no_latin(char: str) -> bool:
    """Whether a letter of a script with look-alikes looks like no Latin one: then that script is really written."""
    return char.isalpha() and char.translate(_LOOK_ALIKE) == char and "\u0370" <= char <= "\u052f"


def _plain_word(word: str, other_script: bool) -> str:
    if not word.isascii() and (_LATIN.search(word) or (not other_script and _is_disguise(word))):
        word = word.translate(_LOOK_ALIKE)
    letters = sum(char.isalpha() for char in word)
    # Digits stand for letters only between letters, of which there are more: not in 2024, 1v1, mp3, 4th or a1c.
    if letters >= 3 and re.search(r"[A-Za-z][013457@$]+[A-Za-z]", word) and letters > len(word) - letters:
        word = re.sub(r"(?<=[A-Za-z])[013457@$]+(?=[A-Za-z])", lambda m: m.group(0).translate(_LEET), word)
    return word


def _is_disguise(word: str) -> bool:
    """Whether a word of one other script consists of look-alikes only, and is long enough to be no accident."""
    return len(word) >= 4 and word.translate(_LOOK_ALIKE).isascii()
