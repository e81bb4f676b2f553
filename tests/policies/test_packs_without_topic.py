"""The packs without a topic: their rules go by their words, and the judge's library knows nothing of them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator

import pytest

from bot.domain.policy import Rule
from bot.judge.library import load_library
from bot.judge.prompts import FINE_SHOWN
from bot.judge.topics import topics_of
from tests.policies.packs import BENCHMARKS, WITHOUT_TOPIC, in_a_row, policy_of, policy_text, rows, texts

FIRST = 10
RULE_CHARACTERS = 200


@pytest.mark.parametrize("pack", WITHOUT_TOPIC)
def test_the_library_holds_nothing_of_a_pack_without_a_topic(pack: str) -> None:
    library = load_library()
    held = {example.text for topic in library.topics for example in topic.examples} | set(library.ordinary)
    assert held
    assert not held & {row["text"] for row in rows(pack)}
    assert pack not in {topic.pack for topic in library.topics}


@pytest.mark.parametrize("pack", WITHOUT_TOPIC)
def test_no_word_of_such_a_rule_makes_it_one_on_a_topic_of_the_library(pack: str) -> None:
    found = {rule.key: topics_of(rule, load_library().topics) for rule in policy_of(pack).rules}
    assert [key for key, topics in found.items() if topics] == []


@pytest.mark.parametrize("pack", WITHOUT_TOPIC)
def test_a_rule_is_short_and_all_that_is_fine_is_read_with_it(pack: str) -> None:
    policy = policy_of(pack)
    assert all(len(rule.text) <= RULE_CHARACTERS for rule in policy.rules)
    assert len(policy.fine) <= FINE_SHOWN


@pytest.mark.parametrize("pack", WITHOUT_TOPIC)
def test_every_row_that_breaks_a_rule_names_it_and_no_other_row_does(pack: str) -> None:
    keys = {rule.key for rule in policy_of(pack).rules}
    for row in rows(pack):
        assert set(row) == {"text", "kind", "rule"}
        assert row["rule"] in (keys if row["kind"] == "breaking" else [None])


@pytest.mark.parametrize("pack", WITHOUT_TOPIC)
def test_each_rule_has_examples_and_there_are_as_many_that_break_none(pack: str) -> None:
    keys = {rule.key for rule in policy_of(pack).rules}
    broken = Counter(row["rule"] for row in rows(pack) if row["rule"] is not None)
    assert set(broken) == keys
    assert min(broken.values()) >= 6
    assert broken.total() >= 20
    assert 0.4 <= broken.total() / len(rows(pack)) <= 0.6
    assert len(texts(pack, "near_miss")) >= 15
    assert len(texts(pack, "report")) >= 3


@pytest.mark.parametrize("pack", WITHOUT_TOPIC)
def test_the_first_examples_are_of_several_lengths_and_rules(pack: str) -> None:
    first = [row for row in rows(pack) if row["kind"] == "breaking"][:FIRST]
    lengths = [len(row["text"]) for row in first]
    assert max(lengths) >= 2 * min(lengths)
    assert {row["rule"] for row in first} == {rule.key for rule in policy_of(pack).rules}


def trained_or_measured_on() -> Iterator[str]:
    for path in BENCHMARKS.rglob("*.jsonl"):
        for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            yield from [row["text"]] if "text" in row else [*row.get("breaking", ()), *row.get("fine", ())]


def test_the_judge_can_be_measured_on_these_packs_for_nothing_in_them_is_like_what_it_was_trained_on() -> None:
    known = set().union(*(in_a_row(text, 5) for text in trained_or_measured_on()))
    assert len(known) > 10_000
    for pack in WITHOUT_TOPIC:
        for text in [row["text"] for row in rows(pack)] + [one.text for one in policy_of(pack).examples]:
            assert {" ".join(five) for five in in_a_row(text, 5) & known} == set(), text


def test_nothing_in_the_pack_on_childrens_safety_is_sexual() -> None:
    adult = [load_library().topic("adult")]
    said = [row["text"] for row in rows("minors")] + policy_text("minors").splitlines()
    assert [text for text in said if topics_of(Rule("1", text), adult)] == []


def test_what_an_off_topic_server_is_about_is_one_word_to_be_filled_in() -> None:
    policy = policy_of("offtopic")
    (rule,) = policy.rules
    subject = re.match(r"This server is about (\w+):", rule.text)
    assert subject is not None
    assert f"Wherever it says {subject[1]}, put what your server is about" in policy.preamble
    filled = policy_text("offtopic").replace(subject[1], "old maps")
    assert "This server is about old maps: do not post about anything else." in filled
    assert subject[1] not in filled.casefold()
