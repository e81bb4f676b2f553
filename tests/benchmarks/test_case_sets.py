"""The hate and spam cases: labelled as `lawspeaker eval` reads them, of every kind, and new to the judge."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.cli.labelled import read_labelled
from bot.domain.policy import ActionKind, Policy
from bot.domain.policy_text import parse_policy
from bot.resources import resource_dir

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
SETS = ("hate-cases", "spam-cases")
HATEFUL = {
    "derogation",
    "dehumanisation",
    "threat",
    "slur stand-in",
    "negated positive",
    "hate with profanity",
    "question or opinion",
    "reference",
    "exclusion",
    "ideology",
    "spelling",
}
FINE = {
    "negated hate",
    "counter-speech, quoting",
    "counter-speech, reference",
    "reclaimed",
    "profanity",
    "neutral identity",
    "positive identity",
    "objects",
    "professions and other groups",
    "one person",
}


def policy(name: str) -> Policy:
    return parse_policy((BENCHMARKS / f"{name}.md").read_text(encoding="utf-8"))


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def fives(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"[^\W_]+", text.casefold())
    return {tuple(words[i : i + 5]) for i in range(len(words) - 4)}


def known() -> Iterator[str]:
    """What the judge is shown, trained on or weighed on."""
    folders = [BENCHMARKS / "training", BENCHMARKS / "cases", *resource_dir("policies").iterdir()]
    for path in (path for folder in folders for path in folder.glob("*.jsonl")):
        for row in lines(path):
            yield from [row["text"]] if "text" in row else [*row.get("breaking", ()), *row.get("fine", ())]


@pytest.mark.parametrize(("name", "texts", "breaking"), [("hate-cases", 120, 70), ("spam-cases", 40, 20)])
def test_a_set_is_read_as_eval_reads_it_and_holds_both_labels(name: str, texts: int, breaking: int) -> None:
    labelled = read_labelled(BENCHMARKS / f"{name}.jsonl", "text", "label")
    assert (len(labelled), sum(one.breaks for one in labelled)) == (texts, breaking)
    assert len({one.text.casefold() for one in labelled}) == texts


def test_each_kind_of_hate_case_has_one_label_and_no_kind_is_missing() -> None:
    labels = {(row["kind"], row["label"]) for row in lines(BENCHMARKS / "hate-cases.jsonl")}
    assert labels == {(kind, 1) for kind in HATEFUL} | {(kind, 0) for kind in FINE}
    assert min(Counter(row["kind"] for row in lines(BENCHMARKS / "hate-cases.jsonl")).values()) >= 2


def test_the_policy_on_hate_is_plain_prose_read_as_one_rule() -> None:
    (rule,) = policy("hate-cases").rules
    assert [action.kind for action in rule.actions] == [ActionKind.FLAG]


def test_the_policy_on_spam_is_read_by_its_labels_and_what_it_allows_is_fine() -> None:
    read = policy("spam-cases")
    assert [rule.key for rule in read.rules] == ["SP2.a", "SP2.b", "SP2.c", "SP3.a", "SP3.b", "SP3.c", "SP4.a"]
    assert len(read.fine) == 7


def test_no_case_shares_five_words_in_a_row_with_what_the_judge_knows() -> None:
    seen = set().union(*(fives(text) for text in known()))
    assert len(seen) > 10_000
    for row in (row for name in SETS for row in lines(BENCHMARKS / f"{name}.jsonl")):
        assert not fives(row["text"]) & seen, row["text"]


def test_every_address_is_one_that_can_never_be_real() -> None:
    said = " ".join(row["text"] for name in SETS for row in lines(BENCHMARKS / f"{name}.jsonl"))
    addresses = re.findall(r"\b[\w-]+\.[a-z]{2,}\b(?=[/ ,)]|$)", said)
    assert addresses
    assert all(address.endswith(".example") for address in addresses)
