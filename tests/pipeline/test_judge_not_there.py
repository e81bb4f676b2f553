"""Cases do not wait for a judge that is away: they are posted, and explained where they stand once it is back."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.verdict import Verdict
from bot.judge.interface import JudgeInfo
from bot.sandbox.model import Message
from tests.cogs.scripted_stage import DIGEST, ScriptedJudge, held, judge_of, running_stage  # noqa: F401 - a fixture
from tests.pipeline.given_up import became, casework
from tests.stage import Scene, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

REASON = "It says I cannot go on, which breaks rule 6."


async def the_post(scene: Scene) -> Message:
    """The first post of the mod log, once it is there."""

    async def is_there() -> bool:
        return bool(list(scene.log.messages))

    await until(is_there)
    post: Message = next(iter(scene.log.messages))
    return post


def gone_after_its_verdict(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> ScriptedJudge:
    """The scene's judge, which is away from its first verdict on."""
    judge = judge_of(scene)
    classify = judge.classify

    async def once(*arguments: Any, **named: Any) -> Verdict:
        verdict = await classify(*arguments, **named)
        monkeypatch.setattr(judge, "info", lambda: JudgeInfo("scripted", DIGEST, ready=False))
        return verdict

    monkeypatch.setattr(judge, "classify", once)
    return judge


async def test_a_human_is_called_at_once_and_told_why_when_the_judge_is_back(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = gone_after_its_verdict(scene, monkeypatch)
    await scene.break_rule("6")
    with held(judge.may_explain):
        message = scene.post("I cannot go on")
        post = await the_post(scene)
        assert post.mention_roles == [scene.moderator_role_id]
        assert REASON not in str(post.embeds)
    case = await scene.case(message)
    (post,) = scene.log.messages
    assert REASON in str(post.embeds)
    assert became(case) == {"escalate": ("done", "")}


async def test_a_judge_that_goes_away_while_it_explains_holds_up_nobody(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = judge_of(scene)
    await scene.break_rule("6")
    with held(judge.may_explain):
        message = scene.post("I cannot go on")

        async def is_explaining() -> bool:
            return judge.explaining == 1

        await until(is_explaining)
        monkeypatch.setattr(judge, "info", lambda: JudgeInfo("scripted", DIGEST, ready=False))
        await the_post(scene)
    await scene.case(message)
    assert REASON in str((await the_post(scene)).embeds)


async def test_a_process_that_died_before_it_showed_the_reason_shows_it_in_its_next_life(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = gone_after_its_verdict(scene, monkeypatch)
    await scene.break_rule("6")
    with held(judge.may_explain):
        message = scene.post("I cannot go on")
        await the_post(scene)

        async def is_recorded() -> bool:
            (case,) = await scene.store.cases.list(scene.guild.id)
            return case.log_message_id is not None

        await until(is_recorded)
        await casework(scene).stop()
    await casework(scene).resume()
    await scene.case(message)
    (post,) = scene.log.messages
    assert REASON in str(post.embeds)
