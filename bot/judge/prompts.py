"""The wording of what the model is asked: plain completions, no chat template.

A small model continues a pattern far better than it follows an instruction (measured in benchmarks/).
"""

from __future__ import annotations

from collections.abc import Sequence

ORDINARY = "ordinary"
REPORT = "report"


def one_line(text: str) -> str:
    """A message on one line, so that it cannot write a line of the prompt itself."""
    return " ".join(text.split())


def card_text(labels: Sequence[tuple[str, str]], examples: Sequence[tuple[str, str]]) -> str:
    """The resident prefix: (label, meaning) pairs, then (message, label) examples."""
    lines = ["Chat messages sorted into categories.", "", "Categories:"]
    lines += [f"- {label}: {meaning}" for label, meaning in labels]
    lines.append("")
    for message, label in examples:
        lines += [f"Message: {one_line(message)}", f"Category: {label}", ""]
    return "\n".join(lines) + "\nMessage:"


def message_text(text: str, context: Sequence[tuple[str, str]] = ()) -> str:
    """What follows the prefix for one message; the label is the next token."""
    return f" {one_line(text)}\nCategory:"


_REASONS = (
    (
        "No insults or bullying.",
        "lol you are the dumbest person here, just uninstall already",
        'The message calls another member "the dumbest person here" and tells them to leave, which is an insult.',
    ),
    (
        "Do not sell or trade accounts.",
        "selling my lvl 80 acc with all skins, 40 bucks, dm me",
        'The message offers a game account for money ("selling my lvl 80 acc"), which is account trading.',
    ),
)


def reason_prefix() -> str:
    """The resident prefix for rationales; the same for every policy."""
    lines = ["For each message a moderator states in one sentence how it breaks the rule.", ""]
    for rule, message, reason in _REASONS:
        lines += [f"Rule: {rule}", f"Message: {message}", f"Reason: {reason}", ""]
    return "\n".join(lines) + "\nRule:"


def reason_text(rule: str, message: str) -> str:
    """What follows the prefix for one rationale; the model writes the rest of the line."""
    return f" {one_line(rule)}\nMessage: {one_line(message)}\nReason: The message"
