"""A worker that goes wrong in every way: each question is answered or refused in time, and the judge lives on."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.domain.policy_text import parse_policy
from bot.domain.verdict import Verdict
from bot.judge import supervisor
from bot.judge.interface import JudgeError, NoAnswerError
from bot.judge.process import WorkerProcess
from bot.judge.supervisor import LocalJudge
from tests.judge.faulty import FaultyJudge
from tests.stage import until

POLICY = parse_policy("1. No scams or phishing. [delete]\n2. No insults. [warn]")
LIMIT = 30.0
"""Within which all must have ended; a test that waits longer has hung."""
TWICE = "died twice over this message"


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is waited for longer than a test needs."""
    monkeypatch.setattr(supervisor, "_BACKOFF_SECONDS", (0.0,))
    monkeypatch.setattr(supervisor, "_WATCH_SECONDS", 0.05)


@asynccontextmanager
async def running(folder: Path, *at_start: str) -> AsyncIterator[FaultyJudge]:
    judge = FaultyJudge(folder, *at_start)
    async with asyncio.timeout(LIMIT):
        await judge.start()
        try:
            yield judge
        finally:
            await judge.stop()


@pytest.fixture
async def judge(tmp_path: Path) -> AsyncIterator[FaultyJudge]:
    async with running(tmp_path) as one:
        yield one


async def ask(judge: LocalJudge, text: str) -> Verdict:
    return await judge.classify(POLICY, text, text)


async def outcomes(*asked: Awaitable[Any]) -> list[Any]:
    return await asyncio.gather(*asked, return_exceptions=True)


async def asked_together(judge: LocalJudge, *texts: str) -> list[asyncio.Task[Verdict]]:
    """Ask for verdicts so that the worker is told of all before it reads the first: it could die of one meanwhile."""
    worker = judge.worker_pid
    assert worker is not None
    os.kill(worker, signal.SIGSTOP)
    try:
        asked = [asyncio.create_task(ask(judge, text)) for text in texts]
        await holding(lambda: len(judge._requests._owed) == len(texts))
    finally:
        os.kill(worker, signal.SIGCONT)
    return asked


def holding(holds: Callable[[], bool]) -> Awaitable[None]:
    async def held() -> bool:
        return holds()

    return until(held)


def held_back(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Let no worker be started until the event is set."""
    may_start, start = asyncio.Event(), WorkerProcess.start

    async def started(command: list[str]) -> WorkerProcess:
        await may_start.wait()
        return await start(command)

    monkeypatch.setattr(WorkerProcess, "start", started)
    return may_start


FATAL = {
    "crashes": "crash",
    "is killed, as one that takes too much memory is": "killed",
    "meets an instruction it cannot run": "trap",
    "ends amid a line": "half",
    "says a line without end": "long",
    "closes its mouth": "mute",
    "says what is no JSON": "say nonsense",
    "says what is no text": "latin",
    "says an array": "say []",
    "says a number": "say 5",
    "says nothing but null": "say null",
    "nests without end": "deep",
    "answers to no number": 'say {"id": null}',
    "answers to a list": 'say {"id": [1]}',
    "answers to nothing": 'say {"ok": {}}',
}


@pytest.mark.parametrize("how", FATAL)
async def test_a_message_over_which_a_worker_goes_wrong_twice_is_refused_for_good_and_no_other_message_is(
    how: str, judge: FaultyJudge
) -> None:
    await ask(judge, "one before")
    poison = f"{FATAL[how]}| poison"
    others = [f"innocent {number}" for number in range(15)]
    said = await outcomes(*(ask(judge, text) for text in [*others[:7], poison, *others[7:]]))
    refused = said.pop(7)
    assert isinstance(refused, NoAnswerError)
    assert TWICE in str(refused)
    assert all(isinstance(one, Verdict) for one in said)
    assert len(judge.lives_of(poison)) == judge.info().restarts == 2
    assert judge.info().ready
    assert (await ask(judge, "one after")).probabilities


async def test_several_poisoned_messages_among_others_cost_no_other_message_its_verdict(judge: FaultyJudge) -> None:
    await ask(judge, "one before")
    poisons = [f"crash| poison {number}" for number in range(5)]
    others = [f"innocent {number}" for number in range(11)]
    said = await outcomes(*await asked_together(judge, *poisons, *others))
    assert [type(one) for one in said] == [NoAnswerError] * 5 + [Verdict] * 11
    # One death together, then one alone.
    assert judge.info().restarts == 6


async def test_after_a_death_suspects_are_asked_one_at_a_time_and_new_messages_between_them(
    judge: FaultyJudge, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ask(judge, "one before")
    may_start = held_back(monkeypatch)
    asked = await asked_together(judge, "crash| poison", "first", "second")
    await holding(lambda: judge.info().restarts == 1)
    later = [asyncio.create_task(ask(judge, text)) for text in ("third", "fourth")]
    await asyncio.sleep(0)
    may_start.set()
    await outcomes(*asked, *later)
    second, third = ([text for life, _, text in judge.asked() if life == number] for number in (1, 2))
    assert second == ["Good morning!", "crash| poison"]
    assert third == ["Good morning!", "third", "fourth", "first", "second"]


async def test_an_explanation_over_which_two_workers_die_is_refused_and_verdicts_come_before_it(
    judge: FaultyJudge,
) -> None:
    why = asyncio.create_task(judge.explain(POLICY, "crash| poison", "1"))
    said = await outcomes(why, *(ask(judge, f"innocent {number}") for number in range(3)))
    assert isinstance(said[0], NoAnswerError)
    assert all(isinstance(one, Verdict) for one in said[1:])
    assert judge.lives_of("crash| poison") == [0, 1]
    assert max(life for life, _, text in judge.asked() if text.startswith("innocent")) <= 1


@pytest.mark.parametrize("odd", ["twice| words", "other| words"])
async def test_an_answer_too_many_or_to_another_question_changes_nothing(odd: str, judge: FaultyJudge) -> None:
    texts = [odd, "hello", odd + " again", "hello again"]
    said = await outcomes(*(ask(judge, text) for text in texts))
    assert [one.probabilities for one in said] == [{"1": 0.5, "2": 0.5}] * 4
    assert judge.info().restarts == 0


@pytest.mark.parametrize("times", [None, [], {"judge": "long"}, {"judge": float("nan")}, {"judge": 10**400}, {"a": -1}])
async def test_a_verdict_with_no_times_or_none_that_could_be_kept_is_refused(times: object, judge: FaultyJudge) -> None:
    answer = json.dumps({"id": 1, "ok": {"probabilities": {"1": 0.5, "2": 0.5}, "timings_ms": times}})
    with pytest.raises(JudgeError, match=r"^The judge's answer .+\.$"):
        await ask(judge, f"say {answer}| words")
    assert judge.info().restarts == 0


async def test_a_worker_that_hangs_is_replaced_however_much_is_asked_of_it_meanwhile(
    judge: FaultyJudge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "SILENCE_SECONDS", 1.0)
    hanging = asyncio.create_task(ask(judge, "hang| words"))
    await asyncio.sleep(0)
    # More often than it may be silent, and given up before that: nobody waits, and yet it owes all of them.
    while judge.info().restarts == 0:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await ask(judge, "are you there?")
    with pytest.raises(NoAnswerError, match=TWICE):
        await hanging
    assert (await ask(judge, "hello")).probabilities


async def test_a_worker_that_hangs_over_what_nobody_waits_for_any_more_is_replaced(
    judge: FaultyJudge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "SILENCE_SECONDS", 1.0)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await ask(judge, "hang| words")
    assert (await ask(judge, "hello")).probabilities
    assert judge.info().restarts == 1
    assert len(judge.lives_of("hang| words")) == 1


# -- at its start ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["crash", "killed", "half", "say []", "long", "mute"])
async def test_a_worker_that_goes_wrong_before_it_is_ready_is_started_again(how: str, tmp_path: Path) -> None:
    async with running(tmp_path, how, "2") as judge:
        assert (await ask(judge, "hello")).probabilities
        assert judge.info().restarts == 2


@pytest.mark.parametrize(
    ("how", "sentence"), [("killed", "cannot be kept running"), ("unusable", "The model is gone"), ("trap", "machine")]
)
async def test_a_judge_that_is_never_ready_says_why_at_its_start(how: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(JudgeError, match=sentence):
        async with running(tmp_path, how):
            pytest.fail("it started")


async def test_a_worker_that_is_never_ready_ends_the_start_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "START_SECONDS", 0.3)
    with pytest.raises(JudgeError, match="did not load in time"):
        async with running(tmp_path, "hang"):
            pytest.fail("it started")


async def test_where_the_machine_has_no_room_for_a_process_it_is_tried_again(
    judge: FaultyJudge, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ask(judge, "one before")
    start, failed = WorkerProcess.start, 0

    async def no_room_twice(command: list[str]) -> WorkerProcess:
        nonlocal failed
        failed += 1
        if failed <= 2:
            raise BlockingIOError(11, "Resource temporarily unavailable")
        return await start(command)

    monkeypatch.setattr(WorkerProcess, "start", no_room_twice)
    said = await outcomes(ask(judge, "crash| poison"), ask(judge, "hello"))
    assert isinstance(said[0], NoAnswerError)
    assert isinstance(said[1], Verdict)
    assert failed == 4


async def test_an_error_in_the_supervisor_itself_ends_a_worker_and_not_the_judge(
    judge: FaultyJudge, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = supervisor.LocalJudge._hear_answer

    def at_first_not(self: LocalJudge, said: dict[str, Any]) -> None:
        monkeypatch.setattr(supervisor.LocalJudge, "_hear_answer", heard)
        raise ZeroDivisionError

    monkeypatch.setattr(supervisor.LocalJudge, "_hear_answer", at_first_not)
    assert (await ask(judge, "hello")).probabilities
    assert judge.info().restarts == 1


# -- away ------------------------------------------------------------------------------------------------


async def test_a_judge_whose_workers_die_over_anything_is_away_and_refuses_no_message_for_good(
    judge: FaultyJudge,
) -> None:
    asked = [asyncio.create_task(ask(judge, text)) for text in ("crash| poison", "hello", "hello again")]
    judge.at_start = ("killed",)
    said = await outcomes(*asked)
    assert [type(one) for one in said] == [JudgeError] * 3
    assert not judge.info().ready
    with pytest.raises(JudgeError, match="cannot be kept running"):
        await ask(judge, "hello")
    judge.at_start = ()
    await holding(lambda: judge.info().ready)
    assert (await ask(judge, "hello")).probabilities


async def test_a_judge_that_never_answered_anything_calls_few_messages_poisoned_before_it_is_away(
    judge: FaultyJudge,
) -> None:
    texts = [f"crash| whatever is said {number}" for number in range(8)]
    said = await outcomes(*(ask(judge, text) for text in texts))
    assert [type(one) for one in said] == [NoAnswerError] + [JudgeError] * 7


async def test_a_worker_that_cannot_answer_a_harmless_question_is_not_asked_about_messages(
    judge: FaultyJudge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "_HARMLESS", "crash| over anything")
    await ask(judge, "one before")
    said = await outcomes(*(ask(judge, text) for text in ("crash| poison", "hello", "hello again")))
    assert [type(one) for one in said] == [JudgeError] * 3
    assert {life for life, _, text in judge.asked() if text.startswith("hello")} <= {0}
    monkeypatch.setattr(supervisor, "_HARMLESS", "hello")
    await holding(lambda: judge.info().ready)
    assert (await ask(judge, "words")).probabilities


async def test_a_worker_that_answers_everything_with_an_error_is_replaced_and_one_that_does_not_stays(
    judge: FaultyJudge, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def errors() -> list[Any]:
        return await outcomes(*(ask(judge, "error| words") for _ in range(supervisor.MOST_ERRORS)))

    assert {str(one) for one in await errors() + await errors()} == {"It is too much."}
    assert (await ask(judge, "hello")).probabilities
    assert judge.info().restarts == 0
    monkeypatch.setattr(supervisor, "_HARMLESS", "error| as all are")
    await errors()
    await holding(lambda: not judge.info().ready)
    with pytest.raises(JudgeError, match="too much"):
        await ask(judge, "hello")


async def test_a_model_that_can_no_longer_be_loaded_is_tried_again_later_and_says_why_meanwhile(
    judge: FaultyJudge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "_BACKOFF_SECONDS", (0.0,) * supervisor._UNUSABLE + (3_600.0,))
    judge.at_start = ("unusable",)
    said = await outcomes(ask(judge, "crash| poison"), ask(judge, "hello"))
    assert [str(one) for one in said] == ["The model is gone."] * 2
    assert not judge.info().ready
    assert judge.info().restarts == 2
    with pytest.raises(JudgeError, match="The model is gone"):
        await judge.explain(POLICY, "hello", "1")
    restarts = judge.info().restarts
    await judge.stop()
    judge.at_start = ()
    await judge.start()
    assert (await ask(judge, "hello")).probabilities
    assert judge.info().restarts == restarts


async def test_workers_that_are_killed_as_they_load_are_not_started_at_once_for_ever(
    judge: FaultyJudge, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ask(judge, "one before")
    monkeypatch.setattr(supervisor, "_BACKOFF_SECONDS", (0.0,) * supervisor._UNUSABLE + (3_600.0,))
    judge.at_start = ("killed",)
    poison = asyncio.create_task(ask(judge, "crash| poison"))
    with pytest.raises(JudgeError, match="memory for the model"):
        await poison
    # The one that answered, and after it as many as there are short waits.
    await holding(lambda: judge.info().restarts == 1 + supervisor._UNUSABLE)
    assert len((judge.folder / "lives").read_text().splitlines()) == 1 + supervisor._UNUSABLE


async def test_a_judge_that_is_stopped_refuses_what_is_asked(judge: FaultyJudge) -> None:
    asked = asyncio.create_task(ask(judge, "hang| words"))
    await holding(lambda: bool(judge.lives_of("hang| words")))
    await judge.stop()
    with pytest.raises(JudgeError, match="stopped"):
        await asked
    with pytest.raises(JudgeError, match="not running"):
        await ask(judge, "hello")
