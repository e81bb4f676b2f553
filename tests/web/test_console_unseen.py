"""What was said or is set where a moderator cannot look is on no page of the console for them."""

from __future__ import annotations

import pytest

from bot.domain.learned import Lesson
from bot.domain.lawbook import How, PlaceKind
from bot.sandbox.model import Overwrite
from bot.sandbox.permissions import MANAGE_THREADS
from tests.stage import Scene, until
from tests.web.console_client import operator, secret_channel, signed_in, words
from tests.web.graded import grading

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="session")]

SECRET = "quincunx"
PRIVATE_THREAD = 12


async def test_what_was_learned_in_a_hidden_channel_is_not_read_out_with_the_card(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    grading(scene, monkeypatch)
    channel = await secret_channel(scene)
    said = await scene.settled(scene.post(f"the {SECRET} meets today", channel=channel))
    lesson = Lesson("1", "No spam.", breaks=False)
    await scene.store.learned.from_message(scene.guild.id, said.journal_id, lesson, scene.owner.id)
    async with operator(scene) as everything, signed_in(scene, scene.moderator) as moderator:
        assert f"the {SECRET} meets today" in words(await everything.get("policy/card/text"))
        for path in ("policy/card/text", "policy", "policy/card"):
            assert SECRET not in await moderator.get(path)
            assert moderator.status == 200
        assert "(from a channel that you cannot see) is fine" in words(await moderator.get("policy/card/text"))


async def test_a_record_about_a_private_thread_does_not_name_it(scene: Scene) -> None:
    general = scene.general
    scene.server.places.set_overwrite(general, Overwrite(scene.moderator.id, 1, deny=MANAGE_THREADS))
    thread = scene.server.places.open_thread(general, scene.owner, {"name": SECRET, "type": PRIVATE_THREAD})
    await scene.store.guilds.watch(scene.guild.id, thread.id)
    guild = scene.stage.trial.app.client.get_guild(scene.guild.id)
    assert guild is not None

    async def known() -> bool:
        return guild.get_thread(thread.id) is not None

    await until(known)
    async with operator(scene) as everything, signed_in(scene, scene.moderator) as moderator:
        assert f"watched.#{SECRET}" in await everything.get("audit")
        assert SECRET not in await moderator.get("audit")
        scene.server.places.join_thread(thread, scene.moderator)
        assert f"watched.#{SECRET}" in await moderator.get("audit")


async def test_a_record_about_a_hidden_channel_is_not_read_out(scene: Scene) -> None:
    channel = await secret_channel(scene)
    await scene.store.policies.set_how(scene.guild.id, channel.id, PlaceKind.CHANNEL, How.EXTEND, 0)
    async with operator(scene) as everything, signed_in(scene, scene.moderator) as moderator:
        shown = await everything.get("audit")
        assert "watched.#secret" in shown
        assert "policy.#secret.how" in shown
        shown = await moderator.get("audit")
        assert "watched.#general" in shown
        assert "secret" not in shown
        assert str(channel.id) not in shown
        assert "watched.(a channel that you cannot see)" in shown
