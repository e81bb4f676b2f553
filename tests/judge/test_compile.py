"""A policy becomes a card: topics where the library has them, own labels elsewhere, what the wording adds taken out."""

from __future__ import annotations

import numpy as np
import pytest

from bot.domain.policy_text import parse_policy
from bot.judge.compile import NEUTRAL, compile_card, shared_out
from bot.judge.library import load_library
from bot.judge.prompts import ORDINARY, REPORT
from bot.judge.reader import Reader
from tests.judge.fakes import FixedScorer, Words, a_readout

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


def test_a_rule_is_told_by_every_topic_that_it_names(reader: Reader, words: Words) -> None:
    card = compile_card(parse_policy(POLICY), reader, FixedScorer(words.logits({})))
    assert {LIBRARY.topics[place].label for place in card.rules[0].topics} == {"harassment", "hate", "scams"}
    assert card.rules[0].label is None
    row = words.logits({ORDINARY: 2.0, REPORT: -30.0, "hate": 5.0, "scams": -5.0})
    assert card.odds(row, reader)[0] == pytest.approx(3.0, abs=0.01)


def test_a_rule_on_no_topic_gets_a_label_and_examples_of_its_own(reader: Reader, words: Words) -> None:
    card = compile_card(parse_policy(POLICY), reader, FixedScorer(words.logits({})))
    assert card.rules[1].topics == ()
    assert card.rules[1].label == 0
    assert card.own_tokens == (words("boats"),)
    assert "- boats: Boats stay in #boats\n" in card.text
    assert "Message: Boats stay in #boats\nCategory: boats\n" in card.text
    low, high = (card.odds(words.logits({"boats": value}), reader)[1] for value in (0.0, 9.0))
    assert high > low


def test_the_policys_own_examples_and_exceptions_are_shown_and_unknown_rules_left_out(
    reader: Reader, words: Words
) -> None:
    text = compile_card(parse_policy(POLICY), reader, FixedScorer(words.logits({}))).text
    assert "Message: nice boat, mine is longer\nCategory: boats\n" in text
    assert "Message: the tide is a scam\nCategory: ordinary\n" in text
    assert "Message: you seagull\nCategory: harassment\n" in text
    assert "- ordinary: Rude words about the weather\n" in text
    assert "nobody has this rule" not in text
    assert text.endswith("\n\nMessage:")


def test_a_policy_with_nothing_of_its_own_adds_nothing_to_what_all_share(reader: Reader, words: Words) -> None:
    card = compile_card(parse_policy("1. No insults. [delete]"), reader, FixedScorer(words.logits({})))
    assert card.text == "Message:"
    assert card.own_tokens == ()


def test_half_of_what_a_labels_wording_gives_neutral_messages_is_taken_out(reader: Reader, words: Words) -> None:
    row = words.logits({ORDINARY: 0.0, REPORT: -40.0, "boats": -3.0})
    scorer = FixedScorer(row)
    card = compile_card(parse_policy(POLICY), reader, scorer)
    assert card.label_shift == pytest.approx([0.5 * (-3.0 + 7.0)], abs=0.01)
    assert [asked for _, asked in scorer.asked] == [NEUTRAL]


@pytest.mark.parametrize(
    ("odds", "topics"),
    [
        ([[3.0, 1.0, -9.0]], [(0, 1)]),
        ([[3.0, 1.0, -9.0], [-9.0, 2.0, -9.0]], [(0,), (1,)]),
        ([[-0.5, -0.6, -9.0]], [(0,)]),
        ([[-2.0, -3.0, -9.0]], [()]),
        ([[3.0, -9.0, -9.0], [2.0, -9.0, -9.0]], [(0,), (0,)]),
    ],
)
def test_the_main_topic_of_one_rule_is_not_taken_by_another_as_a_second(
    odds: list[list[float]], topics: list[tuple[int, ...]]
) -> None:
    assert shared_out(np.array(odds)) == topics


def test_a_message_like_one_of_the_policys_examples_is_judged_as_the_example_says(words: Words) -> None:
    taught = Reader(LIBRARY, words, a_readout(Reader(LIBRARY, words, None)))
    policy = parse_policy('1. No insults. [delete]\n2. No scams. [delete]\n\n## Examples\n- "you seagull" breaks 2\n')
    shown, other = words.logits({"ordinary": 9.0}), words.logits({"report": 9.0})
    card = compile_card(policy, taught, FixedScorer(shown))
    assert card.broken == (1,)
    assert card.odds(shown, taught) == pytest.approx([-4.0, 4.0])
    assert card.odds(other, taught) == pytest.approx([0.0, 0.0], abs=1e-6)


def test_every_label_has_a_first_token_of_its_own(reader: Reader, words: Words) -> None:
    rules = "\n".join(f"{number}. Boats stay in the harbour {number}. [flag]" for number in range(1, 13))
    card = compile_card(parse_policy(rules), reader, FixedScorer(words.logits({})))
    tokens = [*card.own_tokens, *reader.fine_tokens, *reader.topic_tokens]
    assert len(set(tokens)) == len(tokens)
    assert len(card.own_tokens) == 12


def test_probabilities_are_by_rule_and_never_out_of_bounds(reader: Reader, words: Words) -> None:
    card = compile_card(parse_policy(POLICY), reader, FixedScorer(words.logits({})))
    found = card.probabilities(np.array([900.0, 0.0]))
    assert found == {"1": pytest.approx(1.0), "2": pytest.approx(0.5)}


def test_rules_on_spoilers_alone_are_told_by_what_is_not_hidden(reader: Reader, words: Words) -> None:
    policy = parse_policy("1. No spoilers. [flag]\n2. No insults. [flag]\n3. No spoilers or insults. [flag]")
    assert compile_card(policy, reader, FixedScorer(words.logits({}))).by_sight == ("1",)
