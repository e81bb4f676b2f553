"""The bot leaves a server, and comes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.store.tables import Guild
from tests.cogs.scripted_stage import running_stage
from tests.stage import Scene, until

__all__ = ["running_stage"]
pytestmark = pytest.mark.asyncio(loop_scope="session")


async def left(scene: Scene) -> bool:
    async with scene.store._engine.connect() as connection:
        return await connection.scalar(select(Guild.left_at).where(Guild.id == scene.guild.id)) is not None


async def test_leaving_is_recorded_and_coming_back_cancels_it(scene: Scene) -> None:
    async def gone() -> bool:
        return await left(scene)

    async def back() -> bool:
        return not await left(scene)

    assert not await left(scene)
    scene.server.moderation.leave(scene.guild, scene.bot)
    await until(gone)
    scene.server.invite(scene.guild, scene.stage.trial.application)
    await until(back)
    assert scene.guild.id not in await scene.store.departures.remove_due(datetime.now(UTC) + timedelta(days=30))


async def test_a_server_that_is_only_unavailable_was_not_left(scene: Scene) -> None:
    client = scene.stage.trial.app.client
    client._connection.parse_guild_delete({"id": str(scene.guild.id), "unavailable": True})
    await scene.store.departures.notice({guild.id for guild in client.guilds}, datetime.now(UTC))
    assert not await left(scene)
