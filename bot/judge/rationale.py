"""Rationales and quotes: pure. The model writes a clause; what is made of it must agree with the verdict."""

from __future__ import annotations

import re

LONGEST_QUOTE = 300
MOST_CLAUSES = 12
_WHOLE_QUOTE = 120
_LONGEST_REASON = 400

# A run of blanks is looked at from its beginning only: a message may be nothing else.
_CLAUSE_END = re.compile(r"(?<=[.!?;\n])\s+|(?<!\s)\s*\n\s*")
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


def tidy_reason(rule_key: str, rule_text: str, written: str, quote: str, lead: str = "") -> str:
    """One or two sentences that name the rule; `written` is what the model put after "the message".

    `lead` stands before these words. Where the model wrote nothing of use, or denied what the verdict says, the
    sentence is made from the rule and the quote alone.
    """
    reason = _usable(written.split("\n", 1)[0])
    return f"Breaks rule {rule_key}: {lead}the message {reason}" if reason else _by_rule(rule_key, rule_text, quote)


def stated_reason(rule_key: str, rule_text: str, stated: str, quote: str) -> str:
    """The same of whole sentences that a judge stated with its verdict."""
    reason = _usable(stated)
    return f"Breaks rule {rule_key}: {reason}" if reason else _by_rule(rule_key, rule_text, quote)


def _usable(written: str) -> str:
    """What was written, on one line and ended; empty where it says nothing or denies the verdict.

    A model may write what no database takes, as escapes in JSON: half a character, or NUL.
    """
    kept = written.encode("utf-8", "replace").decode().replace("\0", "")
    reason = " ".join(kept.split())[:_LONGEST_REASON].strip()
    if not reason.endswith((".", "!", "?", '"', "”", ")")):
        reason = reason.rstrip(",;: ") + "."
    return "" if len(reason) < 12 or _DENIES.search(reason) else reason


def _by_rule(rule_key: str, rule_text: str, quote: str) -> str:
    shown = f": “{quote}”" if quote else ""
    return f"Rule {rule_key} says “{rule_text.rstrip('.')}”, and this goes against it{shown}."


def verbatim(text: str, claimed: str, reason: str) -> str:
    """A verbatim span of `text`: what is claimed to be one where it is, else the clause most like it and the reason."""
    claimed = claimed.strip()
    if claimed and claimed in text and len(claimed) <= LONGEST_QUOTE:
        return claimed
    wanted = _words(f"{claimed} {reason}")
    return max(clauses(text), key=lambda clause: len(_words(clause) & wanted), default="")


def _words(text: str) -> set[str]:
    return set(re.findall(r"[^\W_]{3,}", text.casefold()))
