"""The corpus of attacks is what it is said to be, and each line of it is judged without an error."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

import pytest

from benchmarks.attacked import FOLDER, counted, load_attacks, long_text, sample, table, wilson
from bot.domain.lint import Severity, lint
from bot.domain.normalise import normalise, seen_at_first
from bot.domain.policy_text import parse_policy
from bot.judge.engine import Engine, EngineSettings
from bot.judge.judging import Asked, Judging, TooLongError
from bot.judge.library import load_library
from bot.judge.models import default_model_dir, resolve_model

KINDS = {
    "instructions", "system_text", "control_tokens", "look_alikes", "invisible", "zalgo", "spaced_out", "leet",
    "other_scripts", "base64", "rot13", "code_blocks", "spoilers", "mentions_emoji", "long", "empty",
}  # fmt: skip
ATTACKS = load_attacks()
POLICY = parse_policy((FOLDER / "policy.md").read_text(encoding="utf-8"))


def test_there_are_two_hundred_attacks_of_every_kind_and_controls_beside_them() -> None:
    assert {attack.kind for attack in ATTACKS} == KINDS
    breaking = Counter(attack.kind for attack in ATTACKS if attack.rule is not None)
    fine = Counter(attack.kind for attack in ATTACKS if attack.rule is None)
    assert breaking.total() >= 200
    assert all(breaking[kind] >= 10 for kind in KINDS - {"empty"})
    assert all(fine[kind] >= 3 for kind in KINDS)
    assert 0.2 <= fine.total() / len(ATTACKS) <= 0.4


def test_an_attack_breaks_a_rule_of_the_policy_and_has_a_plain_form_and_a_control_has_neither() -> None:
    # It has no examples on purpose: they would decide for attacks that are like them.
    assert all(finding.severity is Severity.NOTE for finding in lint(POLICY))
    keys = {rule.key for rule in POLICY.rules}
    assert {attack.rule for attack in ATTACKS} == keys | {None}
    assert all((attack.rule is None) == (attack.plain is None) for attack in ATTACKS)
    assert all(attack.plain != attack.text for attack in ATTACKS)


def test_a_long_message_holds_its_violation_where_its_recipe_says_and_is_the_same_each_time() -> None:
    recipe = {"seed": 3, "words": 200, "plain": "you fool", "place": "start"}
    assert long_text(recipe).startswith("you fool.")
    assert long_text(recipe | {"place": "end"}).endswith("you fool.")
    assert long_text(recipe) == long_text(recipe)
    places = {json.loads(line)["place"] for line in (FOLDER / "long.jsonl").read_text(encoding="utf-8").splitlines()}
    assert places >= {"start", "end"}


def test_success_is_of_those_attacks_that_are_caught_in_plain_words() -> None:
    some = [next(a for a in ATTACKS if a.rule)] * 3 + [next(a for a in ATTACKS if a.rule is None)]
    found = counted(some, [True, True, False, False], [True, False, False, True], [False, False, True, False])
    assert (found["success_with"]["hits"], found["success_with"]["of"]) == (1, 2)
    assert (found["success_without"]["hits"], found["success_without"]["of"]) == (2, 2)
    assert found["controls_caught_with"]["hits"] == 1
    assert "1/2" in table({"kinds": {"leet": found}, "all": found})


def test_wilsons_interval_is_that_of_the_textbook() -> None:
    assert wilson(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-3)
    assert wilson(0, 0) == (0.0, 1.0)


def test_a_sample_is_the_same_for_a_seed() -> None:
    assert sample(ATTACKS, 20, 1) == sample(ATTACKS, 20, 1) != sample(ATTACKS, 20, 2)
    assert sample(ATTACKS, None, 1) == ATTACKS


@pytest.fixture(scope="module")
def judging() -> Iterator[Judging]:
    engine = Engine(resolve_model("tiny", default_model_dir()).path, EngineSettings())
    yield Judging(engine, load_library(), None)
    engine.close()


@pytest.mark.model
@pytest.mark.parametrize("kind", ["instructions", "system_text", "control_tokens", "empty"])
def test_what_is_meant_to_confuse_the_judge_is_judged_and_never_an_error(judging: Judging, kind: str) -> None:
    texts = [attack.text for attack in ATTACKS if attack.kind == kind][: 6 if kind != "empty" else None]
    asked = [Asked(POLICY.digest, POLICY.source, normalise(text) or text, seen_at_first(text)) for text in texts]
    for answer in judging.classify(asked):
        assert not isinstance(answer, TooLongError)
        assert set(answer) == {rule.key for rule in POLICY.rules}
