"""A policy becomes a card: topics where the library has them, the rule's own words everywhere."""

from __future__ import annotations

import numpy as np
import pytest

from bot.domain.policy_text import parse_policy
from bot.judge.card import MAY_BREAK, OUT_OF_QUESTION, WORTH_READING, Card, CardRule
from bot.judge.compile import compile_card, shared_out
from bot.judge.library import load_library
from bot.judge.prompts import ORDINARY, REPORT
from bot.judge.reader import Reader
from bot.judge.readout import Floats, Said
from tests.judge.fakes import FixedScorer, Words, a_readout, states

LIBRARY = load_library()
POLICY = """# Harbour

## Rules
1. No insults, hate or scams. [delete]
2. Boats stay in #boats. [flag]

## Fine
- Rude words about the weather.

## Examples
- "nice boat, mine is longer" breaks 2
- "the tide is a scam" is fine
- "you seagull" breaks 1
- "nobody has this rule" breaks 9
"""


@pytest.fixture
def words() -> Words:
    return Words()


@pytest.fixture
def reader(words: Words) -> Reader:
    return Reader(LIBRARY, words, None)


def odds(card: Card, row: Said, reader: Reader, by_pair: dict[int, float]) -> Floats:
    return card.odds(reader.message_odds(row), by_pair, row, reader)


def topics(anything: float, *of_topics: float) -> Floats:
    return np.array([*of_topics, *[-9.0] * (len(LIBRARY.topics) - len(of_topics)), anything])


@pytest.fixture
def taught(words: Words, reader: Reader) -> Reader:
    return Reader(LIBRARY, words, a_readout(reader))


def test_a_rule_is_told_by_every_topic_that_it_names(reader: Reader, words: Words) -> None:
    card = compile_card(parse_policy(POLICY), reader, FixedScorer(words.logits({})))
    assert {LIBRARY.topics[place].label for place in card.rules[0].topics} == {"harassment", "hate", "scams"}
    row = words.logits({ORDINARY: 2.0, REPORT: -30.0, "hate": 5.0, "scams": -5.0})
    assert card.by_topics(reader.message_odds(row))[0] == pytest.approx(3.0, abs=0.01)


def test_a_rule_on_no_topic_is_told_by_its_own_words_with_every_message(reader: Reader, words: Words) -> None:
    card = compile_card(parse_policy(POLICY), reader, FixedScorer(words.logits({})))
    assert card.rules[1].topics == ()
    assert card.rules[1].text == "Boats stay in #boats. Fine: Rude words about the weather."
    row = words.logits({})
    assert card.worth_reading(reader.message_odds(row), reader) == [1]
    assert odds(card, row, reader, {1: 2.5})[1] == 2.5


INSULTS, SCAMS = CardRule("1", "No insults.", (0,)), CardRule("2", "No scams.", (1,))
BOATS = CardRule("3", "Boats stay in #boats.", ())


def card_of(*rules: CardRule) -> Card:
    return Card("", rules, np.zeros((0, 0)), ())


def test_a_rule_on_topics_is_read_with_the_message_only_where_these_do_not_rule_it_out(taught: Reader) -> None:
    card = card_of(INSULTS, SCAMS, BOATS)
    told = topics(MAY_BREAK - 0.1, WORTH_READING - 0.1, WORTH_READING + 0.1)
    assert card.worth_reading(told, taught) == [1, 2]


def test_rules_that_topics_hold_for_unlikely_are_read_with_a_message_that_may_well_break_something(
    taught: Reader,
) -> None:
    told = topics(MAY_BREAK + 0.1, WORTH_READING - 0.1, WORTH_READING - 0.1)
    assert card_of(INSULTS, SCAMS, BOATS).worth_reading(told, taught) == [0, 1, 2]


def test_a_rule_whose_topics_surely_are_not_the_messages_is_not_read_though_the_message_may_break_something(
    taught: Reader,
) -> None:
    told = topics(MAY_BREAK + 0.1, OUT_OF_QUESTION - 0.1, OUT_OF_QUESTION + 0.1)
    assert card_of(INSULTS, SCAMS, BOATS).worth_reading(told, taught) == [1, 2]


def test_a_rule_is_told_by_topics_by_its_own_words_and_by_whether_the_message_breaks_anything(taught: Reader) -> None:
    told = topics(2.0, 2.0, -4.0)
    assert card_of(INSULTS).odds(told, {0: -1.5}, states("any"), taught) == pytest.approx([2.0 - 1.5 + 0.5])
    assert card_of(BOATS).odds(told, {0: 1.5}, states("any"), taught) == pytest.approx([3.0 + 0.5 + 0.5])


def test_a_rule_that_was_not_read_is_never_likely(taught: Reader) -> None:
    assert card_of(INSULTS, SCAMS).odds(topics(5.0, 6.0, -4.0), {}, states("any"), taught) == pytest.approx(
        [-2.0, -4.0]
    )


@pytest.mark.parametrize(
    ("of_rules", "topics"),
    [
        ([[3.0, 1.0, -9.0]], [(0, 1)]),
        ([[3.0, 1.0, -9.0], [-9.0, 2.0, -9.0]], [(0,), (1,)]),
        ([[-0.5, -0.6, -9.0]], [(0,)]),
        ([[-2.0, -3.0, -9.0]], [()]),
        ([[3.0, -9.0, -9.0], [2.0, -9.0, -9.0]], [(0,), (0,)]),
        ([[6.0, -9.0, -9.0], [2.0, 1.0, -9.0]], [(0,), (1,)]),
        ([[6.0, -9.0, -9.0], [2.0, -9.0, -9.0]], [(0,), ()]),
    ],
)
def test_the_main_topic_of_one_rule_is_not_taken_by_another_as_a_second(
    of_rules: list[list[float]], topics: list[tuple[int, ...]]
) -> None:
    assert shared_out(np.array(of_rules)) == topics


def test_a_message_like_one_of_the_policys_examples_is_judged_as_the_example_says(taught: Reader) -> None:
    policy = parse_policy('1. No insults. [delete]\n2. No scams. [delete]\n\n## Examples\n- "you seagull" breaks 2\n')
    shown, other = states("you seagull"), states("fine weather")
    card = compile_card(policy, taught, FixedScorer(shown))
    assert card.broken == (1,)
    assert odds(card, shown, taught, {}) == pytest.approx([-4.0, 4.0])
    assert odds(card, other, taught, {}) == pytest.approx([-2.0, -2.0], abs=1e-6)


def test_an_example_of_a_rule_that_is_not_there_is_left_out(taught: Reader) -> None:
    row = states("any")
    assert compile_card(parse_policy(POLICY), taught, FixedScorer(row)).broken == (1, None, 0)


def test_a_card_of_one_rule_alone_tells_of_it_what_the_whole_does(taught: Reader) -> None:
    row = states("any")
    card = compile_card(parse_policy(POLICY), taught, FixedScorer(row))
    for place, key in enumerate(card.keys):
        alone = card.only(key)
        assert alone.keys == [key]
        for read in (row, states("other")):
            whole = odds(card, read, taught, {place: 1.25})
            assert odds(alone, read, taught, {0: 1.25}) == pytest.approx(whole[[place]])


def test_probabilities_are_by_rule_and_never_out_of_bounds(reader: Reader, words: Words) -> None:
    card = compile_card(parse_policy(POLICY), reader, FixedScorer(words.logits({})))
    found = card.probabilities(np.array([900.0, 0.0]))
    assert found == {"1": pytest.approx(1.0), "2": pytest.approx(0.5)}


def test_rules_on_spoilers_alone_are_told_by_what_is_not_hidden(reader: Reader, words: Words) -> None:
    policy = parse_policy("1. No spoilers. [flag]\n2. No insults. [flag]\n3. No spoilers or insults. [flag]")
    assert compile_card(policy, reader, FixedScorer(words.logits({}))).by_sight == ("1",)
