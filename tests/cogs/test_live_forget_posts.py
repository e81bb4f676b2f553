"""`/privacy forget` where posts in the mod log cannot be edited: it is said, and nothing of it is lost."""

from __future__ import annotations

import pytest

from bot.sandbox.permissions import VIEW_CHANNEL
from tests.cogs.live import hand
from tests.cogs.scripted_stage import running_stage
from tests.cogs.test_live_forget import a_case, ask, history, log_text, press, records
from tests.stage import Scene

__all__ = ["running_stage"]
pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_post_that_was_deleted_is_said_and_its_case_loses_the_id(scene: Scene) -> None:
    number = await history(scene)
    (post,) = scene.log.messages
    scene.server.posting.delete(post)
    manager = await hand(scene, scene.manager)
    answer = await press(manager, await ask(manager, scene))
    assert f"The post of case {number} had been deleted from the mod log before." in answer.content
    assert str(scene.member.id) not in await records(scene)


async def test_a_log_channel_that_is_gone_is_said(scene: Scene) -> None:
    number = await history(scene)
    scene.server.places.remove(scene.log)
    manager = await hand(scene, scene.manager)
    answer = await press(manager, await ask(manager, scene))
    assert f"The post of case {number} had been deleted" in answer.content


async def test_posts_the_bot_may_not_edit_are_said_and_found_again_once_it_may(scene: Scene) -> None:
    await history(scene)
    await a_case(scene, "my other secret shop")
    refusal = {"id": str(scene.bot.id), "type": 1, "allow": "0", "deny": str(VIEW_CHANNEL)}
    scene.server.places.change(scene.log, {"permission_overwrites": [refusal]})
    manager = await hand(scene, scene.manager)
    answer = await press(manager, await ask(manager, scene))
    assert "The posts of cases 1, 2 could not be edited, because the bot may not" in answer.content
    assert "0 posts in the mod log" in answer.content
    assert "secret" not in await records(scene)
    assert "secret" in log_text(scene)
    scene.server.places.change(scene.log, {"permission_overwrites": []})
    answer = await press(manager, await ask(manager, scene))
    assert "2 posts in the mod log" in answer.content
    assert "secret" not in log_text(scene)
    assert str(scene.member.id) not in await records(scene)


async def test_a_discord_that_fails_is_said_and_nothing_is_lost(scene: Scene) -> None:
    number = await history(scene)
    scene.server.fail("PATCH", "/channels/{channel_id}/messages/{message_id}", 503)
    manager = await hand(scene, scene.manager)
    answer = await press(manager, await ask(manager, scene))
    assert f"Discord did not take the change of the post of case {number}: run this again." in answer.content
    assert "1 post in the mod log" in (await press(manager, await ask(manager, scene))).content
    assert "secret" not in log_text(scene)
