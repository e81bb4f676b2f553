"""The translated examples: what they are translations of, and the figures made of verdicts on them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.translated import FOLDER, NAMES, SHOWN, Row, load, measure, summary, table
from bot.domain.evaluation import Judged
from bot.judge.models import ModelFile
from bot.resources import resource_dir

ROOT = Path(__file__).parents[2]
TRANSLATIONS = ("de", "fr", "es", "pt", "tr")
CHARACTERS = 400


# Packs without a topic are not among those that were translated: the readout was not trained on their examples.
WITH_TOPIC = {path.parent.name for path in resource_dir("policies").glob("*/topic.toml")}


def originals() -> dict[tuple[str, str], tuple[str | None, bool]]:
    """Topic and whether it breaks a rule, by pack and text, of the packs with a topic."""
    found = {}
    for pack in WITH_TOPIC:
        text = (resource_dir("policies") / pack / "examples.jsonl").read_text(encoding="utf-8")
        for row in map(json.loads, text.splitlines()):
            found[pack, row["text"]] = (row["topic"], row["kind"] == "breaking")
    return found


def test_there_is_a_file_for_each_language_that_was_asked_for_and_for_the_originals() -> None:
    assert {path.stem for path in FOLDER.glob("*.jsonl")} == {*TRANSLATIONS, "en"} == set(NAMES)


def test_each_original_is_a_packs_example_with_that_packs_label() -> None:
    known = originals()
    for row in load("en"):
        assert row.text == row.of
        assert known[row.pack, row.text] == (row.topic, row.breaks)


def test_of_each_pack_with_a_topic_but_the_one_on_languages_three_break_its_policy_and_four_do_not() -> None:
    packs = WITH_TOPIC - {"language"}
    counts = Counter((row.pack, row.breaks) for row in load("en"))
    assert counts == {(pack, breaks): 3 if breaks else 4 for pack in packs for breaks in (True, False)}


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_a_language_has_the_same_rows_as_the_originals_in_other_words(language: str) -> None:
    rows = load(language)
    told = [(row.pack, row.topic, row.breaks, row.of) for row in rows]
    assert told == [(row.pack, row.topic, row.breaks, row.of) for row in load("en")]
    assert len({row.text for row in rows}) == len(rows)
    for row in rows:
        assert row.text.casefold() != row.of.casefold()
        assert 0 < len(row.text.strip()) <= CHARACTERS


def test_no_text_stands_in_two_languages() -> None:
    counts = Counter(row.text.casefold() for language in NAMES for row in load(language))
    assert [text for text, count in counts.items() if count > 1] == []


def test_a_language_is_summed_up_by_what_would_come_before_a_moderator() -> None:
    rows = [Row(str(n), pack, None, breaks, "") for n, (pack, breaks) in enumerate(_LABELS)]
    judged = [Judged(breaks, p) for (_, breaks), p in zip(_LABELS, (0.5, 0.49, 0.51, 0.1), strict=True)]
    found = summary(rows, judged)
    assert found["confusion"] == {"caught": 1, "missed": 1, "wrongly_caught": 1, "let_pass": 1}
    assert (found["n"], found["accuracy"], found["base_rate"]) == (4, 0.5, 0.5)
    assert found["right_by_pack"] == {"scams": 1, "adult": 1}
    assert all(found["ci"][name][0] <= found[name] <= found["ci"][name][1] for name in SHOWN)


_LABELS = (("scams", True), ("scams", True), ("adult", False), ("adult", False))


def test_the_table_shows_what_was_left_out_and_that_english_is_no_fair_measure() -> None:
    told = summary([Row("", "scams", None, True, "")], [Judged(True, 0.9)])
    shown = table({"model": "m", "caught_from": 0.5, "languages": {"en": told}, "left_out": ["tr"]})
    assert "| English (trained on these) | 1 | 1.00 (1.00 to 1.00) |" in shown
    assert "No time was left for Turkish" in shown


@pytest.mark.model
def test_every_message_of_a_language_is_judged_by_its_packs_policy(
    tiny: ModelFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = load("tr")[:14]
    monkeypatch.setattr("benchmarks.translated.load", lambda language: some)
    found = measure(tiny, tmp_path, ["tr"], minutes=5)
    assert found["left_out"] == []
    assert found["languages"]["tr"]["n"] == 14
    assert set(found["languages"]["tr"]["right_by_pack"]) == {"adult", "advertising"}


@pytest.mark.model
def test_a_language_for_which_no_time_is_left_is_named_and_not_judged(tiny: ModelFile, tmp_path: Path) -> None:
    found = measure(tiny, tmp_path, ["de", "tr"], minutes=0)
    assert (found["languages"], found["left_out"]) == ({}, ["de", "tr"])


def test_an_unknown_language_gets_one_line_that_says_which_there_are() -> None:
    command = [sys.executable, "-m", "benchmarks.translated", "--languages", "de,xx"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "there is no language 'xx': use some of de,fr,es,pt,tr,en" in done.stderr
