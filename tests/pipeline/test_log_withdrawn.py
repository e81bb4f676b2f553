"""Where cases are posted: a channel that takes no posts is told once, where moderators can see it, with the fix."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.pipeline import lacks
from bot.pipeline.heads import HeadPosts
from bot.sandbox import permissions
from bot.sandbox.model import Overwrite
from tests.cogs.scripted_stage import running_stage
from tests.pipeline.given_up import POST, became
from tests.pipeline.rights import (
    asked,
    breaking,
    cases_in,
    forgotten,
    letters_to,
    mended,
    notice_in,
    notices,
    told,
    withdraw,
)
from tests.stage import Scene

__all__ = ["running_stage"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

MISSING = {"message": "Missing Permissions", "code": 50013}
LOCKED = {"message": "Thread is locked", "code": 160005}
REFUSING: dict[str, Any] = {"status": 403, "body": MISSING}


@pytest.fixture(autouse=True)
def _refusals_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is."""
    monkeypatch.setattr(lacks, "HOLD_SECONDS", 600.0)


async def with_review(scene: Scene) -> Any:
    """A server with a review channel; every message calls a human."""
    review = scene.server.places.create(scene.guild, {"name": "review"})
    await scene.store.guilds.update(scene.guild.id, review_channel_id=review.id)
    await breaking(scene, "6")
    return review


@pytest.mark.parametrize("how", ["hidden", "mute", "without embeds", "deleted", "refusing", "locked"])
async def test_a_review_channel_that_takes_no_posts_is_told_once_in_the_log(scene: Scene, how: str) -> None:
    review = await with_review(scene)
    denied = {
        "hidden": permissions.VIEW_CHANNEL,
        "mute": permissions.SEND_MESSAGES,
        "without embeds": permissions.EMBED_LINKS,
    }
    if how in denied:
        scene.server.places.set_overwrite(review, Overwrite(scene.bot.id, 1, deny=denied[how]))
    elif how == "deleted":
        await forgotten(scene, review)
    for number in range(3):
        if how == "locked" or (how == "refusing" and number == 0):
            scene.server.fail(*POST, **({"status": 400, "body": LOCKED} if how == "locked" else REFUSING))
        await called(scene, number)
        await told(scene)
    notice = await notice_in(scene, scene.log)
    assert f"<#{review.id}>" in notice.content
    assert not list(review.messages)
    assert len(cases_in(scene.log)) == 3
    assert asked(scene, POST) == 4, "three cases and a notice"


async def called(scene: Scene, number: int) -> None:
    """A human is called in the log, in place of the review channel."""
    case = await scene.case(scene.post(f"I cannot go on {number}"))
    outcome, note = became(case)["escalate"]
    assert outcome == "done"
    assert note.startswith("posted here, because ")


@pytest.mark.parametrize("how", ["hidden", "deleted"])
async def test_a_log_channel_that_takes_no_posts_is_told_in_the_review_channel(scene: Scene, how: str) -> None:
    review = await with_review(scene)
    await scene.break_rule("2")
    if how == "deleted":
        await forgotten(scene, scene.log)
    else:
        scene.server.places.set_overwrite(scene.log, Overwrite(scene.bot.id, 1, deny=permissions.VIEW_CHANNEL))
    for number in range(3):
        assert (await scene.case(scene.post(f"a shop {number}"))).log_message_id is None
    assert f"<#{scene.log.id}>" in (await notice_in(scene, review)).content
    assert asked(scene, POST) == 1
    if how == "deleted":
        await scene.store.guilds.update(scene.guild.id, log_channel_id=review.id)
    else:
        scene.server.places.remove_overwrite(scene.log, scene.bot.id)
        await scene.settled(scene.post("nothing"))
    await mended(scene)


async def test_a_log_channel_that_is_deleted_is_told_before_a_case_needs_it(scene: Scene) -> None:
    review = await with_review(scene)
    other = scene.server.places.create(scene.guild, {"name": "other"})
    await forgotten(scene, other)
    await forgotten(scene, scene.log)
    notice = await notice_in(scene, review)
    assert f"<#{scene.log.id}>" in notice.content
    assert f"<#{other.id}>" not in notice.content


async def test_where_no_channel_takes_a_notice_the_owner_is_told_once(scene: Scene) -> None:
    await breaking(scene, "6")
    await withdraw(scene, permissions.SEND_MESSAGES)
    for number in range(3):
        case = await scene.case(scene.post(f"I cannot go on {number}"))
        assert became(case)["escalate"][0] == "failed"
    await told(scene)
    await notices(scene).look([scene.guild.id])
    (letter,) = letters_to(scene, scene.owner)
    assert f"It cannot post cases in <#{scene.log.id}>" in letter


async def test_an_owner_who_takes_no_letters_is_asked_once_and_moderators_are_told_when_it_is_possible(
    scene: Scene,
) -> None:
    scene.owner.dms_closed = True
    await breaking(scene, "2")
    scene.server.places.set_overwrite(scene.log, Overwrite(scene.bot.id, 1, deny=permissions.SEND_MESSAGES))
    await scene.case(scene.post("a shop"))
    for _ in range(3):
        await notices(scene).look([scene.guild.id])
    assert asked(scene, POST) <= 1
    scene.server.places.set_overwrite(scene.log, Overwrite(scene.bot.id, 1, deny=permissions.EMBED_LINKS))
    await scene.case(scene.post("another shop"))
    await notices(scene).look([scene.guild.id])
    assert "**Embed Links**" in (await notice_in(scene, scene.log)).content


async def test_a_head_that_cannot_be_posted_is_not_tried_each_hour_and_is_told(scene: Scene) -> None:
    review = await with_review(scene)
    scene.server.places.set_overwrite(scene.log, Overwrite(scene.bot.id, 1, deny=permissions.VIEW_CHANNEL))
    await scene.case(scene.post("I cannot go on"))
    scene.stage.exchanges.clear()
    app = scene.stage.trial.app
    for _ in range(3):
        await HeadPosts(app.client, scene.store, app.pipeline.lacks).post_due(datetime.now(UTC))
    here = f"/channels/{scene.log.id}"
    assert [one for one in scene.stage.exchanges if one.by_bot and here in one.path] == []
    assert f"<#{scene.log.id}>" in (await notice_in(scene, review)).content
