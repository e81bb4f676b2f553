"""How words stand in the index of cases, and how they are asked for: as they are, or as tokens where words are sealed.

Neither a word nor a token holds a character that a query's language knows, so that both are put together as texts.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.case_words import BETWEEN, FOLDING, Sought, apart, apart_of
from bot.store.seal import SEALED, Seal


def made_by(seal: Seal) -> str:
    """What the index is made by: another value where what is there has to be made anew."""
    first = seal.prefixes[0].removeprefix(SEALED).rstrip(":") if seal.prefixes else ""
    return f"{FOLDING}:{first}"


def kept(dialect: str, seal: Seal, guild_id: int, words: Sequence[str]) -> str:
    """The words of a case as its row keeps them. Tokens stand there without their order, each once."""
    if seal.hides_words:
        words = sorted(seal.token(guild_id, word) for word in apart(words))
    if dialect != "postgresql":
        return " ".join([_mark(guild_id), *words])
    places = [""] * len(words) if seal.hides_words else [f":{place}" for place in range(1, len(words) + 1)]
    found = [f"'{word}'{place}" for word, place in zip(words, places, strict=True) if word != BETWEEN]
    return " ".join([f"'{_mark(guild_id)}'", *found])


def asked(dialect: str, seal: Seal, guild_id: int, sought: Sought) -> str:
    """A query in the database's language; `sought` has a phrase."""
    phrases: list[Sequence[str]] = list(sought.phrases)
    if seal.hides_words:
        phrases = [[token] for token in sorted(seal.token(guild_id, word) for word in apart_of(sought))]
    phrases = [[_mark(guild_id)], *phrases]
    if dialect == "postgresql":
        return " & ".join(f"({' <-> '.join(_quoted(phrase))})" for phrase in phrases)
    return " AND ".join(f'"{" ".join(phrase)}"' for phrase in phrases)


def _quoted(phrase: Sequence[str]) -> list[str]:
    return [f"'{word}'" for word in phrase]


def _mark(guild_id: int) -> str:
    """A word of each case of a server: one index of words is that of all servers."""
    return f"{BETWEEN}{guild_id}"
