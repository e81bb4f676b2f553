"""Rationales are written side by side and do not stall verdicts. Real inference."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import llama_cpp
import pytest

from bot.domain.policy_text import parse_policy
from bot.judge.engine import Continuation, Engine, EngineError, EngineSettings
from bot.judge.explaining import Explained, Explaining
from bot.judge.judging import Asked, Judging
from bot.judge.library import Library
from bot.judge.models import ModelFile
from bot.judge.worker import Worker

pytestmark = pytest.mark.model

POLICY = parse_policy("1. No scams or phishing. [delete]\n2. No insults. [warn]")
BEFORE = "A list of fruit and their colours.\nA banana is yellow. A cherry is red. A banana is yellow.\n"
ASKED = ("A cherry is", "A banana is", "A list of fruit and their")
MOST = 6


@pytest.fixture(scope="module")
def engine(tiny: ModelFile) -> Iterator[Engine]:
    made = Engine(tiny.path, EngineSettings(context_tokens=4_096, batch_tokens=128, sequences=64, threads=1))
    yield made
    made.close()


@pytest.fixture(scope="module")
def judging(engine: Engine) -> Judging:
    return Judging(engine, Library((), ("hello there",)), None)


@pytest.fixture
def explaining(engine: Engine, judging: Judging) -> Explaining:
    return Explaining(engine, judging)


def asked(text: str) -> Asked:
    return Asked(POLICY.digest, POLICY.source, text)


def continuations(engine: Engine) -> list[Continuation]:
    return [Continuation(engine.prefix(BEFORE), engine.tokenize(text)) for text in ASKED]


def never(_: str) -> bool:
    return False


def test_texts_written_together_are_those_written_alone(engine: Engine) -> None:
    alone = [engine.generate(one, MOST, never) for one in continuations(engine)]
    writings = engine.begin(continuations(engine), MOST, never)
    while not all(writing.done for writing in writings):
        engine.advance(writings)
    # Copying what stands just before is what this model is surest of; further on a batch may turn a tie.
    for writing, text in zip(writings, alone, strict=True):
        assert writing.text.split()[:1] == text.split()[:1]
    assert len({writing.text for writing in writings}) > 1


def test_a_token_of_each_text_is_written_in_one_call(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    writings = engine.begin(continuations(engine), MOST, never)
    calls: list[int] = []
    decode = llama_cpp.llama_decode

    def counting(context: object, batch: object) -> int:
        calls.append(batch.n_tokens)  # type: ignore[attr-defined]
        return int(decode(context, batch))

    monkeypatch.setattr(llama_cpp, "llama_decode", counting)
    engine.advance(writings)
    for writing in writings:
        engine.end(writing)
    assert calls == [len(ASKED)]


def test_each_text_stops_for_its_own_reason_and_gives_its_sequence_back(engine: Engine) -> None:
    asked = continuations(engine)
    free = len(engine._free)
    short = engine.begin(asked[:1], 2, never)[0]
    stopped = engine.begin(asked[1:2], MOST, lambda text: len(text) > 3)[0]
    left = engine.begin(asked[2:], MOST, never)[0]
    while not (short.done and stopped.done):
        engine.advance([short, stopped])
    assert len(short.tokens) <= 2
    assert len(stopped.tokens) < MOST or len(stopped.text) > 3
    engine.end(left)
    engine.end(left)
    assert len(engine._free) == free


def test_what_a_text_stands_behind_is_not_dropped_while_it_is_written(engine: Engine) -> None:
    base = engine.prefix(BEFORE)
    (writing,) = engine.begin([Continuation(base, engine.tokenize(ASKED[0]))], 64, never)
    for number in range(40):
        engine.prefix(f"Number {number}.")
    assert engine.prefix(BEFORE) is base
    engine.end(writing)


def test_there_is_room_for_one_text_always_and_for_more_only_beside_a_batch_of_messages(engine: Engine) -> None:
    assert engine.room_to_write(100_000)
    assert not engine.room_to_write(100_000, others=1)
    assert engine.room_to_write(100, others=1)
    assert not engine.room_to_write(100, others=8)


def test_several_explanations_each_name_their_rule_and_quote_their_message(
    engine: Engine, explaining: Explaining
) -> None:
    long = "The weather is nice today. " * 8 + "Claim your free prize at gift.example now!"
    texts = ["you fool", long, "free prize at gift.example", "nobody likes you"]
    free = len(engine._free)
    tasks = [explaining.ask(asked(text), "2") for text in texts]
    unknown = explaining.ask(asked("hello"), "9")
    for _ in range(500):
        if not explaining:
            break
        explaining.step()
    assert isinstance(unknown.outcome, KeyError)
    for task, text in zip(tasks, texts, strict=True):
        assert isinstance(task.outcome, Explained)
        assert task.outcome.quote
        assert task.outcome.quote in text
        assert "rule 2" in task.outcome.rationale.casefold()
    assert engine._writings == []
    assert len(engine._free) >= free - 6  # the prefixes that were made stay


def test_when_writing_fails_all_that_was_begun_ends_and_gives_its_memory_back(
    engine: Engine, explaining: Explaining, monkeypatch: pytest.MonkeyPatch
) -> None:
    explaining.explain(asked("you fool"), "2")
    free = len(engine._free)
    tasks = [explaining.ask(asked(text), "2") for text in ("you fool", "you idiot")]
    explaining.step()
    with monkeypatch.context() as patched:
        patched.setattr(llama_cpp, "llama_decode", lambda *_: -1)
        explaining.step()
    assert all(isinstance(task.outcome, EngineError | Explained) for task in tasks)
    assert not explaining
    assert len(engine._free) == free
    assert explaining.explain(asked("you fool"), "2").quote == "you fool"


def request(number: int, op: str, text: str, **other: Any) -> dict[str, Any]:
    return {"id": number, "op": op, "digest": POLICY.digest, "source": POLICY.source, "text": text, **other}


def test_a_verdict_asked_for_while_rationales_are_written_arrives_before_them(
    judging: Judging, explaining: Explaining
) -> None:
    sent: list[dict[str, Any]] = []
    worker = Worker(judging, explaining, sent.append)
    worker.answer([request(number, "explain", f"you fool number {number}", rule="2") for number in range(4)])
    worker.answer([])
    assert not sent
    worker.answer([request(9, "classify", "hello there", seen=None)])
    assert sent[0]["id"] == 9
    for _ in range(200):
        worker.answer([])
    assert {answer["id"] for answer in sent} == {0, 1, 2, 3, 9}


def test_the_same_explanation_is_written_once_for_all_that_ask(judging: Judging, explaining: Explaining) -> None:
    sent: list[dict[str, Any]] = []
    worker = Worker(judging, explaining, sent.append)
    worker.answer([request(number, "explain", "you fool", rule="2") for number in range(3)])
    for _ in range(100):
        worker.answer([])
    worker.answer([request(3, "explain", "you fool", rule="2")])
    assert [answer["id"] for answer in sent] == [0, 1, 2, 3]
    assert len({answer["ok"]["rationale"] for answer in sent}) == 1
    worker.answer([request(4, "explain", "you fool", rule="9")])
    for _ in range(3):
        worker.answer([])
    assert sent[-1] == {"id": 4, "error": "The policy has no such rule."}


def test_a_model_with_a_tiny_context_refuses_each_message_in_one_sentence_and_lives_on(tiny: ModelFile) -> None:
    engine = Engine(tiny.path, EngineSettings(context_tokens=128, batch_tokens=64, sequences=8, threads=1))
    try:
        judging = Judging(engine, Library((), ("hello there " * 300,)), None)
        sent: list[dict[str, Any]] = []
        worker = Worker(judging, Explaining(engine, judging), sent.append)
        worker.answer([request(1, "classify", "hello", seen=None), request(2, "explain", "hello", rule="2")])
        for _ in range(100):
            worker.answer([])
        assert [answer["id"] for answer in sent] == [1, 2]
        assert all("too long for the model's context: shorten" in answer["error"] for answer in sent)
    finally:
        engine.close()
