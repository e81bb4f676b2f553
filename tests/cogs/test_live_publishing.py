"""*Publish*: the law from the next message on, once it can judge, and only for whoever may at that moment."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable

import pytest

from bot.domain.policy import Policy, policy_digest
from bot.judge.supervisor import LocalJudge
from bot.sandbox.model import Message
from cogs.publishing import publish_view
from tests.cogs.live import hand, nothing_changes
from tests.cogs.restarted import connected
from tests.stage import POLICY, Scene, Stage

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="session")]

OTHER = "1. No talk of the weather. [flag]\n"


async def live_number(scene: Scene) -> int | None:
    version = await scene.store.policies.live(scene.guild.id)
    return version.number if version else None


def after_compiling(scene: Scene, monkeypatch: pytest.MonkeyPatch, then: Callable[[], Awaitable[object]]) -> None:
    """Have something happen when the judge has compiled a card, before the bot goes on."""
    judge = scene.stage.trial.app.judge
    compiled = judge.prepare

    async def prepare(policy: Policy) -> None:
        await compiled(policy)
        await then()

    monkeypatch.setattr(judge, "prepare", prepare)


async def test_publishing_answers_once_the_compiled_card_is_live_and_judges_the_very_next_message(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    moderator = await hand(scene, scene.moderator)
    edited = await moderator.edit(OTHER)
    numbers: list[int | None] = []

    async def look() -> None:
        numbers.append(await live_number(scene))

    after_compiling(scene, monkeypatch, look)
    answer = await moderator.press(edited)
    assert answer.content == "Version 2 is live."
    assert [*numbers, await live_number(scene)] == [1, 2]
    judgement = await scene.settled(scene.post("the next message"))
    assert judgement.policy_number == 2
    assert judgement.verdict is not None
    assert judgement.verdict.policy_digest == policy_digest(OTHER)


async def test_a_policy_published_judges_the_messages_that_were_queued_meanwhile(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    moderator = await hand(scene, scene.moderator)
    edited = await moderator.edit(OTHER)
    judge = scene.stage.trial.app.judge
    assert isinstance(judge, LocalJudge)
    pid = judge.worker_pid
    assert pid is not None
    messages: list[Message] = []

    async def post_to_a_stopped_worker() -> None:
        os.kill(pid, signal.SIGSTOP)
        messages.extend(scene.post(f"queued {number}") for number in range(3))
        await scene.queued(3)

    after_compiling(scene, monkeypatch, post_to_a_stopped_worker)
    try:
        answer = await moderator.press(edited)
    finally:
        os.kill(pid, signal.SIGCONT)
    assert answer.content == "Version 2 is live."
    judged = [await scene.settled(message) for message in messages]
    assert [one.policy_number for one in judged] == [2, 2, 2]


async def test_a_first_policy_is_published_by_command_with_a_reason(stage: Stage) -> None:
    scene = await stage.scene(policy=None)
    moderator = await hand(scene, scene.moderator)
    assert (await moderator.slash("policy publish")).content == "There is no draft: write one with /policy edit."
    await moderator.edit(POLICY)
    assert (await moderator.slash("policy publish", reason="a beginning")).content == "Version 1 is live."
    version = await scene.store.policies.live(scene.guild.id)
    assert version is not None
    assert (version.source, version.author_id, version.reason) == (POLICY, scene.moderator.id, "a beginning")


async def test_a_second_press_publishes_nothing_twice(stage: Stage) -> None:
    scene = await stage.scene(policy=None)
    moderator = await hand(scene, scene.moderator)
    edited = await moderator.edit(POLICY)
    answers = await asyncio.gather(moderator.press(edited), moderator.press(edited), moderator.press(edited))
    assert len(await scene.store.policies.history(scene.guild.id)) == 1
    assert "Version 1 is live." in [answer.content for answer in answers]
    assert all(answer.content.startswith("Version 1 is live") for answer in answers)


async def test_a_draft_that_changed_meanwhile_is_not_published_by_the_old_button(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    old = await moderator.edit(OTHER)
    await (await hand(scene, scene.manager)).edit("1. No cats. [flag]\n")
    async with nothing_changes(scene):
        answer = await moderator.press(old)
    assert answer.content.startswith("The draft is another one by now: look at it with /policy show")


async def test_a_draft_that_changes_while_its_card_is_compiled_is_not_published(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    moderator = await hand(scene, scene.moderator)
    edited = await moderator.edit(OTHER)
    other = await hand(scene, scene.manager)
    after_compiling(scene, monkeypatch, lambda: other.edit("1. No cats. [flag]\n"))
    answer = await moderator.press(edited)
    assert answer.content.startswith("The draft has changed")
    assert await live_number(scene) == 1


async def test_a_policy_the_model_cannot_hold_leaves_the_old_law_and_the_draft(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    edited = await moderator.send(f"1. No {'漢字' * 7_000}. [flag]\n")
    async with nothing_changes(scene):
        answer = await moderator.press(edited)
    assert answer.content.startswith("Nothing was published and the draft is kept: ")
    assert "too long" in answer.content


async def test_the_button_asks_for_the_permission_when_it_is_pressed(stage: Stage) -> None:
    scene = await stage.scene(policy=None)
    moderator = await hand(scene, scene.moderator)
    edited = await moderator.edit(POLICY)
    member = scene.guild.members[scene.moderator.id]
    roles = set(member.roles)
    scene.server.moderation.set_roles(scene.guild, scene.owner, member, set(), None)
    async with nothing_changes(scene):
        refused = await moderator.press(edited)
    assert refused.content.startswith("Only moderators may do this")
    scene.server.moderation.set_roles(scene.guild, scene.owner, member, roles, None)
    assert (await moderator.press(edited)).content == "Version 1 is live."


async def test_a_modal_asks_for_the_permission_when_it_is_sent_off(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    editor = await moderator.editor()
    member = scene.guild.members[scene.moderator.id]
    scene.server.moderation.set_roles(scene.guild, scene.owner, member, set(), None)
    async with nothing_changes(scene):
        assert (await moderator.submit(editor, OTHER)).content.startswith("Only moderators may do this")


async def test_the_button_still_works_after_the_bot_restarted(stage: Stage) -> None:
    """Played by a second application on the same Discord: restarting the stage's own would cost every other test."""
    server, world = stage.trial.server, stage.trial.server.world
    application = world.add_application("Restarted")
    scene = await stage.scene(policy=None)
    server.invite(scene.guild, application)
    moderator = await hand(scene, scene.moderator)
    edited = await moderator.edit(POLICY)
    async with connected(stage, application, scene.guild.id) as client:
        channel = client.get_channel(scene.log.id)
        assert channel is not None
        await channel.send(view=publish_view(policy_digest(POLICY)))  # type: ignore[union-attr]
    (post,) = await moderator.client.messages(scene.log.id)
    async with connected(stage, application, scene.guild.id):
        answer = await moderator.client.press(post, "Publish")
    server.commands.replace((application.id, None), [])
    assert answer.content == "Version 1 is live."
    assert (await moderator.press(edited)).content.startswith("Version 1 is live already")
