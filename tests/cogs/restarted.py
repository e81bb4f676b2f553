"""A bot's process that knows nothing of those before it, for tests of what outlives a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.discord_io.client import LawspeakerClient
from bot.pipeline.pipeline import Pipeline
from bot.sandbox.model import Application
from cogs import add_cogs
from tests.stage import Stage, until


@asynccontextmanager
async def connected(stage: Stage, application: Application, guild_id: int) -> AsyncIterator[LawspeakerClient]:
    """A bot's process as far as its buttons go: a client and cogs that know nothing of those before them."""
    store, judge = stage.trial.app.store, stage.trial.app.judge

    async def set_up() -> None:
        pipeline = Pipeline(client, store, judge)
        await add_cogs(client, store, judge, pipeline.intake, pipeline.reviews, pipeline.reporting)

    async def sees_the_server() -> bool:
        return client.get_guild(guild_id) is not None

    client = LawspeakerClient(set_up)
    running = asyncio.create_task(client.start(application.token))
    try:
        await until(sees_the_server)
        yield client
    finally:
        await client.close()
        await running
