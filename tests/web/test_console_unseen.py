"""What was said or is set where a moderator cannot look is on no page of the console for them."""

from __future__ import annotations

import pytest

from bot.domain.lawbook import How, PlaceKind
from bot.domain.learned import Lesson
from bot.sandbox.model import Overwrite
from bot.sandbox.permissions import MANAGE_THREADS
from tests.stage import POLICY, Scene, until
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


async def test_what_publishing_says_of_hidden_channels_does_not_name_them(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    grading(scene, monkeypatch)
    channel = await secret_channel(scene)
    policies, guild_id = scene.store.policies, scene.guild.id
    await policies.set_how(guild_id, channel.id, PlaceKind.CHANNEL, How.EXTEND, 0)
    draft = await policies.save_draft(guild_id, "9. No birds. [flag]\n", 0, place_id=channel.id)
    await policies.publish(guild_id, draft.digest, 0, place_id=channel.id)
    async with signed_in(scene, scene.owner) as owner, signed_in(scene, scene.moderator) as moderator:
        for reader, word, is_named in ((owner, "cats", True), (moderator, "dogs", False)):
            live = await policies.live(guild_id)
            assert live is not None
            source = f"{POLICY}7. No {word}. [flag]\n"
            shown = words(await reader.post("policy/edit/publish", source=source, draft="", live=live.digest))
            assert "It counts in" in shown, shown
            assert ("#secret" in shown) is is_named


async def test_what_somebody_writes_in_the_markup_of_a_time_or_a_place_is_only_text(scene: Scene) -> None:
    channel = await secret_channel(scene)
    async with signed_in(scene, scene.moderator) as moderator:
        for written in (f"<#{channel.id}>", "<t:-99999999999>", "<t:99999999999:F>", f"<@{scene.owner.id}>"):
            for path in ("check", "keep"):
                shown = await moderator.post(f"policy/edit/{path}", source=f"1. No {written}. [{written}]\n")
                assert moderator.status == 200, (written, path, words(shown))
                assert "secret" not in shown
                assert scene.owner.name not in shown
