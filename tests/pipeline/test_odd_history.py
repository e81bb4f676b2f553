"""A message in a channel's history that the library cannot read holds up nothing that is behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

import bot.pipeline.casework
from bot.discord_io.history import newest_first
from bot.sandbox import serialise
from bot.sandbox.model import Message
from bot.sandbox.snowflake import EPOCH, time_of
from tests.cogs.scripted_stage import running_stage
from tests.pipeline.gateways import all_settled, gateway_of, heard
from tests.stage import Scene, Stage, away_at_first, until

__all__ = ["heard", "running_stage"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

ODD: dict[str, dict[str, Any]] = {
    "author": {"author": "hush-hush"},
    "embeds": {"embeds": None},
    "time of its edit": {"edited_timestamp": "hush-hush"},
}
Odden = Callable[[Message, dict[str, Any]], None]


@pytest.fixture
def odden(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[Odden]:
    """What lets Discord give a message so that the library cannot read it, as its own description does not foresee."""
    odd: dict[str, dict[str, Any]] = {}
    whole = serialise.message

    def message(one: Message) -> dict[str, Any]:
        return whole(one) | odd.get(str(one.id), {})

    monkeypatch.setattr(serialise, "message", message)
    yield lambda one, how: odd.update({str(one.id): how})
    stage.exchanges[:] = [one for one in stage.exchanges if not any(number in str(one.response_body) for number in odd)]


@pytest.mark.parametrize("how", ODD.values(), ids=ODD)
async def test_it_is_passed_over_and_logged_without_its_words(scene: Scene, odden: Odden, how: dict[str, Any]) -> None:
    said = [scene.post(f"hush-hush {number}") for number in range(150)]
    for number in (20, 49, 50, 149):
        odden(said[number], how)
    readable = [one.id for one in reversed(said) if one not in {said[number] for number in (20, 49, 50, 149)}]
    channel: Any = scene.stage.trial.app.client.get_channel(scene.general.id)
    with structlog.testing.capture_logs() as logs:
        assert [one.id async for one in newest_first(channel, EPOCH)] == readable
    skipped = [one for one in logs if one["event"] == "history_message_skipped"]
    assert [one["channel_id"] for one in skipped] == [scene.general.id] * 4
    assert "hush" not in str(logs)
    assert [one.id async for one in newest_first(channel, EPOCH, most=120)] == readable[:117]
    assert [one.id async for one in newest_first(channel, time_of(said[140].id))][:9] == readable[:9]


async def test_a_case_whose_posting_was_not_recorded_is_found_behind_it(
    scene: Scene, odden: Odden, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scene.break_rule("2")
    monkeypatch.setattr(bot.pipeline.casework, "_RETRY_SECONDS", (0.0,))
    logged = away_at_first(scene.store.cases.logged)

    async def after_whom_one_posts(*arguments: Any) -> None:
        odden(scene.post("hush-hush", channel=scene.log), ODD["author"])
        await logged(*arguments)

    monkeypatch.setattr(scene.store.cases, "logged", after_whom_one_posts)
    case = await scene.case(scene.post("come to my shop"))
    posts = [one for one in scene.log.messages if one.author is scene.bot]
    assert [one.id for one in posts] == [case.log_message_id]


async def test_what_was_missed_before_and_after_it_is_back_filled(heard: Scene, odden: Odden) -> None:
    scene = heard
    gateway_of(scene).lose(scene.bot)
    said = [scene.post(f"said meanwhile {number}") for number in range(3)]
    odden(said[1], ODD["author"])
    for message in (said[0], said[2]):
        assert (await scene.settled(message)).submission.missed
    backfill = scene.stage.trial.app.pipeline.backfill

    async def is_whole() -> bool:
        return scene.guild.id not in backfill._behind

    await until(is_whole)
    await all_settled(scene)
    assert [len(scene.stage.of(message)) for message in said] == [1, 0, 1]
