"""The same message twice costs once, counted apart; an error is never a repeat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from bot.judge.answering import BEFORE_CHARACTERS
from bot.judge.engine import EngineError
from bot.judge.judging import Answer, Asked, TooLongError
from bot.judge.repeats import Repeats, repeat_key
from bot.judge.worker import Worker

LONG, BROKEN, SETTLED = "too long", "broken", "settled"
BEFORE = {"context": [["ada", "who is for lunch?"], ["bo", "me"]]}


class CountingJudging:
    """Answers at once and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.behind: list[tuple[tuple[str, ...], str]] = []

    def classify(self, asked: Sequence[Asked]) -> list[Answer]:
        self.asked += [one.text for one in asked]
        if any(one.text == BROKEN for one in asked):
            raise EngineError("It broke.")
        return [TooLongError("Too long.") if one.text == LONG else {"1": 0.5} for one in asked]

    def may_change(self, asked: Asked, answer: Answer) -> bool:
        return bool(asked.before) and asked.text != SETTLED

    def in_context(self, asked: Sequence[Asked]) -> list[Answer]:
        self.behind += [(one.before, one.text) for one in asked]
        return [{"1": 0.9} for _ in asked]


class NothingToExplain:
    """Explanations of which none is asked for."""

    def __bool__(self) -> bool:
        return False


@pytest.fixture
def judging() -> CountingJudging:
    return CountingJudging()


@pytest.fixture
def sent() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def worker(judging: CountingJudging, sent: list[dict[str, Any]]) -> Worker:
    return Worker(judging, NothingToExplain(), sent.append)  # type: ignore[arg-type]


def request(number: int, text: str, **other: Any) -> dict[str, Any]:
    return {"id": number, "op": "classify", "digest": "a policy", "source": "…", "text": text, "seen": None, **other}


def repeats(sent: list[dict[str, Any]]) -> list[int]:
    return [answer["id"] for answer in sent if "repeat" in answer.get("ok", {}).get("timings_ms", {})]


def test_the_same_message_again_is_answered_without_the_model(
    worker: Worker, judging: CountingJudging, sent: list[dict[str, Any]]
) -> None:
    worker.answer([request(1, "hello")])
    worker.answer([request(2, "hello"), request(3, "hi")])
    assert judging.asked == ["hello", "hi"]
    assert [answer["ok"]["probabilities"] for answer in sent] == [{"1": 0.5}] * 3
    assert repeats(sent) == [2]


def test_the_same_message_several_times_at_once_is_judged_once(
    worker: Worker, judging: CountingJudging, sent: list[dict[str, Any]]
) -> None:
    worker.answer([request(number, "hello") for number in range(5)])
    assert judging.asked == ["hello"]
    assert len(sent) == 5
    assert repeats(sent) == [1, 2, 3, 4]


@pytest.mark.parametrize("other", [{"digest": "another policy"}, {"seen": "hel"}])
def test_under_another_policy_or_sight_it_is_judged_again(
    worker: Worker, judging: CountingJudging, other: dict[str, Any]
) -> None:
    worker.answer([request(1, "hello"), request(2, "hello", **other)])
    assert judging.asked == ["hello", "hello"]


def test_what_was_said_before_is_in_sight_where_it_may_change_the_verdict(
    worker: Worker, judging: CountingJudging, sent: list[dict[str, Any]]
) -> None:
    worker.answer([request(1, "hello", **BEFORE), request(2, SETTLED, **BEFORE), request(3, "hello")])
    assert judging.asked == ["hello", SETTLED]
    assert judging.behind == [(("who is for lunch?", "me"), "hello")]
    told = {answer["id"]: answer["ok"]["probabilities"]["1"] for answer in sent}
    # The mean of even odds and of nine to one; what is settled is told first.
    assert told == pytest.approx({1: 0.75, 2: 0.5, 3: 0.5})
    assert [answer["id"] for answer in sent] == [2, 3, 1]


def test_of_a_message_before_only_so_much_is_read_and_nothing_of_an_empty_one(
    worker: Worker, judging: CountingJudging
) -> None:
    worker.answer([request(1, "hello", context=[["ada", "word " * 200], ["bo", ""]])])
    ((before, _),) = judging.behind
    assert [len(line) for line in before] == [BEFORE_CHARACTERS]


def test_a_settled_message_is_the_same_message_whatever_was_said_before_it(
    worker: Worker, judging: CountingJudging, sent: list[dict[str, Any]]
) -> None:
    worker.answer([request(1, SETTLED, **BEFORE)])
    worker.answer([request(2, SETTLED, context=[["cy", "something else"]])])
    assert judging.asked == [SETTLED]
    assert repeats(sent) == [2]


def test_the_same_message_behind_the_same_words_is_judged_once_behind_others_again(
    worker: Worker, judging: CountingJudging, sent: list[dict[str, Any]]
) -> None:
    worker.answer([request(1, "hello", **BEFORE)])
    worker.answer([request(2, "hello", **BEFORE)])
    worker.answer([request(3, "hello", context=[["cy", "something else"]])])
    assert judging.asked == ["hello"]
    assert [before for before, _ in judging.behind] == [("who is for lunch?", "me"), ("something else",)]
    assert repeats(sent) == [2]


@pytest.mark.parametrize("text", [LONG, BROKEN])
def test_an_error_is_never_given_again_without_trying(
    worker: Worker, judging: CountingJudging, sent: list[dict[str, Any]], text: str
) -> None:
    worker.answer([request(1, text)])
    worker.answer([request(2, text)])
    assert judging.asked == [text, text]
    assert all("error" in answer for answer in sent)


def test_a_message_that_cannot_be_judged_does_not_spoil_those_beside_it(
    worker: Worker, sent: list[dict[str, Any]]
) -> None:
    worker.answer([request(1, "hello"), request(2, BROKEN), request(3, BROKEN), request(4, "hello")])
    assert {answer["id"] for answer in sent if "ok" in answer} == {1, 4}
    assert {answer["id"] for answer in sent if "error" in answer} == {2, 3}


def test_the_answers_used_longest_ago_are_forgotten() -> None:
    held = Repeats(most=2)
    for key in (b"1", b"2", b"1", b"3"):
        if held.recall(key) is None:
            held.keep(key, key)
    assert (held.recall(b"1"), held.recall(b"2"), held.recall(b"3")) == (b"1", None, b"3")


def test_a_key_is_of_what_is_judged_not_of_who_asks() -> None:
    assert repeat_key(request(1, "hello")) == repeat_key(request(2, "hello") | {"source": "longer"})
    assert repeat_key(request(1, "hello")) != repeat_key(request(1, "hello "))
