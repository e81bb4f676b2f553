"""`/health` also shows what the bot lacks and cannot see by itself: Discord said so."""

from __future__ import annotations

import pytest

from bot.pipeline import lacks
from bot.sandbox.permissions import MANAGE_MESSAGES
from tests.cogs.live import hand
from tests.cogs.scripted_stage import running_stage
from tests.pipeline.given_up import DELETE
from tests.pipeline.rights import mended, notice_in, told, withdraw
from tests.stage import Scene

__all__ = ["running_stage"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

FORBIDDEN = {"message": "Two factor is required for this operation", "code": 60003}


@pytest.fixture(autouse=True)
def _refusals_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is."""
    monkeypatch.setattr(lacks, "HOLD_SECONDS", 600.0)


async def test_what_discord_demands_stands_in_health_until_it_is_met(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    moderator = await hand(scene, scene.moderator)
    await scene.break_rule("1")
    scene.server.fail(*DELETE, 403, body=FORBIDDEN)
    await scene.case(scene.post("spam"))
    await notice_in(scene, scene.log)
    assert "⚠️ This server demands two-factor authentication" in (await moderator.slash("health")).text
    monkeypatch.setattr(scene.stage.trial.app.pipeline.lacks, "_held", {})
    await scene.case(scene.post("more spam"))
    await mended(scene)
    assert "two-factor" not in (await moderator.slash("health")).text


async def test_a_role_above_the_bots_stands_in_health(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    high = scene.server.moderation.create_role(scene.guild, "high")
    scene.server.world.join(scene.guild, scene.member, [high])
    await scene.break_rule("4")
    await scene.case(scene.post("cheats"))
    await told(scene)
    assert "whoever has one of these roles: **high**" in (await moderator.slash("health")).text


async def test_what_health_sees_by_itself_it_says_once(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    await scene.break_rule("1")
    await withdraw(scene, MANAGE_MESSAGES)
    await scene.case(scene.post("spam"))
    await told(scene)
    assert (await moderator.slash("health")).text.count("Manage Messages") == 1


async def test_a_notice_is_written_in_the_servers_language(scene: Scene) -> None:
    await scene.store.guilds.update(scene.guild.id, language="de")
    await scene.break_rule("1")
    await withdraw(scene, MANAGE_MESSAGES)
    await scene.case(scene.post("spam"))
    await told(scene)
    (notice,) = (one for one in scene.log.messages if not one.embeds)
    assert notice.content.startswith("⚠️ Dem Bot fehlt auf **A server**, was er braucht.")
    assert "**Nachrichten verwalten**" in notice.content
