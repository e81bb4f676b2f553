"""A page of the database that is corrupt: the bot says so and stays on Discord, and nothing is decided without it."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from bot.store.engine import sqlite_file
from tests.cogs.live import hand
from tests.cogs.scripted_stage import running_stage
from tests.stage import Scene, until
from tests.store.faulty import corrupt

__all__ = ["running_stage"]

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_message_whose_law_cannot_be_read_waits_and_is_not_acted_on(scene: Scene) -> None:
    app = scene.stage.trial.app
    await scene.break_rule("1")
    file = sqlite_file(scene.store.url)
    assert file is not None
    await scene.store.close()  # the connections have the page in their memory; the store opens others
    corrupt(file, "policy_versions")

    async def is_told() -> bool:
        return app.missing() == ["database"]

    with capture_logs():  # to draw a traceback takes seconds
        said = scene.post("breaks rule 1")
        await until(is_told)
        await scene.queued(1)
    assert app.client.is_connected()
    assert not scene.gone(said)
    assert "cannot use its database" in str((await (await hand(scene, scene.manager)).slash("health")).content)
