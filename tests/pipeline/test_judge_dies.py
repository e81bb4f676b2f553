"""The bot with a judge whose process dies: of one message, and of all. No model is needed for it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.domain.decision import Outcome
from bot.judge import supervisor
from bot.pipeline import dispatcher
from tests.cogs.live import hand
from tests.cogs.scripted_stage import stage_with
from tests.judge.faulty import FaultyJudge
from tests.sandbox.openapi import OpenApi
from tests.stage import Scene, Stage, until

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def running_stage(tmp_path_factory: pytest.TempPathFactory, description: OpenApi | None) -> AsyncIterator[Stage]:
    """The bot with the faulty judge, for all tests of this file."""
    folder = tmp_path_factory.mktemp("faulty")
    async with stage_with(FaultyJudge(folder), folder, description) as stage:
        yield stage


@pytest.fixture
def judge(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> FaultyJudge:
    monkeypatch.setattr(supervisor, "_BACKOFF_SECONDS", (0.0,))
    monkeypatch.setattr(dispatcher, "_RETRY_SECONDS", 0.0)
    judge = scene.stage.trial.app.judge
    assert isinstance(judge, FaultyJudge)
    return judge


async def test_a_message_that_kills_the_worker_twice_goes_to_a_human_and_all_that_came_with_it_are_judged(
    scene: Scene, judge: FaultyJudge
) -> None:
    other = await scene.stage.scene()
    before = judge.info().restarts
    innocents = [scene.post(f"words {number}") for number in range(7)]
    poison = scene.post("killed| poison")
    innocents += [other.post(f"words {number}") for number in range(8)]
    case = await scene.case(poison)
    assert (case.verdict, case.decision.outcome, case.actions) == (None, Outcome.REVIEW, ())
    assert "died twice over this message" in case.decision.reason
    assert not scene.gone(poison)
    for message in innocents:
        judgement = await scene.settled(message)
        assert judgement.verdict is not None
        assert judgement.decision.outcome is Outcome.ALLOW
    assert judge.info().restarts == before + 2
    assert len(judge.lives_of("killed| poison")) == 2
    assert [one.number for one in await scene.store.cases.list(scene.guild.id)] == [case.number]
    assert await other.store.cases.list(other.guild.id) == []


async def test_while_no_worker_can_be_kept_running_messages_wait_and_are_judged_when_one_can(
    scene: Scene, judge: FaultyJudge
) -> None:
    moderator = await hand(scene, scene.moderator)
    judge.at_start = ("killed",)
    poison = scene.post("killed| at once")

    async def away() -> bool:
        return not judge.info().ready

    await until(away)
    messages = [scene.post(f"words {number}") for number in range(20)]
    await scene.queued(21)
    told = (await moderator.slash("health")).text
    assert "The judge is not ready" in told
    assert "21 messages wait; the oldest came in <t:" in told
    assert await scene.store.cases.list(scene.guild.id) == []
    judge.at_start = ()
    assert all([(await scene.settled(message)).verdict for message in messages])
    assert (await scene.case(poison)).verdict is None
    assert len(await scene.store.cases.list(scene.guild.id)) == 1
