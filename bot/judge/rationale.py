"""Rationales and quotes: pure. The model writes a clause; what is made of it must agree with the verdict."""

from __future__ import annotations

import re

LONGEST_QUOTE = 300
MOST_CLAUSES = 12
_WHOLE_QUOTE = 120
_LONGEST_REASON = 400

_CLAUSE_END = re.compile(r"(?<=[.!?;\n])\s+|\s*\n\s*")
_DENIES = re.compile(
    r"\b(?:does|do|is|are|did|was) ?n[o'’]t (?:\w+ )?(?:break|violate|contain|against|a violation)"
    r"|\bno (?:violation|rule (?:is|was) broken)|\b(?:is|are) (?:fine|allowed|acceptable|harmless|appropriate)\b"
    r"|does not (?:break|violate|contain|include|mention|involve)",
    re.IGNORECASE,
)


def clauses(text: str) -> list[str]:
    """Verbatim spans of a message that could be quoted: the whole of a short one, else its sentences.

    Each is a substring of `text`, none longer than LONGEST_QUOTE characters; at least one, which is empty
    only where the message is blank.
    """
    whole = text.strip()
    if len(whole) <= _WHOLE_QUOTE:
        return [whole]
    spans = [span.strip() for span in _CLAUSE_END.split(whole) if span and span.strip()]
    pieces = [piece for span in spans for piece in _pieces(span)]
    if len(pieces) > MOST_CLAUSES:
        pieces = pieces[: MOST_CLAUSES // 2] + pieces[-(MOST_CLAUSES - MOST_CLAUSES // 2) :]
    return pieces


def _pieces(span: str) -> list[str]:
    """Cut a span at spaces so that no piece is longer than a quote may be."""
    pieces: list[str] = []
    while len(span) > LONGEST_QUOTE:
        cut = span.rfind(" ", 1, LONGEST_QUOTE)
        cut = cut if cut > 0 else LONGEST_QUOTE
        pieces.append(span[:cut].strip())
        span = span[cut:].strip()
    return [piece for piece in [*pieces, span] if piece]


def finished(written: str) -> bool:
    """Whether a rationale being written has come to the end of its sentence or line."""
    return "\n" in written or re.search(r"[.!?][\"”')]?(?:\s|$)", written) is not None


def tidy_reason(rule_key: str, rule_text: str, written: str, quote: str) -> str:
    """One or two sentences that name the rule; `written` is what the model put after "The message".

    Where the model wrote nothing of use, or denied what the verdict says, the sentence is made from the rule
    and the quote alone.
    """
    reason = " ".join(written.split("\n", 1)[0].split())[:_LONGEST_REASON].strip()
    if not reason.endswith((".", "!", "?", '"', "”", ")")):
        reason = reason.rstrip(",;: ") + "."
    if len(reason) < 12 or _DENIES.search(reason):
        shown = f": “{quote}”" if quote else ""
        return f"Rule {rule_key} says “{rule_text.rstrip('.')}”, and this goes against it{shown}."
    return f"Breaks rule {rule_key}: the message {reason}"
