"""`/policy test` and *Check against policy*: what would be done, live and draft side by side; and nothing is."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.decision import Mode, Thresholds, ThresholdTable
from bot.sandbox.posting import Upload
from tests.cogs.by_words import judging_by_words
from tests.cogs.live import Hand, hand, nothing_changes
from tests.stage import POLICY, Scene, Stage

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="session")]

DRAFT = POLICY.replace("1. No spam. [delete]", "1. No spam. [warn, timeout 1h]") + "7. No cats. [flag]\n"


def columns(answer: Any) -> dict[str, str]:
    """What stands side by side, by its head."""
    (embed,) = answer.embeds
    return {field["name"]: field["value"] for field in embed["fields"] if field.get("inline")}


async def by_default(scene: Scene) -> Hand:
    """A moderator of a server with the thresholds that servers have by default."""
    await scene.store.guilds.update(scene.guild.id, thresholds=ThresholdTable())
    return await hand(scene, scene.moderator)


async def nothing_on_record(scene: Scene) -> bool:
    return not await scene.store.cases.list(scene.guild.id) and not await scene.store.journal.backlog()


async def test_a_text_is_tried_under_the_live_policy_and_the_draft_side_by_side(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = judging_by_words(scene, monkeypatch)
    moderator = await by_default(scene)
    await moderator.send(DRAFT)
    async with nothing_changes(scene):
        answer = await moderator.slash("policy test", text="this is spam")
    live, draft = columns(answer)["Live: version 1"], columns(answer)["The draft"]
    assert "**Would be done:** delete\n" in live
    assert "**Would be done:** warn, timeout 1h\n" in draft
    for column in (live, draft):
        assert "**Likeliest rule 1:** 97% (acts from 85%, asks from 50%)" in column
        assert "No spam." in column
        assert r"**Reason:** It says what rule 1 forbids." in column
        assert "**Quote:** ||this is spam||" in column
    assert judge.explained == [("this is spam", "1")] * 2
    assert await nothing_on_record(scene)


async def test_what_only_the_draft_catches_is_fine_under_the_live_policy(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = judging_by_words(scene, monkeypatch)
    moderator = await by_default(scene)
    await moderator.send(DRAFT)
    answer = await moderator.slash("policy test", text="look at my cats")
    assert "nothing: the message is fine" in columns(answer)["Live: version 1"]
    assert "**Would be done:** flag" in columns(answer)["The draft"]
    assert judge.explained == [("look at my cats", "7")]


async def test_the_servers_thresholds_and_mode_say_what_would_be_done(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    judging_by_words(scene, monkeypatch)
    moderator = await by_default(scene)
    guild_id = scene.guild.id
    await scene.store.guilds.update(guild_id, mode=Mode.SHADOW)
    said = columns(await moderator.slash("policy test", text="spam"))
    assert list(said) == ["Live: version 1"]
    assert "nothing, as the mode is shadow; when enforced: delete" in said["Live: version 1"]
    strict = ThresholdTable(Thresholds(), {"1": Thresholds(0.99, 0.6)})
    await scene.store.guilds.update(guild_id, mode=Mode.ENFORCE, thresholds=strict)
    column = columns(await moderator.slash("policy test", text="spam"))["Live: version 1"]
    assert "a human is asked" in column
    assert "(acts from 99%, asks from 60%)" in column


async def test_a_watched_channels_own_mode_counts_there(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    judging_by_words(scene, monkeypatch)
    moderator = await by_default(scene)
    await scene.store.guilds.watch(scene.guild.id, scene.general.id, Mode.OFF)
    column = columns(await moderator.slash("policy test", text="spam"))["Live: version 1"]
    assert "nothing, as the mode is off; when enforced: delete" in column


async def test_the_text_is_read_with_evasions_undone_and_shown_harmless(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    judging_by_words(scene, monkeypatch)
    moderator = await by_default(scene)
    answer = await moderator.slash("policy test", text="@everyone s p a m [x](https://x.example)")
    assert "**Would be done:** delete" in columns(answer)["Live: version 1"]
    assert "Read as" in answer.text
    assert "@everyone" not in answer.text
    assert "](https://" not in answer.text
    assert not answer.shown["mention_everyone"]


async def test_the_judge_away_and_a_server_without_a_policy_get_a_sentence(
    stage: Stage, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = judging_by_words(scene, monkeypatch)
    judge.away = "The judge is restarting: try again."
    moderator = await by_default(scene)
    answer = await moderator.slash("policy test", text="spam")
    assert (answer.content, answer.embeds) == ("Nothing could be tried: The judge is restarting: try again.", [])
    checked = await moderator.menu("Check against policy", scene.post("spam", author=scene.moderator))
    assert checked.content == answer.content
    bare = await stage.scene(policy=None)
    newcomer = await hand(bare, bare.moderator)
    answer = await newcomer.slash("policy test", text="spam")
    assert answer.content == "There is no policy yet: write one with /policy edit."
    assert (await newcomer.slash("policy test", text=" ")).content.startswith("Give a text to try")


async def test_the_longest_text_and_rules_stay_within_discords_limits(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    judging_by_words(scene, monkeypatch)
    moderator = await by_default(scene)
    await moderator.send("1. No " + "|*_" * 1_000 + " spam. [delete]\n")
    answer = await moderator.slash("policy test", text="s\u200bpam ||" + "*|" * 1_996)
    assert len(columns(answer)) == 2


async def test_a_message_is_checked_as_intake_would_hand_it_in_and_nothing_is_done_to_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = judging_by_words(scene, monkeypatch)
    moderator = await by_default(scene)
    await moderator.send(DRAFT)
    scene.post("first", author=scene.moderator)
    notes = Upload("notes.txt", "more cаts".encode(), "text/plain")
    message = scene.post("look", author=scene.moderator, files=[notes])
    judge.asked.clear()
    async with nothing_changes(scene):
        answer = await moderator.menu("Check against policy", message)
    assert "**Would be done:** flag" in columns(answer)["The draft"]
    assert f"/{scene.general.id}/{message.id}" in answer.text
    (text, normalised, context), _ = judge.asked
    assert text.splitlines() == ["look", "notes.txt", "more cаts"]
    assert "more cats" in normalised
    assert [(one.author, one.text) for one in context] == [("a-moderator", "first")]
    assert not scene.gone(message)
    assert await nothing_on_record(scene)


async def test_a_message_without_text_gets_a_sentence(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    judging_by_words(scene, monkeypatch)
    moderator = await by_default(scene)
    message = scene.post("words", author=scene.moderator)
    message.content = ""
    answer = await moderator.menu("Check against policy", message)
    assert answer.content == "That message has no text to judge."
