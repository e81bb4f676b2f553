"""The parts of a case that are drawn: the quote in its message, and a bar for each rule. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.discord_io.text import plain
from bot.domain.decision import ThresholdTable
from bot.domain.records import CaseRecord

_LONGEST_EXCERPT = 160
_LIKELIEST, _WORTH_FOLDING = 3, 3


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text, and whether it is the quote."""

    text: str
    is_quote: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """How likely a rule seemed to be broken, and from where on the server asks a human and acts, all in percent."""

    key: str
    text: str
    share: float
    review_at: float
    act_at: float
    is_decided: bool

    @property
    def reach(self) -> str:
        """What the rule reaches: `act`, `review` or `none`."""
        if self.share >= self.act_at:
            return "act"
        return "review" if self.share >= self.review_at else "none"


def pieces(text: str, quote: str) -> tuple[Piece, ...]:
    """A text without what cannot be seen, cut where the quote begins and ends; whole where it is not in it.

    The quote is a span of the message as it was posted; blanks may be others where the text was read otherwise.
    """
    text, quote = plain(text), plain(quote).strip()
    if not quote:
        return (Piece(text),) if text else ()
    begin = text.find(quote)
    end = begin + len(quote)
    if begin < 0:
        found = re.search(r"\s+".join(map(re.escape, quote.split())), text, re.IGNORECASE)
        if found is None:
            return (Piece(text),) if text else ()
        begin, end = found.span()
    cut = (Piece(text[:begin]), Piece(text[begin:end], is_quote=True), Piece(text[end:]))
    return tuple(piece for piece in cut if piece.text)


def read_as(text: str, normalised: str) -> str:
    """What the judge read where that is more than blanks away from what is seen; else empty."""
    read = plain(normalised)
    return read if read.split() != plain(text).split() else ""


def bars(case: CaseRecord, rule_texts: Mapping[str, str], thresholds: ThresholdTable) -> tuple[Bar, ...]:
    """A bar for each rule that was judged by, the likeliest first; thresholds are the server's as they are now."""
    if case.verdict is None:
        return ()
    ranked = sorted(case.verdict.probabilities.items(), key=lambda item: item[1], reverse=True)
    return tuple(
        Bar(
            key,
            plain(rule_texts.get(key, "")),
            100 * probability,
            100 * thresholds.of(key).review_at,
            100 * thresholds.of(key).act_at,
            key == case.decision.rule,
        )
        for key, probability in ranked
    )


def parted(ranked: Sequence[Bar]) -> tuple[tuple[Bar, ...], tuple[Bar, ...]]:
    """The bars that a human looks at, and the rest: those that reach something or decided, and the likeliest few."""
    beside = [one for one in ranked[_LIKELIEST:] if one.reach == "none" and not one.is_decided]
    if len(beside) < _WORTH_FOLDING:
        return tuple(ranked), ()
    return tuple(one for one in ranked if one not in beside), tuple(beside)


def excerpt(text: str) -> str:
    """The beginning of a text on one line."""
    line = " ".join(plain(text).split())
    return line if len(line) <= _LONGEST_EXCERPT else line[: _LONGEST_EXCERPT - 1] + "…"
