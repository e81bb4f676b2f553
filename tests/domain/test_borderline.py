"""Borderline texts: the ones nearest to a rule's thresholds, a few for each rule, each text once."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.domain.backtest import Sample
from bot.domain.borderline import (
    MOST_SHOWN,
    MOST_TRIED,
    PackText,
    borderline,
    candidates,
    own_candidates,
    pack_candidates,
    words_of,
)
from bot.domain.decision import Thresholds, ThresholdTable
from bot.domain.policy_text import parse_policy
from bot.domain.submission import Submission
from bot.domain.verdict import Verdict
from bot.packs import load_pack_texts, load_packs

NOW = datetime(2026, 1, 2, tzinfo=UTC)
POLICY = parse_policy("1. No spam.\n2. No scams or phishing.\n")
TABLE = ThresholdTable(Thresholds(0.85, 0.5), {"2": Thresholds(0.95, 0.9)})


def verdict(**probabilities: float) -> Verdict:
    said = {key.removeprefix("r"): value for key, value in probabilities.items()}
    return Verdict("1", said, "d" * 64, "m", "e" * 64)


def sample(number: int, text: str, made: Verdict | None = None) -> Sample:
    return Sample(number, Submission(10, 20, number, 0, 30, "ana", text, text, (), NOW), made)


def pack(name: str, text: str) -> PackText:
    return PackText(name, text, words_of(name))


def test_each_text_is_shown_for_the_rule_to_whose_thresholds_it_came_nearest() -> None:
    one, two = pack("scams", "a"), pack("scams", "b")
    found = borderline([(one, verdict(r1=0.55, r2=0.01)), (two, verdict(r1=0.01, r2=0.92))], POLICY, TABLE)
    assert {key: [line.source for line in lines] for key, lines in found.items()} == {"1": [one], "2": [two]}
    assert found["2"][0].probability == 0.92


def test_of_a_rule_the_least_sure_come_first_and_so_many_at_most() -> None:
    judged = [(pack("p", str(at)), verdict(r1=at / 100, r2=0.0)) for at in range(50, 64)]
    lines = borderline(judged, POLICY, TABLE)["1"]
    assert [line.probability for line in lines] == [0.5, 0.51, 0.52, 0.53, 0.54][:MOST_SHOWN]


def test_what_the_judge_is_sure_of_is_not_asked_about() -> None:
    assert borderline([(pack("p", "a"), verdict(r1=0.02, r2=0.02))], POLICY, TABLE) == {}
    assert borderline([(pack("p", "a"), verdict(r1=0.999, r2=0.0))], POLICY, TABLE) == {}


def test_own_messages_come_once_each_those_of_which_the_judge_was_least_sure_first() -> None:
    samples = [
        sample(1, "sure", verdict(r1=0.01, r2=0.01)),
        sample(2, "unsure", verdict(r1=0.51, r2=0.01)),
        sample(3, "Unsure", verdict(r1=0.5, r2=0.01)),
        sample(4, "known already", verdict(r1=0.5, r2=0.01)),
        sample(5, "x" * 400, verdict(r1=0.5, r2=0.01)),
    ]
    assert [one.journal_id for one in own_candidates(samples, {"known already"}, TABLE)] == [2, 1]


def test_packs_on_the_subject_of_the_rules_are_taken_each_in_its_turn_and_all_where_none_is() -> None:
    texts = [pack("scams", "a"), pack("scams", "b"), pack("spoilers", "c"), pack("scams", "known")]
    assert [one.text for one in pack_candidates(POLICY.rules, texts, {"known"})] == ["a", "b"]
    other = parse_policy("1. No trading.").rules
    assert [one.text for one in pack_candidates(other, texts, set())] == ["a", "c", "b", "known"]


def test_so_many_are_judged_at_most() -> None:
    own = own_candidates([sample(number, f"text {number}") for number in range(200)], set(), TABLE)
    packs = pack_candidates(POLICY.rules, load_pack_texts(), set())
    chosen = candidates(own, packs)
    assert len(chosen) == MOST_TRIED
    assert set(packs) < set(chosen)


def test_every_pack_gives_texts_that_fit_an_example_and_is_found_by_a_rule_with_its_words() -> None:
    for one in load_packs():
        found = {text.pack for text in pack_candidates(one.policy.rules, load_pack_texts(), set())}
        assert one.name in found
