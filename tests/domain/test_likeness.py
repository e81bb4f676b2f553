"""Likeness: what nearly the same messages have in common, and when one may be told what others were."""

from __future__ import annotations

import random
import string
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.decision import Outcome, Thresholds, ThresholdTable
from bot.domain.likeness import Marks, Precedent, agreed, covers, lacking, likeness, told_alike
from bot.domain.normalise import normalise
from bot.domain.policy import Policy
from bot.domain.policy_text import parse_policy
from bot.domain.randomness import is_random
from bot.domain.verdict import Method, Verdict

RAID = "free nitro for everyone at dlscord-gift.example"
SPAM = parse_policy("# House\n\n## Rules\n1. No scams. [delete]\n2. No threats. [ban]\n")
AGES = parse_policy("# House\n\n## Rules\n1. Nobody under 13. [ban]\n2. No scams. [delete]\n")
TABLE = ThresholdTable()


def words(text: str) -> str | None:
    found = likeness(text, normalise(text))
    return found.words if found else None


def marks(text: str) -> Marks:
    found = likeness(text, normalise(text))
    assert found is not None
    return found.marks


def told(text: str, before: Sequence[str] = (), **likely: float) -> Precedent:
    """A precedent: what was said, before it, and how likely each rule was, as `rule_1=0.9`."""
    probabilities = {key.removeprefix("rule_"): value for key, value in likely.items()}
    rule = max(probabilities, key=probabilities.__getitem__)
    return Precedent(Verdict(rule, probabilities, SPAM.digest, "m", "d"), marks(text), frozenset(before))


def scams(*texts: str) -> list[Precedent]:
    return [told(text, rule_1=0.95, rule_2=0.01) for text in texts]


def fine(*texts: str) -> list[Precedent]:
    return [told(text, rule_1=0.02, rule_2=0.01) for text in texts]


def shared(precedents: Sequence[Precedent], text: str, policy: Policy = SPAM) -> bool:
    """Whether a message is told what precedents were, under a policy."""
    under = [replace(one, verdict=replace(one.verdict, policy_digest=policy.digest)) for one in precedents]
    decision = agreed(under, policy, TABLE)
    return decision is not None and covers(under, marks(text), decision, policy)


# -- the words ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "variant",
    [
        f"{RAID} 17",
        f"17 {RAID}",
        f"{RAID} #4821!",
        f"{RAID} 🎉🎉",
        f"{RAID} <:kek:123456789012345678>",
        f"{RAID} xkqvzwpt",
        f"{RAID} a8f3c2d1",
        f"  {RAID}!!!  ",
        "Free Nitro, for everyone: at dlscord-gift.example",
        "free ni\u200btro for every\u200bone at dlscord-gift.example",
        "frее nіtrо for everyone at dlscord-gift.example",
        "**free nitro** for everyone\nat dlscord-gift.example",
    ],
)
def test_what_a_raid_varies_makes_no_difference(variant: str) -> None:
    assert words(variant) == words(RAID)


def test_who_is_called_makes_no_difference_but_whether_anybody_is() -> None:
    one, other = f"<@123456789012345678> {RAID}", f"{RAID} <@223456789012345678>"
    assert words(one) == words(other) != words(RAID)


@pytest.mark.parametrize(
    "other",
    [
        "free nitro for nobody at dlscord-gift.example",
        "no free nitro for everyone at dlscord-gift.example",
        "free nitro for everyone at another-gift.example",
        RAID.upper(),  # a rule may be about capitals
        f"{RAID} {'🎉' * 300}",  # or about walls of emoji
        f"{RAID} {'<@123456789012345678> ' * 20}",  # or about calling many
        f"{RAID} {'!' * 300}",
    ],
)
def test_what_rules_may_be_about_does(other: str) -> None:
    assert words(other) != words(RAID)


@pytest.mark.parametrize("text", ["", "I am 12", "yes", "gg ez 17", "🎉" * 40, "1 2 3 4 5 6 7 8 9 10 11", "<@1> " * 9])
def test_few_words_are_like_no_others(text: str) -> None:
    assert words(text) is None


def test_what_has_more_beside_its_words_than_is_remembered_is_like_no_other() -> None:
    assert words(f"{RAID} {' '.join(f'a{n}' for n in range(20))}") is not None
    assert words(f"{RAID} {' '.join(f'a{n}' for n in range(21))}") is None


def test_what_hides_words_is_like_no_other() -> None:
    assert words("in the end it is ||the gardener who did it|| of course") is None


def test_letters_that_are_signs_of_their_own_tell_words_apart() -> None:
    assert words("किताब किताब किताब किताब") != words("कतब कतब कतब कतब")
    assert words("大家好我是新来的朋友 12") == words("大家好我是新来的朋友 14")


@given(st.text(max_size=200))
def test_any_text_has_a_likeness_or_none_and_the_same_each_time(text: str) -> None:
    normalised = normalise(text)
    assert likeness(text, normalised) == likeness(text, normalised)


NUMBERS = st.integers(0, 9_999).map(str)
AROUND = st.lists(st.one_of(NUMBERS, st.sampled_from(["🎉", "!!", "#", ":kek:", "xkqvzwpt", "a8f3c2d1"])), max_size=4)


@given(AROUND, AROUND)
def test_whatever_stands_around_the_words_they_are_the_same(before: list[str], after: list[str]) -> None:
    text = " ".join([*before, RAID, *after])
    found, plain = likeness(text, text), likeness(RAID, RAID)
    assert found is not None
    assert plain is not None
    assert found.words.split()[1:] == plain.words.split()[1:]


@given(st.lists(st.sampled_from(["we", "all", "hate", "love", "these", "good", "people", "so", "much"]), min_size=6))
def test_other_words_or_another_order_are_another_likeness(said: list[str]) -> None:
    text = " ".join(said)
    assert likeness(text, text) is not None
    changed = " ".join([*said[1:], said[0]])
    assert (words(text) == words(changed)) == (text == changed)
    assert words(text) != words(f"{text} not")


def test_most_letters_typed_at_random_are_told_and_most_words_are_not_taken_for_them() -> None:
    drawn = random.Random(5)
    typed = ["".join(drawn.choices(string.ascii_lowercase, k=8)) for _ in range(1_000)]
    assert sum(map(is_random, typed)) > 930
    said = (
        "everyone please welcome another friend Straße nächste Woche bonjour tout le monde mañana quiero jugar".split()
    )
    assert [word for word in said if is_random(word.casefold())] == []


# -- when a verdict is shared ------------------------------------------------------------------------------------------


def test_three_that_clearly_agree_are_told_to_others_and_fewer_are_not() -> None:
    said = scams(f"{RAID} 1", f"{RAID} 2", f"{RAID} 3")
    assert shared(said, f"{RAID} 200")
    assert not shared(said[:2], f"{RAID} 200")
    assert [lacking(said[:count], marks(f"{RAID} 200")) for count in range(4)] == [3, 2, 1, 0]


def test_the_same_words_three_times_say_nothing_of_what_stands_beside_them_elsewhere() -> None:
    said = scams(RAID, RAID, RAID)
    assert shared(said, RAID)
    assert not shared(said, f"{RAID} 200")
    assert lacking(said, marks(f"{RAID} 200")) == 2


def test_what_is_told_is_the_lowest_of_each_rule_and_says_that_it_is_not_the_judges_own() -> None:
    said = [told(f"{RAID} {n}", rule_1=likely, rule_2=n / 100) for n, likely in enumerate((0.97, 0.91, 0.99), 1)]
    verdict = told_alike(said)
    assert dict(verdict.probabilities) == {"1": 0.91, "2": 0.01}
    assert (verdict.rule, verdict.method, verdict.quote) == ("1", Method.ALIKE, "")
    assert "Not judged by itself" in verdict.rationale


@pytest.mark.parametrize("odd", [0.2, 0.6, 0.86])
def test_one_that_is_told_otherwise_or_not_clearly_ends_it(odd: float) -> None:
    said = [*scams(f"{RAID} 1", f"{RAID} 2", f"{RAID} 3"), told(f"{RAID} 4", rule_1=odd, rule_2=0.01)]
    assert agreed(said, SPAM, TABLE) is None


def test_another_rule_that_might_decide_ends_it() -> None:
    said = [told(f"{RAID} {n}", rule_1=0.95, rule_2=likely) for n, likely in enumerate((0.1, 0.1, 0.94))]
    assert agreed(said, SPAM, TABLE) is None


def test_the_servers_thresholds_count() -> None:
    said = [told(f"{RAID} {n}", rule_1=0.7, rule_2=0.01) for n in range(3)]
    for at, outcome in ((0.6, Outcome.ACT), (0.9, Outcome.REVIEW)):
        decision = agreed(said, SPAM, ThresholdTable(Thresholds(at, 0.4)))
        assert decision is not None
        assert (decision.outcome, decision.rule) == (outcome, "1")


def test_what_was_said_before_all_of_them_may_be_why() -> None:
    said = [told(f"{RAID} {n}", ["a question", f"line {n}"], rule_1=0.95, rule_2=0.01) for n in range(3)]
    assert agreed(said, SPAM, TABLE) is None
    assert lacking(said, marks(RAID)) == 1
    said.append(told(f"{RAID} 4", ["line 9"], rule_1=0.95, rule_2=0.01))
    assert agreed(said, SPAM, TABLE) is not None


def test_where_the_rule_speaks_of_numbers_only_a_number_between_two_is_told_the_same() -> None:
    young = [f"hello everybody, my age is {age}" for age in (9, 12, 10)]
    breaking = [told(text, rule_1=0.95, rule_2=0.01) for text in young]
    assert shared(breaking, "hello everybody, my age is 11", AGES)
    assert not shared(breaking, "hello everybody, my age is 14", AGES)
    old = fine(*(f"hello everybody, my age is {age}" for age in (14, 20, 17)))
    assert shared(old, "hello everybody, my age is 15", AGES)
    assert not shared(old, "hello everybody, my age is 12", AGES)


def test_a_number_between_words_counts_whatever_the_rules_say() -> None:
    said = scams(*(f"I am {age} years old and alone at home" for age in (9, 12, 10)))
    assert shared(said, "I am 11 years old and alone at home")
    assert not shared(said, "I am 24 years old and alone at home")


def test_a_rule_without_numbers_is_broken_whatever_number_stands_at_the_end() -> None:
    said = [told(f"{RAID} {n}", rule_1=0.01, rule_2=0.95) for n in range(3)]
    assert shared(said, f"{RAID} 999", AGES)


def test_what_is_fine_may_not_have_an_emoji_or_a_word_that_no_precedent_had() -> None:
    text = "you and your friends are welcome here"
    said = fine(f"{text} 🎉", f"{text} 😂", text)
    assert shared(said, f"{text} 🎉 😂")
    assert not shared(said, f"{text} 🐒")
    assert not shared(said, f"{text} xkqvzwpt")
    assert not shared(said, f"{text} 555123456")
    assert shared(scams(f"{text} 🎉", f"{text} 😂", text), f"{text} 🐒")
