"""The policy text: structure is optional, read leniently, and bad input gets one clear sentence."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.lint import Severity, lint
from bot.domain.policy import Action, ActionKind, Example, PolicyError
from bot.domain.policy_text import parse_policy, read_example, split_actions

STRUCTURED = """# Harbour policy
Argue about games; leave people in peace.

## Rules
1. No attacks on people for who they are. [delete, timeout 90m]
2. No scams. [delete]
3) No advertising outside #market
4. Someone may hurt themselves: bring a human. [escalate]

## Fine
- Harsh words about games.

## Examples
- "free nitro at gift.example" breaks 2
- “your netcode is trash” is fine
"""

SAFEGUARD = """# Spam Policy (#SP)
**GOAL:** Identify spam.
## Definitions
- spam: unwanted bulk messages
## Allowed Content (SP0)
- updates people asked for
## Likely spam
- **SP2.a** – Bulk messaging: the same text again and again
- **SP2.b**: Unsolicited promotion
## Output format
Answer SP0 or SP2.a only.
"""


def test_numbered_rules_carry_their_actions() -> None:
    policy = parse_policy(STRUCTURED)
    assert policy.title == "Harbour policy"
    assert [rule.key for rule in policy.rules] == ["1", "2", "3", "4"]
    assert policy.rule("1").actions == (
        Action(ActionKind.DELETE),
        Action(ActionKind.TIMEOUT, timedelta(minutes=90)),
    )
    assert policy.rule("3").actions == (Action(ActionKind.FLAG),)
    assert not policy.rule("3").has_own_actions
    assert policy.rule("4").escalates
    assert policy.fine == ("Harsh words about games.",)
    assert policy.examples == (Example("free nitro at gift.example", "2"), Example("your netcode is trash", None))


@pytest.mark.parametrize(
    ("line", "example"),
    [
        ('- "a" breaks rule 2', Example("a", "2")),
        ('"a" → 2.', Example("a", "2")),
        ('«a»: SP2.a', Example("a", "SP2.a")),
        ('"say "a" = 1" breaks 2', Example('say "a" = 1', "2")),
        ('"a" is okay!', Example("a", None)),
        ('"a" -> fine', Example("a", None)),
        ('"a": allowed', Example("a", None)),
        ('"a" breaks 2 at times', None),
        ('"" breaks 2', None),
        ('a breaks 2', None),
    ],
)  # fmt: skip
def test_an_example_is_quoted_and_says_what_it_breaks_or_that_it_is_fine(line: str, example: Example | None) -> None:
    assert read_example(line) == example


@pytest.mark.parametrize(
    ("text", "words", "actions"),
    [
        ("No spam.  [delete]  ", "No spam.", "  [delete]  "),
        ("No [spam]. [delete]", "No [spam].", " [delete]"),
        ("No spam [x [delete]", "No spam [x", " [delete]"),
        ("No spam. [delete]]", "No spam. [delete]]", ""),
        ("[delete]", "", "[delete]"),
        ("No spam. [delete] at all", "No spam. [delete] at all", ""),
    ],
)
def test_the_brackets_at_a_rules_end_are_its_actions(text: str, words: str, actions: str) -> None:
    assert split_actions(text) == (words, actions)


@pytest.mark.parametrize("heading", ["# Our #1 policy ##", "# Our #1 policy", "#   Our #1 policy#"])
def test_a_heading_may_be_closed_as_it_was_opened(heading: str) -> None:
    assert parse_policy(f"{heading}\n1. No spam.").title == "Our #1 policy"


def test_prose_is_one_rule_that_flags() -> None:
    policy = parse_policy("Be kind to each other.\nNo selling of accounts.")
    (rule,) = policy.rules
    assert rule.text == "Be kind to each other. No selling of accounts."
    assert rule.actions == (Action(ActionKind.FLAG),)


def test_a_list_of_what_is_forbidden_makes_a_rule_of_each_line() -> None:
    policy = parse_policy("A message violates this when it contains any of:\n- Hate: attacks\n- Spam\nElse fine.")
    assert [rule.text for rule in policy.rules] == ["Hate: attacks", "Spam"]


def test_a_policy_written_for_gpt_oss_safeguard_is_accepted_as_it_stands() -> None:
    policy = parse_policy(SAFEGUARD)
    assert [rule.key for rule in policy.rules] == ["SP2.a", "SP2.b"]
    assert policy.fine == ("updates people asked for",)


def test_the_source_is_kept_unchanged_and_alone_makes_the_digest() -> None:
    assert parse_policy(STRUCTURED).source == STRUCTURED
    assert parse_policy(STRUCTURED).digest != parse_policy(STRUCTURED + " ").digest


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("  \n\t", "empty"),
        ("x" * 16_001, "16,001 characters"),
        ("1. No spam. [obliterate]", "obliterate"),
        ("1. No spam. [timeout forever]", "no duration"),
        ("1. No spam. [timeout 60d]", "28d"),
        ("1. No spam.\n1. No scams.", "numbered 1"),
        ("\n".join(f"{n}. Rule number {n}." for n in range(1, 22)), "21 rules"),
        ("1. [delete]", "no words"),
        ("1. No spam\x00.", "NUL"),
    ],
)
def test_an_unusable_policy_gets_one_sentence(text: str, says: str) -> None:
    with pytest.raises(PolicyError) as caught:
        parse_policy(text)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.text(max_size=2_000))
def test_any_text_is_either_a_policy_or_a_policy_error(text: str) -> None:
    try:
        policy = parse_policy(text)
    except PolicyError:
        return
    assert policy.rules
    assert policy.source == text


def test_the_linter_says_what_is_unclear_contradictory_or_has_no_action() -> None:
    policy = parse_policy(
        "1. Be nice.\n2. No spam at all please. [delete, escalate]\n3. no spam at all please. [delete]\n"
        '## Examples\n- "hi" breaks 9\n- "yo" is fine\n- "yo" breaks 2\n'
    )
    findings = lint(policy)
    text = " ".join(finding.message for finding in findings)
    for said in ("names no action", "Be nice", "escalates", "say the same", "rule 9", "two ways"):
        assert said in text
    assert {finding.severity for finding in findings} == {Severity.WARNING, Severity.NOTE}


def test_a_clear_policy_has_no_findings() -> None:
    clear = '1. No links to fake giveaways. [delete]\n## Examples\n- "free gift" breaks 1\n'
    assert lint(parse_policy(clear)) == ()


@pytest.mark.parametrize(
    "heading", ["## Rules for a safe server", "## Rules and definitions", "## Rules: what is OK here and what is not"]
)
def test_a_heading_that_says_rules_opens_the_rules(heading: str) -> None:
    policy = parse_policy(f"# Pixel Forge\n\n{heading}\n1. No scams. [delete]\n2. No spoilers. [flag]\n")
    assert [rule.key for rule in policy.rules] == ["1", "2"]
    assert policy.fine == ()


def test_exceptions_to_the_rules_are_fine() -> None:
    policy = parse_policy("## Rules\n1. No scams. [delete]\n\n## Exceptions to the rules\n- Warning of scams.\n")
    assert policy.fine == ("Warning of scams.",)
