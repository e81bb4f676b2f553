"""What is kept and comes back: sealed texts, tables, what a worker says, answers of an unfinished evaluation."""

from __future__ import annotations

import base64
import csv
import io
import json
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from bot.cli.evaluate_kept import _row
from bot.domain.policy_text import parse_policy
from bot.domain.spreadsheet import csv_table
from bot.domain.storable import storable
from bot.judge.card_read import card_in
from bot.judge.interface import JudgeError
from bot.judge.replies import outcome_in, probabilities_in, said_in, timings_in
from bot.store.engine import StoreError
from bot.store.seal import SEALED, Seal
from cogs.disclosing import Files
from tests.fuzz.inputs import is_one_sentence, tried
from tests.fuzz.makers import any_of, pick, several, texts
from tests.odd import broken

KEYS = [base64.urlsafe_b64encode(bytes([n]) * 32).decode() for n in range(3)]
OLD, NEW, OTHER, PLAIN = Seal(KEYS[:1]), Seal([KEYS[1], KEYS[0]]), Seal(KEYS[2:]), Seal()
PIECES = (
    *("a word", SEALED, "lawspeaker:plain:", "\0", "\ud800", "é", "=", "gAAAAA", "00000000:", "\n", '"', ";", "'", ","),
    "=1+1",
)
WORDS = texts(PIECES, 10)


@tried(text=WORDS, seal=pick([OLD, NEW, PLAIN]))
def test_a_text_that_was_sealed_comes_back_and_no_other_key_opens_it(text: str, seal: Seal) -> None:
    text = storable(text)
    kept = seal.seal(text)
    assert (NEW if seal is OLD else seal).open(kept) == text
    if seal is not PLAIN and text:
        assert kept.startswith(SEALED)
        with pytest.raises(StoreError):
            OTHER.open(kept)


def damaged(random: Random) -> str:
    """A sealed text with something else at one place, or something that only begins like one."""
    kept = random.choice((OLD, NEW)).seal(storable(WORDS(random)) or "a")
    if random.random() < 0.3:
        return kept[: len(SEALED) + random.randrange(12)] + WORDS(random)
    at = random.randrange(len(kept))
    return kept[:at] + random.choice(("", "é", "A", "\ud800", "=", "\n")) + kept[at + random.randrange(3) :]


@tried(kept=damaged)
def test_a_damaged_text_opens_to_a_text_or_there_is_one_sentence(kept: str) -> None:
    try:
        assert isinstance(NEW.open(kept), str)
    except StoreError as error:
        is_one_sentence(error)


@tried(rows=several(several(WORDS, 4, least=4), 5))
def test_a_table_comes_back_as_it_was_but_for_apostrophes(rows: list[list[str]]) -> None:
    written = csv_table(("a", "b", "c", "d"), rows)
    read = list(csv.reader(io.StringIO(written, newline="")))[1:]
    assert [[cell.replace("'", "") for cell in row] for row in read] == [
        [cell.replace("'", "") for cell in row] for row in rows
    ]


@tried(records=several(WORDS, 8))
def test_what_is_disclosed_about_a_member_is_json_in_files_that_fit(records: list[str]) -> None:
    files = Files(1, 2, datetime(2026, 1, 31, tzinfo=UTC), 20_000)
    for one in records:
        files.add("messages", {"text": one})
    told = [json.loads(text) for text in files.texts()]
    assert [one["text"] for part in told for one in part.get("messages", ())] == records
    assert all(len(text.encode("utf-8", "replace")) <= 20_000 for text in files.texts())


ANSWER = {
    "probabilities": {"1": 0.25, "2": 1.0},
    "timings_ms": {"whole": 12.5, "queue": 0},
    "rationale": "It insults.",
    "quote": "idiot",
    "reasoning": "",
}
SAID: tuple[dict[str, Any], ...] = (
    {"id": 1, "ok": ANSWER},
    {"id": 1, "error": "The text is too long.", "again": False},
    {"id": 1, "error": "The model failed."},
)
POLICY = parse_policy("1. No insults. [delete]\n2. No spam. [flag]\n")


@tried(said=lambda random: broken(random.choice(SAID), random))
def test_whatever_a_worker_says_is_a_verdict_or_an_error_that_is_meant(said: Any) -> None:
    if not isinstance(said, dict):
        return  # ends the worker: `tests/judge/test_supervisor_faults.py`
    answer = outcome_in(said)
    if isinstance(answer, JudgeError):
        assert isinstance(str(answer), str)
        return
    try:
        assert all(0.0 <= one <= 1.0 for one in probabilities_in(answer, POLICY).values())
        assert all(one >= 0.0 for one in timings_in(answer).values())
        _, quote, _ = said_in(answer, "You idiot.")
        assert quote in "You idiot."
    except JudgeError as error:
        is_one_sentence(error)


CARD = {"rules": [["1", "No insults.", 4, ["insults"]], ["2", "No spam.", 3, []]], "examples": 2, "by_sight": ["1"]}


@tried(said=lambda random: broken(CARD, random))
def test_whatever_a_worker_says_is_the_policys_card_or_an_error_that_is_meant(said: Any) -> None:
    if not isinstance(said, dict):
        return
    try:
        card = card_in(said, POLICY)
    except JudgeError as error:
        is_one_sentence(error)
        return
    assert [one.key for one in card.rules] == ["1", "2"]


LINE = {"text": "0" * 64, "probability": 0.5, "likeliest": "1", "cut": False, "seconds": 1.5}
LINES = texts(('{"text": "a", "probability": 1}', "{", "}", "[" * 999, "1e999", "NaN", "null", '"text"', ":"), 6)


@tried(line=any_of(lambda random: json.dumps(broken(LINE, random)), LINES))
def test_any_line_of_an_evaluation_that_was_broken_off_is_an_answer_or_passed_over(line: str) -> None:
    row = _row(line)
    if row is not None:
        assert 0.0 <= row[1].probability <= 1.0
        assert row[1].seconds >= 0.0
