"""The head of a chain is posted to the mod log once a day, also over restarts; forgetting leaves the chain whole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from bot.pipeline.heads import HeadPosts
from bot.pipeline.lacks import Lacks
from bot.sandbox.model import Message
from tests.cogs.live import hand
from tests.cogs.restarted import connected
from tests.cogs.scripted_stage import running_stage
from tests.stage import Scene, away_at_first
from tests.store.chained import findings

__all__ = ["running_stage"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

NOW = datetime(2026, 1, 2, 23, 59, tzinfo=UTC)
DAY = timedelta(days=1)


def heads(scene: Scene) -> HeadPosts:
    """What posts heads, as it is after a start."""
    app = scene.stage.trial.app
    return HeadPosts(app.client, app.store, Lacks())


def posts(scene: Scene) -> list[Message]:
    return [one for one in scene.log.messages if "the chain of this server's records" in one.content]


async def head_of(scene: Scene) -> str:
    covered = await scene.store.chain.covered(scene.guild.id)
    assert covered is not None
    return f"link {covered.head.sequence}, whose hash is `{covered.head.hash.hex()}`"


async def test_the_head_is_posted_once_a_day_also_over_restarts(scene: Scene) -> None:
    first = await head_of(scene)
    await heads(scene).post_due(NOW)
    await scene.break_rule("1")
    await heads(scene).post_due(NOW)
    async with connected(scene.stage, scene.stage.trial.application, scene.guild.id) as client:
        await HeadPosts(client, scene.store, Lacks()).post_due(NOW)
    (post,) = posts(scene)
    assert first in post.content
    assert post.content.startswith("On 2026-01-02 ")
    second = await head_of(scene)
    assert second != first
    await heads(scene).post_due(NOW + timedelta(minutes=1))
    await heads(scene).post_due(NOW + DAY)
    assert [second in one.content for one in posts(scene)] == [False, True]


async def test_a_post_that_was_not_recorded_is_found_again_however_many_came_after_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    posting = scene.store.head_posts
    today = datetime.now(UTC)
    monkeypatch.setattr(posting, "posted", away_at_first(posting.posted))
    # Of all servers that have something to post it is the first whose post is lost: it must be this one.
    for guild in scene.stage.trial.app.client.guilds:
        if guild.id != scene.guild.id:
            await scene.store.guilds.update(guild.id, log_channel_id=None)
    await heads(scene).post_due(today)
    assert len(posts(scene)) == 1
    for number in range(250):
        scene.server.post(scene.moderator, scene.log, f"talk {number}")
    async with scene.store._engine.begin() as connection:  # by then Discord knows the nonce no longer
        await connection.execute(text("UPDATE chain_posts SET nonce = 'another'"))
    await heads(scene).post_due(today)
    await heads(scene).post_due(today)
    assert len(posts(scene)) == 1


async def test_where_there_is_no_log_channel_nothing_is_posted_until_there_is_one(scene: Scene) -> None:
    scene.server.places.remove(scene.log)
    await heads(scene).post_due(NOW)
    await scene.store.guilds.update(scene.guild.id, log_channel_id=None)
    await heads(scene).post_due(NOW)
    await scene.store.guilds.update(scene.guild.id, log_channel_id=scene.general.id)
    await heads(scene).post_due(NOW)
    (post,) = scene.general.messages
    assert "the chain of this server's records" in post.content


async def test_forgetting_a_member_leaves_the_chain_whole_and_on_record_who_wanted_it(scene: Scene) -> None:
    await scene.break_rule("2")
    await scene.case(scene.post("come to my secret shop"))
    manager = await hand(scene, scene.manager)
    asked = await manager.slash("privacy forget", member=scene.member.id)
    await manager.press(asked, "Erase for good")
    async with scene.store._engine.connect() as connection:
        query = f"SELECT kind, by_id FROM chain_links WHERE event = 'erased' AND guild_id = {scene.guild.id}"
        erased = {(kind, by_id) for kind, by_id in await connection.execute(text(query))}
    kinds = ("message.words", "message.author", "verdict.reasons")
    assert erased == {(kind, scene.manager.id) for kind in kinds}
    assert [str(one) for one in await findings(scene.store)] == []
