"""Events that the library cannot read are skipped, and logged without their words; the bot goes on."""

from __future__ import annotations

from typing import Any

import pytest
import structlog

from bot.discord_io.client import LawspeakerClient
from bot.sandbox import serialise
from tests.cogs.scripted_stage import running_stage
from tests.stage import Scene

__all__ = ["running_stage"]
pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize(
    ("event", "odd"),
    [
        ("MESSAGE_CREATE", {"author": "hush-hush"}),
        ("MESSAGE_CREATE", {"id": "hush-hush"}),
        ("MESSAGE_CREATE", {"embeds": None}),
        ("MESSAGE_UPDATE", {"edited_timestamp": "hush-hush"}),
        ("MESSAGE_DELETE", {"id": "hush-hush"}),
        ("CHANNEL_UPDATE", {"guild_id": "hush-hush"}),
        ("GUILD_ROLE_CREATE", {"guild_id": ["hush-hush"]}),
        ("INTERACTION_CREATE", {"id": {"hush-hush": 1}}),
    ],
)
async def test_an_event_that_cannot_be_read_is_skipped_and_the_next_message_judged(
    scene: Scene, event: str, odd: dict[str, Any]
) -> None:
    told = serialise.gateway_message(scene.post("words from before"))
    (session,) = scene.server.hub.of(scene.bot)
    with structlog.testing.capture_logs() as logs:
        session.tell(event, {**told, **odd})
        judgement = await scene.settled(scene.post("words from after"))
    assert judgement.verdict is not None
    assert scene.stage.trial.app.client.is_connected()
    (skipped,) = [one for one in logs if one["event"] == "gateway_event_skipped"]
    assert (skipped["event_name"], skipped["log_level"]) == (event, "error")
    assert skipped["at"].partition(":")[0].endswith(".py")
    assert "hush" not in str(logs)


async def test_without_its_first_event_there_is_no_session_to_go_on_with() -> None:
    async def nothing() -> None: ...

    parse = LawspeakerClient(nothing)._connection.parsers["READY"]
    with pytest.raises(KeyError):
        parse({})
