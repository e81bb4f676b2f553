"""What was missed is read after the fact: who was forgotten meanwhile stays forgotten."""

from __future__ import annotations

import discord
import pytest

from tests.cogs.scripted_stage import running_stage
from tests.stage import Scene

__all__ = ["running_stage"]

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_of_who_is_forgotten_while_the_history_is_read_nothing_comes_in(scene: Scene) -> None:
    app = scene.stage.trial.app
    posted = scene.post("words of a member")
    await scene.settled(posted)
    channel = app.client.get_channel(scene.general.id)
    assert isinstance(channel, discord.TextChannel)
    message, moment = await channel.fetch_message(posted.id), app.pipeline.intake.moment()
    assert await app.pipeline.intake.on_missed(message, [], moment)
    await app.pipeline.intake.forget(scene.guild.id, scene.member.id)
    assert not await app.pipeline.intake.on_missed(message, [], moment)
    assert len(scene.stage.of(posted)) == 1
