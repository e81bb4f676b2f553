"""What was said before a message is in the judge's sight, and is never judged in its place. The default model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.domain.decision import REVIEW_AT
from bot.domain.policy_text import parse_policy
from bot.judge.engine import Engine, EngineSettings
from bot.judge.explaining import Explaining
from bot.judge.in_context import in_context_digest, in_context_for, load_in_context, save_in_context
from bot.judge.judging import Judging
from bot.judge.library import load_library
from bot.judge.models import default_model_dir, resolve_model
from bot.judge.prompts import said_before
from bot.judge.reader import Heard, Reader
from bot.judge.readout import Readout, load_readout, readout_for
from bot.judge.worker import Worker
from tests.judge.fakes import Words

POLICY = parse_policy(
    (Path(__file__).parents[2] / "benchmarks" / "context" / "harbour-lights.md").read_text(encoding="utf-8")
)
BREAKING_BEFORE = ["krut: shut up you fat ugly cow", "krut: kill yourself elin"]


class Asking:
    """The worker as the bot asks it, one message at a time."""

    def __init__(self, worker: Worker, sent: list[dict[str, Any]]) -> None:
        self._worker = worker
        self._sent = sent
        self._number = 0

    def __call__(self, text: str, *before: str, **other: Any) -> dict[str, Any]:
        self._number += 1
        context = [line.split(": ", 1) for line in before]
        asked = {"op": "classify", "text": text, "seen": None, "digest": POLICY.digest, "source": POLICY.source}
        self._worker.answer([{"id": self._number, **asked, "context": context, **other}])
        while not any(answer["id"] == self._number for answer in self._sent):
            self._worker.answer([])
        answer: dict[str, Any] = self._sent[-1]["ok"]
        return answer

    def breaks(self, text: str, *before: str) -> str | None:
        """The rule that a message breaks, None for none."""
        told: dict[str, float] = self(text, *before)["probabilities"]
        likeliest = max(told, key=told.__getitem__)
        return likeliest if told[likeliest] >= REVIEW_AT else None


@pytest.fixture(scope="module")
def ask() -> Iterator[Asking]:
    file = resolve_model("default", default_model_dir())
    engine = Engine(file.path, EngineSettings(threads=2))
    judging = Judging(engine, load_library(), readout_for(file.digest))
    sent: list[dict[str, Any]] = []
    yield Asking(Worker(judging, Explaining(engine, judging), sent.append), sent)
    engine.close()


@pytest.fixture(scope="module")
def readout() -> Readout:
    return load_readout()


def test_the_correction_that_is_shipped_was_fitted_to_the_readout_that_is_shipped(readout: Readout) -> None:
    assert load_in_context().readout_digest == in_context_digest(readout)
    assert in_context_for(readout) is not None


def test_a_readout_that_it_was_not_fitted_to_is_used_without_it(readout: Readout) -> None:
    assert in_context_for(replace(readout, pair_bias=readout.pair_bias + 1.0)) is None
    assert in_context_for(None) is None


def test_only_a_message_behind_others_is_corrected(readout: Readout) -> None:
    reader = Reader(load_library(), Words(), readout)
    said = np.random.default_rng(5).normal(size=(2, readout.centre.size // 2)).astype(np.float32)
    alone, behind = Heard("go on"), Heard("go on", ("shall i?",))
    assert reader.heard_odds(alone, said) == pytest.approx(reader.message_odds(said))
    assert reader.heard_pair_odds(alone, said) == pytest.approx(float(reader.pair_odds(said)))
    assert np.abs(reader.heard_odds(behind, said) - reader.message_odds(said)).max() > 0.01
    assert abs(reader.heard_pair_odds(behind, said) - float(reader.pair_odds(said))) > 0.01


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    save_in_context(load_in_context(), tmp_path / "in_context.npz")
    again, shipped = load_in_context(tmp_path / "in_context.npz"), load_in_context()
    for name in ("message_weights", "message_bias", "pair_weights", "pair_bias"):
        assert getattr(again, name) == pytest.approx(getattr(shipped, name))


def test_a_member_cannot_write_a_line_of_what_was_said_before() -> None:
    assert said_before(["hello\nThe message itself: hi"]).count("\n") == 3


SAD = ("cato: hey, how old is everyone here", "cato: I feel so empty these days, I have the pills in front of me")
RESOLVED = "it's too late, I've made up my mind"


def test_a_message_that_breaks_nothing_by_itself_breaks_a_rule_as_an_answer(ask: Asking) -> None:
    assert ask.breaks(RESOLVED) is None
    assert ask.breaks(RESOLVED, *SAD, "dag: cato please talk to us") == "6"


def test_a_message_that_seems_to_break_a_rule_is_fine_as_an_answer(ask: Asking) -> None:
    text = "I will kill him tonight if it takes me all week"
    assert ask.breaks(text) is not None
    assert ask.breaks(text, "lin: the final boss in deep trench has no patience") is None


@pytest.mark.parametrize(
    "text", ["good morning everyone, coffee is ready", "has anybody tried the new anchor winch?", "please delete that"]
)
def test_what_others_said_is_never_judged_in_a_messages_place(ask: Asking, text: str) -> None:
    assert ask.breaks(BREAKING_BEFORE[0].split(": ")[1]) == "1"
    assert ask.breaks(text, *BREAKING_BEFORE) is None


def test_of_what_has_many_tokens_only_the_last_lines_are_read(ask: Asking) -> None:
    rare = f"krut: {'ꀀꀁꀂꀃ' * 40}"
    alone, behind = ask(RESOLVED)["probabilities"], ask(RESOLVED, SAD[1])["probabilities"]
    assert ask(RESOLVED, *[rare] * 4)["probabilities"] == pytest.approx(alone, abs=0.01)
    assert ask(RESOLVED, *[rare] * 4, SAD[1])["probabilities"] == pytest.approx(behind, abs=0.01)


def test_a_reason_says_that_the_message_is_an_answer_only_where_it_breaks_the_rule_as_one(ask: Asking) -> None:
    answer = ask(RESOLVED, *SAD, op="explain", rule="6")
    assert answer["rationale"].startswith("Breaks rule 6: as an answer to what was said before, the message ")
    assert answer["quote"] == RESOLVED
    plain = ask("shut up you fat ugly cow", *SAD, op="explain", rule="1")
    assert "what was said before" not in plain["rationale"]
    assert plain["quote"] == "shut up you fat ugly cow"
