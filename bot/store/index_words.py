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
        tokens = sorted(seal.token(guild_id, word) for word in apart(words))
        return " ".join(f"'{token}'" for token in tokens) if dialect == "postgresql" else _marked(guild_id, tokens)
    if dialect == "postgresql":
        return " ".join(f"'{word}':{place}" for place, word in enumerate(words, 1) if word != BETWEEN)
    return _marked(guild_id, words)


def asked(dialect: str, seal: Seal, guild_id: int, sought: Sought) -> str:
    """A query in the database's language; `sought` has a phrase."""
    phrases: list[Sequence[str]] = list(sought.phrases)
    if seal.hides_words:
        phrases = [[token] for token in sorted(seal.token(guild_id, word) for word in apart_of(sought))]
    if dialect == "postgresql":
        return " & ".join(f"({' <-> '.join(_quoted(phrase))})" for phrase in phrases)
    return " AND ".join(f'"{" ".join(phrase)}"' for phrase in [[_mark(guild_id)], *phrases])


def _quoted(phrase: Sequence[str]) -> list[str]:
    return [f"'{word}'" for word in phrase]


def _marked(guild_id: int, words: Sequence[str]) -> str:
    """One index of FTS5 is that of all servers: each row has its server's mark for a word."""
    return " ".join([_mark(guild_id), *words])


def _mark(guild_id: int) -> str:
    return f"{BETWEEN}{guild_id}"
