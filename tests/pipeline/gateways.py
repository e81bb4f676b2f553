"""A gateway that a test can trouble: quick where Discord takes seconds, with a server that the bot has listened to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from bot.discord_io.request_gate import Window
from bot.sandbox.gateway import Gateway
from tests.stage import Scene, until

QUIET_SECONDS = 4.0


def gateway_of(scene: Scene) -> Gateway:
    gateway: Gateway = scene.server.gateway
    return gateway


def client_of(scene: Scene) -> Any:
    """The bot's client."""
    return scene.stage.trial.app.client


async def connected(scene: Scene) -> None:
    """Return when the bot is, and knows the server."""

    async def holds() -> bool:
        guild = client_of(scene).get_guild(scene.guild.id)
        return client_of(scene).is_connected() and guild is not None and not guild.unavailable

    await until(holds)


async def all_settled(scene: Scene) -> None:
    """Return when nothing of the server waits to be settled."""

    async def nothing_waits() -> bool:
        return not (await scene.store.journal.backlog()).get(scene.guild.id)

    await until(nothing_waits)


@pytest_asyncio.fixture(loop_scope="session")
async def heard(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    """A server that the bot has listened to, on a gateway that is quick."""
    client, gateway = client_of(scene), gateway_of(scene)

    async def at_once(_shard: int | None, *, initial: bool = False) -> None: ...

    monkeypatch.setattr(client, "before_identify_hook", at_once)
    monkeypatch.setattr(client._connection, "guild_ready_timeout", 0.1)
    monkeypatch.setattr(client.request_gate, "_connected", Window(1_000, 1.0))
    # So that what a test makes of them is undone.
    monkeypatch.setattr(client._connection, "heartbeat_timeout", client._connection.heartbeat_timeout)
    monkeypatch.setattr(gateway, "heartbeat_seconds", gateway.heartbeat_seconds)
    await resumed(scene)
    await scene.stage.trial.app.pipeline.backfill._note_heard()
    yield scene
    gateway.faults.clear()
    scene.server.hub.unavailable.clear()
    await connected(scene)


async def resumed(scene: Scene) -> None:
    """Cut the bot off, and return when it is back."""
    gateway = gateway_of(scene)
    resumes = gateway.resumes
    gateway.cut(scene.bot)

    async def has_begun_anew() -> bool:
        return gateway.resumes > resumes

    await until(has_begun_anew)
    await connected(scene)


async def beating_fast(scene: Scene) -> None:
    """Let heartbeats come every few seconds; after QUIET_SECONDS without a frame the client gives the gateway up."""
    client_of(scene)._connection.heartbeat_timeout = QUIET_SECONDS
    gateway_of(scene).heartbeat_seconds = QUIET_SECONDS / 2
    await resumed(scene)
