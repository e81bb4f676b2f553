"""A judge that is away or fails: messages wait in the database, and a human sees what cannot be judged."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
import structlog
from sqlalchemy import select

from bot.domain.decision import Outcome
from bot.domain.records import JournalState
from bot.domain.verdict import Verdict
from bot.judge.interface import JudgeError, JudgeInfo
from bot.pipeline import dispatcher
from bot.pipeline.dispatcher import MOST_ATTEMPTS, MOST_IN_FLIGHT
from bot.sandbox.model import Message
from bot.store import tables
from tests.cogs.live import hand
from tests.cogs.scripted_stage import ScriptedJudge, judge_of, running_stage
from tests.stage import Scene, away_at_first, until

__all__ = ["running_stage"]

pytestmark = pytest.mark.asyncio(loop_scope="session")


class Failing:
    """What the scene's judge does from here on, as the test says: `ready`, and `fail` with the error it raises, if any.

    `asked` are the texts it was asked about; `looks` is how often somebody looked whether it is ready.
    """

    def __init__(self, judge: ScriptedJudge, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ready = True
        self.error: Exception | None = None
        self.asked: list[str] = []
        self._looks = 0
        self._info, self._classify = judge.info, judge.classify
        monkeypatch.setattr(judge, "info", self._told)
        monkeypatch.setattr(judge, "classify", self._judged)

    def _told(self) -> JudgeInfo:
        self._looks += 1
        return replace(self._info(), ready=self.ready)

    async def _judged(self, policy: Any, text: str, *given: Any) -> Verdict:
        self.asked.append(text)
        await self.fails(text)
        return await self._classify(policy, text, *given)

    async def fails(self, text: str) -> None:
        """Raise what it fails with, if it does."""
        if self.error is not None and "hello" not in text:
            raise self.error

    async def looked_at(self, times: int) -> None:
        """Wait until it was looked so many times more whether the judge is ready."""
        enough = self._looks + times
        async with asyncio.timeout(30):
            while self._looks < enough:  # noqa: ASYNC110 - looking leaves no other trace
                await asyncio.sleep(0.01)


@pytest.fixture
def judge(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Iterator[Failing]:
    monkeypatch.setattr(dispatcher, "_RETRY_SECONDS", 0.0)
    monkeypatch.setattr(dispatcher, "IDLE_SECONDS", 0.02)
    with structlog.testing.capture_logs():  # drawing an exception for people takes a second
        yield Failing(judge_of(scene), monkeypatch)


async def journalled(scene: Scene) -> Sequence[tuple[str, int]]:
    """State and count of attempts of all that the server said, in turn."""
    row = tables.Submission
    query = select(row.state, row.attempts).where(row.guild_id == scene.guild.id).order_by(row.id)
    async with scene.store.journal._sessions.read() as session:
        return [(state, attempts) for state, attempts in (await session.execute(query)).all()]


async def at_a_human(scene: Scene, message: Message, reason: str) -> None:
    """The message is a case for a human, who is told why, and nothing was done to it."""
    case = await scene.case(message)
    assert (case.verdict, case.decision.outcome, case.actions) == (None, Outcome.REVIEW, ())
    assert reason in case.decision.reason
    assert not scene.gone(message)


async def test_while_the_judge_is_away_messages_wait_as_moderators_see_and_once_it_is_back_all_are_judged(
    scene: Scene, judge: Failing
) -> None:
    moderator = await hand(scene, scene.moderator)
    judge.ready = False
    messages = [scene.post(f"words {number}") for number in range(5)]
    await scene.queued(5)
    await judge.looked_at(5)
    assert await journalled(scene) == [(JournalState.PENDING, 0)] * 5
    assert judge.asked == []
    told = (await moderator.slash("health")).text
    assert "The judge is not ready" in told
    assert "5 messages wait; the oldest came in <t:" in told
    judge.ready = True
    judged = [await scene.settled(message) for message in messages]
    assert all(one.verdict is not None for one in judged)
    assert await scene.store.cases.list(scene.guild.id) == []
    told = (await moderator.slash("health")).text
    assert "The judge is not ready" not in told
    assert "No message waits to be judged." in told


async def test_a_message_that_is_asked_about_each_time_the_judge_goes_away_is_judged_in_the_end(
    scene: Scene, judge: Failing, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes = MOST_ATTEMPTS + 2

    async def goes_away(_: str) -> None:
        if len(judge.asked) <= goes:
            judge.ready = False
            raise JudgeError("The judge went away.")

    async def gone() -> bool:
        return not judge.ready

    monkeypatch.setattr(judge, "fails", goes_away)
    message = scene.post("words")
    for _ in range(goes):
        await until(gone)
        await judge.looked_at(5)
        judge.ready = True
    assert (await scene.settled(message)).verdict is not None
    assert len(judge.asked) == goes + 1
    assert await scene.store.cases.list(scene.guild.id) == []


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (JudgeError("The judge's answer does not name each rule once."), "does not name each rule once"),
        (KeyError("timings_ms"), "because of an error in the bot"),
        (AttributeError("no such thing"), "because of an error in the bot"),
    ],
)
async def test_a_message_over_which_a_judge_that_is_there_fails_goes_to_a_human_and_others_are_judged(
    error: Exception, told: str, scene: Scene, judge: Failing
) -> None:
    await scene.break_rule("1")
    judge.error = error
    message = scene.post("words")
    await at_a_human(scene, message, told)
    assert judge.asked == ["words"] * MOST_ATTEMPTS
    await scene.break_none()
    assert (await scene.settled(scene.post("hello"))).verdict is not None


async def test_errors_that_end_in_time_cost_a_message_nothing(
    scene: Scene, judge: Failing, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def at_first(_: str) -> None:
        if len(judge.asked) < MOST_ATTEMPTS:
            raise KeyError("timings_ms")

    monkeypatch.setattr(judge, "fails", at_first)
    assert (await scene.settled(scene.post("words"))).verdict is not None


async def test_a_case_that_cannot_be_opened_at_first_is_opened_later(
    scene: Scene, judge: Failing, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = scene.store.journal
    monkeypatch.setattr(journal, "open_case", away_at_first(journal.open_case))
    judge.error = KeyError("timings_ms")
    await at_a_human(scene, scene.post("words"), "because of an error in the bot")


async def test_what_waits_to_be_tried_again_takes_no_room_from_others(
    scene: Scene, judge: Failing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher, "_RETRY_SECONDS", 3_600.0)
    judge.error = JudgeError("The judge failed.")
    for number in range(MOST_IN_FLIGHT):
        scene.post(f"words {number}")
    await scene.queued(MOST_IN_FLIGHT)
    assert (await scene.settled(scene.post("hello"))).verdict is not None
    assert [state for state, _ in await journalled(scene)].count(JournalState.CLAIMED) == MOST_IN_FLIGHT
