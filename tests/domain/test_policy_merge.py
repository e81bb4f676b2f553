"""A template merged into a policy: its rules follow on, what was there stays byte for byte, and limits are kept to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.policy import Example, PolicyError
from bot.domain.policy_edit import PROSE
from bot.domain.policy_merge import has_all, merge
from bot.domain.policy_text import parse_policy
from bot.packs import load_packs

TEMPLATE = parse_policy(
    """# Ads
Nobody came here for ads.

## Rules
1. No ads. [delete]
2. No spam.

## Fine
- Telling what one made.

## Examples
- "buy now" breaks 1
- "spam spam" breaks 2
- "i made this" is fine
"""
)
HOUSE = """# House\r
1. No hate. [ban]\r
2. no   SPAM. [flag]\r
\r
## Fine\r
- Criticism.\r
\r
## Examples\r
- "hello" is fine"""
PACKS = st.sampled_from(load_packs())


def removed(longer: str, shorter: str) -> bool:
    """Whether `shorter` is what is left of the longer text's lines when some are taken out."""
    left = iter(longer.splitlines())
    return all(line in left for line in shorter.splitlines())


def test_rules_follow_on_with_what_is_fine_and_examples_under_their_headings() -> None:
    merged = merge(HOUSE, TEMPLATE)
    assert merged.source == (
        HOUSE.replace("[flag]\r\n", "[flag]\r\n3. No ads. [delete]\r\n").replace(
            "- Criticism.\r\n", "- Criticism.\r\n- Telling what one made.\r\n"
        )
        + '\r\n- "buy now" breaks 3\r\n- "spam spam" breaks 2\r\n- "i made this" is fine'
    )
    assert merged.added == ("3",)
    assert merged.there_already == ("2",)


def test_headings_are_made_where_there_are_none() -> None:
    merged = parse_policy(merge("1. No hate.", TEMPLATE).source)
    assert [rule.key for rule in merged.rules] == ["1", "2", "3"]
    assert merged.fine == ("Telling what one made.",)
    assert merged.examples == (Example("buy now", "2"), Example("spam spam", "3"), Example("i made this", None))


@pytest.mark.parametrize("source", ["", " \n"])
def test_an_empty_policy_becomes_the_template(source: str) -> None:
    assert merge(source, TEMPLATE).source == TEMPLATE.source


def test_merged_twice_it_says_that_all_is_there() -> None:
    with pytest.raises(PolicyError, match="All rules of this template are in the policy already"):
        merge(merge(HOUSE, TEMPLATE).source, TEMPLATE)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("Be kind.", PROSE),
        (
            "".join(f"{n}. No {n}\n" for n in range(1, 20)),
            "would have 21 rules, and 20 is the most: take some out first",
        ),
        ("1. No hate.\n" + "x" * 15_900, "shorten it to 16,000 or fewer"),
        ("SP1: hate\nSP2: lies", "labels of their own"),
    ],
)
def test_what_cannot_be_merged_gets_one_sentence(source: str, sentence: str) -> None:
    with pytest.raises(PolicyError) as refused:
        merge(source, TEMPLATE)
    assert sentence in str(refused.value)


@given(PACKS, PACKS)
def test_any_two_packs_merge_and_neither_loses_anything(first: object, second: object) -> None:
    one, other = first.policy, second.policy  # type: ignore[attr-defined]
    if one is other:
        return
    merged = merge(one.source, other)
    after = parse_policy(merged.source)
    assert removed(merged.source, one.source)
    assert after.rules[: len(one.rules)] == one.rules
    assert [rule.text for rule in after.rules[len(one.rules) :]] == [rule.text for rule in other.rules]
    assert [rule.actions for rule in after.rules[len(one.rules) :]] == [rule.actions for rule in other.rules]
    assert set(after.fine) == {*one.fine, *other.fine}
    assert {example.text for example in after.examples} == {
        example.text for example in (*one.examples, *other.examples)
    }
    assert {example.rule for example in after.examples} <= {None, *(rule.key for rule in after.rules)}


def test_many_packs_merge_one_after_another() -> None:
    source, packs = "", load_packs()[:10]
    for pack in packs:
        source = merge(source, pack.policy).source
    texts = [rule.text for pack in packs for rule in pack.policy.rules]
    assert [rule.text for rule in parse_policy(source).rules] == texts


@given(PACKS, PACKS)
def test_a_text_has_all_of_a_pack_once_it_is_merged_and_not_before(first: object, second: object) -> None:
    one, other = first.policy, second.policy  # type: ignore[attr-defined]
    assert not has_all("", one)
    assert has_all(one.source.upper(), one)
    if one is not other:
        assert not has_all(one.source, other)
        assert has_all(merge(one.source, other).source, other)
