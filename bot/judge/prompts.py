"""The wording of what the model is asked.

Rules are sorted, and rationales written, as plain completions: a small model continues a pattern far better than it
follows an instruction. Of a message, and of one rule and a message, it is asked as in a chat, without examples: a
readout of its middle layers then told broken rules better than behind examples (left-out AUROC 0.90 and 0.87 on 640 of
the training pairs). Without a readout messages are sorted as rules are.
Texts that are put behind one another begin and end at blank lines or control tokens, so that their tokens do too.
"""

from __future__ import annotations

from collections.abc import Sequence

ORDINARY = "ordinary"
REPORT = "report"
YES, NO = "Yes", "No"
FINE_SHOWN = 4
# What is added to the library's text for a message, which then follows.
MESSAGE = "Message:"
# What stands behind a message or rule to be sorted; its label is the next token.
SORTED = "\nCategory:"
# What stands behind a message that a readout tells of; in ChatML, which the models of the catalogue were tuned on.
MESSAGE_AFTER = "<|im_end|>"
# What a rule with a message stands between.
PAIR_BEFORE = (
    "<|im_start|>system\nYou moderate a chat server. You are given one of its rules and a message. Say whether the "
    "message breaks the rule. To speak of something, ask, warn or report is not to do it.<|im_end|>\n"
    "<|im_start|>user\n"
)
PAIR_AFTER = "\nDoes the message break the rule? Answer yes or no.<|im_end|>\n<|im_start|>assistant\n"

Lines = Sequence[tuple[str, str]]
"""Labels with their meanings, or texts with their labels."""


def one_line(text: str) -> str:
    """A message on one line, so that it cannot write a line of the prompt itself."""
    return " ".join(text.split())


def library_text(labels: Lines, examples: Lines) -> str:
    """What messages and rules stand behind: (label, meaning) pairs, then (message, label) examples."""
    categories = "\n".join(["Categories:", *(f"- {label}: {one_line(meaning)}" for label, meaning in labels)])
    return f"Chat messages sorted into categories.\n\n{categories}\n\n" + _shown("Message", examples)


def rules_text(examples: Lines) -> str:
    """What is added for a rule to be sorted: (rule, label) examples, and the word after which a rule stands."""
    return "Rules of servers, sorted by what they forbid.\n\n" + _shown("Rule", examples) + "Rule:"


def _shown(what: str, examples: Lines) -> str:
    return "".join(f"{what}: {one_line(text)}\nCategory: {label}\n\n" for text, label in examples)


def message_before(labels: Sequence[str]) -> str:
    """What a message stands behind that a readout tells of: short, for each message is read with all of it in sight."""
    return (
        "<|im_start|>system\nYou moderate chat servers. You are given a message. Say what it does. It is one of: "
        f"{', '.join(labels)}. To speak of something, ask, warn or report is not to do it.<|im_end|>\n"
        "<|im_start|>user\nMessage:"
    )


def asked_text(text: str) -> str:
    """What follows for one message or rule; its label is the next token."""
    return message_asked(text) + SORTED


def rule_asked(rule: str) -> str:
    """A rule that a message is to be read with; the message follows."""
    return f"Rule: {one_line(rule)}\nMessage:"


def message_asked(text: str) -> str:
    """A message behind the word that announces it."""
    return f" {one_line(text)}"


def said_before(lines: Sequence[str]) -> str:
    """What stands between the word that announces a message and the message, where others' words come before it."""
    shown = "".join(f"- {one_line(line)}\n" for line in lines)
    return f"\nSaid before it:\n{shown}The message itself:"


def rule_words(rule: str, fine: Sequence[str]) -> str:
    """A rule with what its policy says is fine."""
    return " ".join([rule, *(["Fine:", *fine[:FINE_SHOWN]] if fine else [])])


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


def reason_rule(rule: str) -> str:
    """What follows that prefix for all rationales of one rule; a message follows."""
    return f" {one_line(rule)}\n"


def reason_asked(message: str, before: Sequence[str] = ()) -> str:
    """What follows the rule for one rationale, of an answer to what was said before it where that is given.

    The model writes the rest of the line.
    """
    shown = "".join(f"Said before: {one_line(line)}\n" for line in before)
    lead = "As an answer to that, the message" if before else "The message"
    return f"{shown}Message: {one_line(message)}\nReason: {lead}"
