"""A policy that extends another comes to that one with its rules, fine things and examples; or says why it cannot."""

from __future__ import annotations

import pytest

from bot.domain.policy import MAX_POLICY_CHARACTERS, MAX_RULES, Example, PolicyError
from bot.domain.policy_compose import Effect, compose, effect, next_number
from bot.domain.policy_text import parse_policy
from bot.packs import load_packs

SERVER = parse_policy("""# The house
Be kind.

## Rules
1. No spam. [delete]
2. No advertising. [flag]

## Fine
- Criticism of games.

## Examples
- "buy my cats" breaks 2
- "buy gold here" breaks 1
- "your code is bad" is fine
""")
PROMO = parse_policy("""## Rules
2. No advertising of more than one thing a day. [warn]
7. No links without a word about them. [delete]

## Fine
- Advertising your own game.

## Examples
- "https://game.example" breaks 7
- "buy gold here" is fine
""")


def test_a_single_policy_is_itself_to_the_last_byte() -> None:
    assert compose([SERVER]) is SERVER


def test_rules_are_added_and_one_with_the_same_number_takes_the_others_place() -> None:
    both = compose([SERVER, PROMO])
    assert [(rule.key, rule.text) for rule in both.rules] == [
        ("1", "No spam."),
        ("2", "No advertising of more than one thing a day."),
        ("7", "No links without a word about them."),
    ]
    assert [str(action) for action in both.rule("2").actions] == ["warn"]
    assert effect(SERVER, PROMO) == Effect(added=("7",), replaced=("2",))


def test_what_is_fine_and_the_examples_are_added_and_those_of_a_rule_that_is_gone_go_with_it() -> None:
    both = compose([SERVER, PROMO])
    assert both.fine == ("Criticism of games.", "Advertising your own game.")
    assert both.examples == (
        Example("your code is bad", None),
        Example("https://game.example", "7"),
        Example("buy gold here", None),
    )


def test_it_is_a_policy_by_its_text_which_alone_makes_its_digest() -> None:
    both = compose([SERVER, PROMO])
    assert parse_policy(both.source) == both
    assert both.digest not in {SERVER.digest, PROMO.digest}
    assert compose([SERVER, PROMO]).digest == both.digest
    assert both.title == "The house"
    assert "Be kind." in both.preamble


@pytest.mark.parametrize("source", ["Only pictures here.", "## Rules\n- Only pictures here.\n"])
def test_rules_without_a_number_of_their_own_take_nobodys_place(source: str) -> None:
    both = compose([SERVER, parse_policy(source)])
    assert [rule.key for rule in both.rules] == ["1", "2", "3"]
    assert both.rule("3").text == "Only pictures here."


def test_a_policy_of_plain_prose_can_be_extended() -> None:
    both = compose([parse_policy("Be nice to each other."), parse_policy("2. No ads. [delete]")])
    assert [(rule.key, rule.text) for rule in both.rules] == [("1", "Be nice to each other."), ("2", "No ads.")]


def test_a_channels_goes_on_from_what_its_category_has_in_force() -> None:
    three = compose([SERVER, PROMO, parse_policy("7. No links at all. [delete]\n8. No cats. [flag]")])
    assert [rule.key for rule in three.rules] == ["1", "2", "7", "8"]
    assert three.rule("7").text == "No links at all."
    assert Example("https://game.example", "7") not in three.examples


def test_labels_of_their_own_are_kept() -> None:
    both = compose([parse_policy("SP1.a: No spam. [flag]\nSP2: No scams."), parse_policy("SP2: No tricks. [delete]")])
    assert [(rule.key, rule.text) for rule in both.rules] == [("SP1.a", "No spam."), ("SP2", "No tricks.")]


@pytest.mark.parametrize("pack", load_packs(), ids=lambda pack: pack.name)
def test_every_pack_can_be_extended_and_can_extend(pack: object) -> None:
    policy = pack.policy  # type: ignore[attr-defined]
    assert compose([SERVER, policy]).rule(policy.rules[0].key).text == policy.rules[0].text
    assert compose([policy, parse_policy("90. No cats. [flag]")]).rules[:-1] == policy.rules


def test_too_many_rules_are_refused_with_the_limit_named() -> None:
    full = parse_policy("\n".join(f"{number}. No {number}." for number in range(1, MAX_RULES + 1)))
    with pytest.raises(PolicyError, match=f"it would have {MAX_RULES + 1} rules, and {MAX_RULES} is the most"):
        compose([full, parse_policy("77. No ads.")])
    assert len(compose([full, parse_policy("3. No ads.")]).rules) == MAX_RULES


def test_too_many_characters_are_refused_with_the_limit_named_unless_only_the_preamble_is_too_long() -> None:
    most = f"{MAX_POLICY_CHARACTERS:,} characters"
    with pytest.raises(PolicyError, match=most):
        compose([parse_policy(f"1. {'a' * 9_000}"), parse_policy(f"2. {'b' * 9_000}")])
    both = compose([parse_policy(f"{'a' * 9_000}\n1. No spam."), parse_policy(f"{'b' * 9_000}\n2. No ads.")])
    assert ([rule.key for rule in both.rules], both.preamble) == (["1", "2"], "")


def test_the_next_number_is_above_all_that_there_are() -> None:
    assert next_number(SERVER) == 3
    assert next_number(compose([SERVER, PROMO])) == 8
    assert next_number(parse_policy("SP1: No spam.")) == 1


def test_nothing_to_compose_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="nothing to compose"):
        compose([])
