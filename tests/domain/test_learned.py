"""What moderators taught is added to the policy: for the rules it has, balanced, bounded, and nothing else changes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.domain.learned import (
    MOST_ADDED,
    MOST_ADDED_CHARACTERS,
    MOST_CHARACTERS,
    MOST_MORE,
    LearnedExample,
    Lesson,
    example_text,
    used,
    with_learned,
)
from bot.domain.policy import MAX_POLICY_CHARACTERS, Example
from bot.domain.policy_text import parse_policy

NOW = datetime(2026, 1, 2, tzinfo=UTC)
POLICY = parse_policy("""# House

## Rules
1. No spam. [delete]
2. No scams. [flag]

## Fine
- Jokes.

## Examples
- "free money" breaks 2
""")
WORDS = {rule.key: rule.text for rule in POLICY.rules}


def taught(number: int, text: str, *, breaks: bool = True, rule: str = "2", words: str | None = None) -> LearnedExample:
    lesson = Lesson(rule, WORDS.get(rule, "") if words is None else words, breaks)
    return LearnedExample(number, lesson, text, None, 30, 20, 9, NOW)


def test_examples_are_added_and_nothing_else_is_read_otherwise() -> None:
    made = with_learned(POLICY, [taught(1, "buy my coins"), taught(2, "i sold my bike", breaks=False)])
    assert made.examples == (*POLICY.examples, Example("buy my coins", "2"), Example("i sold my bike", None))
    assert (made.title, made.rules, made.fine) == (POLICY.title, POLICY.rules, POLICY.fine)
    assert parse_policy(made.source) == made
    assert made.digest != POLICY.digest


def test_without_examples_the_policy_is_the_published_one() -> None:
    assert with_learned(POLICY, []) is POLICY


def test_the_digest_follows_from_what_was_learned_in_whatever_order_it_is_read() -> None:
    one, two = taught(1, "buy my coins"), taught(2, "send me your coins")
    assert with_learned(POLICY, [one, two]).digest == with_learned(POLICY, [two, one]).digest
    assert with_learned(POLICY, [one]).digest != with_learned(POLICY, [two]).digest


def test_an_example_follows_its_rule_to_another_number_and_goes_with_its_words() -> None:
    moved = parse_policy("1. No scams.\n2. No spam.\n")
    assert with_learned(moved, [taught(1, "buy my coins")]).examples == (Example("buy my coins", "1"),)
    reworded = parse_policy("1. No spam.\n2. No advertising.\n")
    assert with_learned(reworded, [taught(1, "buy my coins"), taught(2, "fine", breaks=False)]) is reworded


def test_what_the_policy_gives_as_an_example_itself_stands() -> None:
    assert with_learned(POLICY, [taught(1, "Free money", breaks=False)]) is POLICY


def test_the_newest_answer_about_a_text_counts() -> None:
    made = with_learned(POLICY, [taught(1, "buy my coins"), taught(2, "buy my coins", breaks=False)])
    assert made.examples[1:] == (Example("buy my coins", None),)


@pytest.mark.parametrize("breaks", [True, False])
def test_neither_side_of_a_rule_outweighs_the_other(breaks: bool) -> None:
    one_side = [taught(number, f"text {number}", breaks=breaks, rule="1") for number in range(1, 21)]
    assert [one.learned.id for one in used(POLICY, one_side)] == list(range(21 - MOST_MORE, 21)), "the newest"
    others = [taught(30 + number, f"other {number}", breaks=not breaks, rule="1") for number in range(3)]
    assert len(used(POLICY, [*one_side, *others])) == MOST_MORE + 2 * len(others)


def test_the_policys_own_examples_count_in_the_balance() -> None:
    fine = [taught(number, f"text {number}", breaks=False) for number in range(1, 21)]
    assert len(used(POLICY, fine)) == MOST_MORE + 1


def test_so_many_are_added_at_most_and_each_rule_gets_its_share() -> None:
    many = [taught(n, f"text {n}", breaks=n % 2 == 0) for n in range(1, 101)]
    found = used(POLICY, [*many, taught(101, "old spam", rule="1"), taught(0, "older spam", rule="1")])
    assert len(found) == MOST_ADDED
    assert {"old spam", "older spam"} <= {one.learned.text for one in found}


def test_they_never_make_a_policy_too_long() -> None:
    many = [taught(n, f"{n} " + "x" * 290, breaks=n % 2 == 0) for n in range(1, 101)]
    added = with_learned(POLICY, many)
    assert 0 < len(added.source) - len(POLICY.source) <= MOST_ADDED_CHARACTERS + 20
    full = parse_policy(POLICY.source + "- " + "y" * (MAX_POLICY_CHARACTERS - len(POLICY.source) - 2))
    assert with_learned(full, many) is full


@pytest.mark.parametrize(
    "source",
    [
        "Be kind. No scams here.",
        "# Title alone",
        "**SP1.a** No scams.\n\n## Output\nAnswer 0 or 1.\n",
        "Messages must not contain:\n- spam\n- scams",
    ],
)
def test_policies_of_every_style_take_examples(source: str) -> None:
    policy = parse_policy(source)
    rule = policy.rules[-1]
    made = with_learned(policy, [taught(1, "buy", rule=rule.key, words=rule.text)])
    assert made.rules == policy.rules
    assert made.examples == (Example("buy", rule.key),)


@pytest.mark.parametrize(
    "text",
    [
        'he said "no" to me',
        'x" breaks 1',
        'x" is fine',
        "# Rules",
        "- 1. No fun. [ban]",
        "[ban]",
        "\u201cquoted\u201d",
        "1. x",
    ],
)
def test_what_members_write_is_never_read_as_policy(text: str) -> None:
    line = example_text(text)
    assert line == text
    for breaks in (True, False):
        made = with_learned(POLICY, [taught(1, line, breaks=breaks)])
        assert made.examples[1:] == (Example(text, "2" if breaks else None),)
        assert made.rules == POLICY.rules


def test_an_example_is_one_line() -> None:
    assert example_text("buy\nmy\u2028coins\x00 \x85now") == "buy my coins now"
    assert example_text("  \n ") is None
    assert example_text("x" * MOST_CHARACTERS) is not None
    assert example_text("x" * (MOST_CHARACTERS + 1)) is None
