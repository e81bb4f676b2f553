"""The policy packs, with a topic or without: usable policies, and enough examples of their own."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from benchmarks.attacked import load_attacks
from benchmarks.measures import load_cases
from bot.domain.lint import lint
from bot.domain.policy import ActionKind
from bot.resources import resource_dir
from tests.policies.packs import BENCHMARKS, PACKS, TOPICS, WITHOUT_TOPIC, in_a_row, policy_of, policy_text, rows, texts

ASKED_FOR = ("advertising", "cheating", "harassment", "scams", "selfharm")
CHARACTERS = 400
# Five words that packs and measured messages, written apart, have in common by chance: no others may be.
COMMONPLACE = {
    "women shouldn t be allowed",
    "shouldn t be allowed to",
    "told me to go back",
    "me to go back to",
    "and i cried at the",
    "or does that count as",
    "just log in with your",
    "i ve written the letters",
    "just texted me goodbye and",
    "i m such an idiot",
    "is it ok to ask",
    "is it ok to use",
    "it ok to use a",
}


def test_the_packs_are_where_the_installation_keeps_its_resources() -> None:
    assert set(ASKED_FOR) < set(PACKS)
    assert sorted(path.name for path in resource_dir("policies").iterdir() if path.is_dir()) == PACKS


def test_a_pack_has_a_topic_or_is_one_of_those_that_are_said_to_have_none() -> None:
    described = {path.parent.name for path in resource_dir("policies").glob("*/topic.toml")}
    assert described == set(TOPICS)
    assert not described & set(WITHOUT_TOPIC)


@pytest.mark.parametrize("pack", PACKS)
def test_a_packs_policy_is_one_that_the_linter_has_nothing_to_say_about(pack: str) -> None:
    policy = policy_of(pack)
    assert lint(policy) == ()
    assert policy.title
    assert policy.fine


@pytest.mark.parametrize("pack", PACKS)
def test_a_packs_policy_shows_what_breaks_each_rule_and_what_is_fine(pack: str) -> None:
    policy = policy_of(pack)
    assert {example.rule for example in policy.examples} == {rule.key for rule in policy.rules} | {None}


def test_self_harm_and_what_endangers_children_escalate_and_no_other_pack_does() -> None:
    escalating = {pack for pack in PACKS if any(rule.escalates for rule in policy_of(pack).rules)}
    assert escalating == {"selfharm", "minors"}
    asked = {action.kind for pack in escalating for rule in policy_of(pack).rules for action in rule.actions}
    assert asked == {ActionKind.ESCALATE}, "what endangers people is looked at by a human, never deleted by itself"
    assert all(rule.actions for pack in escalating for rule in policy_of(pack).rules)


@pytest.mark.parametrize("pack", PACKS)
def test_a_pack_has_forty_labelled_messages_some_of_them_ordinary(pack: str) -> None:
    assert len(rows(pack)) >= 40
    assert len(texts(pack, "ordinary")) >= 4


@pytest.mark.parametrize("pack", PACKS)
def test_every_row_is_a_text_and_a_known_kind(pack: str) -> None:
    assert {row["kind"] for row in rows(pack)} == {"breaking", "near_miss", "report", "ordinary"}
    assert all(0 < len(row["text"].strip()) <= CHARACTERS for row in rows(pack))


def test_no_two_examples_share_five_words_in_a_row() -> None:
    examples = [row["text"] for pack in PACKS for row in rows(pack)]
    examples += [e.text for pack in PACKS for e in policy_of(pack).examples]
    seen: dict[tuple[str, ...], str] = {}
    for text in examples:
        fives = in_a_row(text, 5)
        for five in fives:
            assert five not in seen, f"{text!r} and {seen[five]!r}"
        seen |= dict.fromkeys(fives, text)
    assert len({" ".join(text.casefold().split()) for text in examples}) == len(examples)


def measured_texts() -> list[str]:
    paths = [path for folder in ("cases", "unseen", "hard") for path in (BENCHMARKS / folder).glob("*.jsonl")]
    said = [json.loads(line)["text"] for path in paths for line in path.read_text(encoding="utf-8").splitlines()]
    attacks = load_attacks()
    return said + [attack.text for attack in attacks] + [attack.plain for attack in attacks if attack.plain]


def test_no_example_shares_five_words_in_a_row_with_a_message_that_the_judge_is_measured_on() -> None:
    measured = set().union(*(in_a_row(text, 5) for text in measured_texts()))
    assert measured
    for text in (row["text"] for pack in PACKS for row in rows(pack)):
        assert not {" ".join(five) for five in in_a_row(text, 5) & measured} - COMMONPLACE, text


def test_no_message_that_the_judge_is_trained_on_is_one_that_it_is_measured_on_or_nearly() -> None:
    # People who never met write "I just don't want to be here": a copy is told by nine words in a row.
    texts_measured = set(measured_texts())
    measured = set().union(*(in_a_row(text, 9) for text in texts_measured))
    learnt = [message.text for case in load_cases(BENCHMARKS / "training") for message in case.messages]
    lines = (BENCHMARKS / "training" / "messages.jsonl").read_text(encoding="utf-8").splitlines()
    learnt += [json.loads(line)["text"] for line in lines]
    lines = (BENCHMARKS / "training" / "pairs.jsonl").read_text(encoding="utf-8").splitlines()
    learnt += [text for row in map(json.loads, lines) for text in (*row["breaking"], *row["fine"])]
    learnt += [row["text"] for pack in TOPICS for row in rows(pack)]
    assert len(learnt) > 6_000
    for text in learnt:
        assert not in_a_row(text, 9) & measured, text
        assert text not in texts_measured


@pytest.mark.parametrize("pack", PACKS)
def test_every_address_in_a_pack_is_one_that_can_never_be_real(pack: str) -> None:
    said = " ".join(row["text"] for row in rows(pack)) + policy_text(pack)
    hosts = re.findall(r"\b(?:[a-z0-9-]+\.)+(?:com|net|org|gg|io|me|ly|co|app|dev|xyz|ru|tv)\b", said.casefold())
    assert hosts == []
    assert all(host.endswith(".example") for host in re.findall(r"https?://([^/\s]+)", said))


def test_the_wheel_carries_the_packs_inside_the_package() -> None:
    project = Path(__file__).parents[2] / "pyproject.toml"
    assert '"policies" = "bot/policies"' in project.read_text(encoding="utf-8")
