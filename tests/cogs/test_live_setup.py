"""`/setup`: a guided set-up in one message with selects and buttons, safe to run again; starts in shadow."""

from __future__ import annotations

import asyncio

import discord
import pytest

from bot.domain.audit import SettingChange
from bot.domain.decision import Mode
from bot.domain.policy_text import parse_policy
from bot.packs import load_packs
from bot.sandbox.answer import Answer
from bot.sandbox.permissions import EMBED_LINKS, VIEW_CHANNEL
from cogs.render_setup import Standing
from cogs.render_watch import Place
from cogs.setup_view import setup_view
from tests.cogs.live import Hand, hand, nothing_changes, opened_to_all
from tests.cogs.restarted import connected
from tests.cogs.scripted_stage import running_stage
from tests.cogs.setting_up import (
    add_channel,
    fresh,
    knows,
    log_in,
    manager,
    marks,
    pick,
    preset,
    publish,
    remove,
    settings_of,
    watch,
)
from tests.stage import Scene, until

__all__ = ["fresh", "manager", "running_stage"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

PACKS = {pack.name: pack.policy for pack in load_packs()}
NOT_A_MANAGER = "This needs the permission Manage Server."


async def test_a_new_server_is_set_up_from_one_message_and_its_first_message_is_judged_in_shadow(
    fresh: Scene, manager: Hand
) -> None:
    shown = await manager.slash("setup")
    assert marks(shown) == ["⬜", "⬜", "⬜", "✅"]
    assert "Still missing: channels, log and policy." in shown.text
    assert shown.buttons == ["Look again"]
    shown = await watch(manager, shown, fresh.general)
    assert shown.content == f"<#{fresh.general.id}> is watched."
    shown = await log_in(manager, shown, fresh.log)
    assert shown.content == f"Cases are posted in <#{fresh.log.id}>."
    shown = await pick(manager, shown, "packs", "scams", "advertising")
    assert shown.content.startswith("Merged into the draft: scams and advertising.")
    assert marks(shown) == ["✅", "✅", "⬜", "✅"]
    shown = await publish(manager, shown)
    assert shown.content == "Version 1 is live."
    assert marks(shown) == ["✅"] * 4
    assert shown.buttons == ["Look again"]
    live = await fresh.store.policies.live(fresh.guild.id)
    assert live is not None
    texts = {rule.text for rule in parse_policy(live.source).rules}
    assert texts == {rule.text for name in ("scams", "advertising") for rule in PACKS[name].rules}
    assert (await settings_of(fresh)).mode is Mode.SHADOW
    assert (await fresh.settled(fresh.post("words"))).mode is Mode.SHADOW


async def test_running_it_again_shows_what_is_set_and_changes_nothing(scene: Scene) -> None:
    someone = await hand(scene, scene.manager)
    before = await scene.store.audit.settings(scene.guild.id)
    async with nothing_changes(scene):
        shown = await someone.slash("setup")
        shown = await someone.press(shown, "Look again")
        shown = await watch(someone, shown, scene.general)
    assert await scene.store.audit.settings(scene.guild.id) == before
    assert shown.content == "Nothing was changed."
    assert (preset(shown, "watch"), preset(shown, "log")) == ({scene.general.id}, {scene.log.id})
    assert "version 1 is live, with 6 rules." in shown.text
    assert "enforce: act" in shown.text


async def test_a_change_of_channels_adds_and_removes_exactly_what_was_picked(fresh: Scene, manager: Hand) -> None:
    one, two = await add_channel(fresh, "one"), await add_channel(fresh, "two")
    shown = await watch(manager, await manager.slash("setup"), fresh.general, one)
    await fresh.store.guilds.watch(fresh.guild.id, one.id, Mode.ENFORCE)
    shown = await watch(manager, shown, one, two)
    assert shown.content == f"<#{two.id}> is watched. <#{fresh.general.id}> is watched no longer."
    assert (await settings_of(fresh)).watched == {one.id: Mode.ENFORCE, two.id: None}
    assert preset(shown, "watch") == {one.id, two.id}


async def test_threads_and_more_than_25_are_left_as_they_are_and_named(fresh: Scene, manager: Hand) -> None:
    channels = [await add_channel(fresh, f"c{number}") for number in range(27)]
    for channel in channels:
        await fresh.store.guilds.watch(fresh.guild.id, channel.id)
    thread = fresh.server.places.open_thread(channels[0], fresh.owner, {"name": "a-thread", "type": 11})
    await until(lambda: knows(fresh, thread, True))
    await fresh.store.guilds.watch(fresh.guild.id, thread.id)
    shown = await manager.slash("setup")
    assert preset(shown, "watch") == {channel.id for channel in channels[:25]}
    (named,) = [one["value"] for one in shown.embeds[0]["fields"] if one["name"].startswith("Watched too")]
    assert named.splitlines() == [f"<#{one.id}>" for one in (*channels[25:], thread)]
    await watch(manager, shown)
    assert set((await settings_of(fresh)).watched) == {channels[25].id, channels[26].id, thread.id}


async def test_two_managers_at_once_change_only_what_each_touches(fresh: Scene, manager: Hand) -> None:
    owner = await hand(fresh, fresh.owner)
    one, two = await add_channel(fresh, "one"), await add_channel(fresh, "two")
    await fresh.store.guilds.watch(fresh.guild.id, fresh.general.id)
    mine, theirs, late = [await someone.slash("setup") for someone in (manager, owner, owner)]
    await asyncio.gather(watch(manager, mine, one), watch(owner, theirs, fresh.general, two))
    assert set((await settings_of(fresh)).watched) == {one.id, two.id}
    await log_in(manager, mine, fresh.log)
    shown = await pick(owner, late, "mode", "enforce")
    assert preset(shown, "log") == {fresh.log.id}
    settings = await settings_of(fresh)
    assert (settings.mode, settings.log_channel_id) == (Mode.ENFORCE, fresh.log.id)


async def test_permissions_that_the_bot_lacks_are_named_with_the_remedy(fresh: Scene, manager: Hand) -> None:
    hidden, mute = await add_channel(fresh, "hidden", VIEW_CHANNEL), await add_channel(fresh, "mute", EMBED_LINKS)
    shown = await watch(manager, await manager.slash("setup"), hidden)
    assert "View Channel" in shown.text
    assert f"in <#{hidden.id}>: grant it to the bot's role." in shown.text
    assert marks(shown)[0] == "⚠️"
    await log_in(manager, shown, fresh.log)
    async with nothing_changes(fresh):
        shown = await log_in(manager, shown, mute)
    assert shown.content == (
        f"The log stays as it was, because the bot lacks Embed Links in <#{mute.id}>: grant it to the bot's role and "
        "pick it again."
    )
    assert preset(shown, "log") == {fresh.log.id}


async def test_the_log_can_be_taken_out_again(fresh: Scene, manager: Hand) -> None:
    shown = await log_in(manager, await manager.slash("setup"), fresh.log)
    shown = await log_in(manager, shown)
    assert shown.content == "Cases are posted no longer; they are still kept."
    assert (await settings_of(fresh)).log_channel_id is None


async def test_a_channel_deleted_meanwhile_gets_a_sentence_and_nothing_is_half_made(
    fresh: Scene, manager: Hand
) -> None:
    one, gone = await add_channel(fresh, "one"), await add_channel(fresh, "gone")
    shown = await manager.slash("setup")
    # Deleted while the pick was on its way, so that Discord resolved it for the bot and now has it no longer.
    known = fresh.stage.trial.app.client.get_guild(fresh.guild.id)
    assert known is not None
    known._channels.pop(gone.id)
    fresh.server.fail("GET", "/channels/{channel_id}", 404)
    async with nothing_changes(fresh):
        shown = await watch(manager, shown, one, gone)
    assert shown.content.startswith(f"Nothing was changed: <#{gone.id}> is deleted, or hidden from the bot")
    assert preset(shown, "watch") == set()


async def test_a_change_that_fails_on_its_way_is_taken_back_as_a_whole(
    fresh: Scene, manager: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, taken_out, one = [await add_channel(fresh, name) for name in ("kept", "taken-out", "one")]
    await fresh.store.guilds.watch(fresh.guild.id, kept.id)
    await fresh.store.guilds.watch(fresh.guild.id, taken_out.id)
    await fresh.store.guilds.watch(fresh.guild.id, fresh.general.id, Mode.OFF)
    assert fresh.general.id < taken_out.id
    shown = await manager.slash("setup")
    unwatch, fails_for = fresh.store.guilds.unwatch, taken_out.id

    async def fails_at_the_last(guild_id: int, channel_id: int, **how: int) -> bool:
        if channel_id == fails_for:
            raise OSError("the database is away")
        return await unwatch(guild_id, channel_id, **how)

    monkeypatch.setattr(fresh.store.guilds, "unwatch", fails_at_the_last)
    async with nothing_changes(fresh):
        failed = await watch(manager, shown, kept, one)
    assert failed.content.endswith("Nothing was changed.")


async def test_a_watched_channel_and_a_log_that_are_gone_show_as_gone(fresh: Scene, manager: Hand) -> None:
    gone = await add_channel(fresh, "gone")
    shown = await log_in(manager, await watch(manager, await manager.slash("setup"), gone, fresh.general), gone)
    await remove(fresh, gone)
    shown = await manager.press(shown, "Look again")
    assert marks(shown)[:2] == ["⚠️", "⚠️"]
    assert f"<#{gone.id}> is deleted, or hidden from the bot" in shown.text
    assert (preset(shown, "watch"), preset(shown, "log")) == ({fresh.general.id}, set())


async def test_the_permission_is_asked_for_at_every_use(fresh: Scene, manager: Hand) -> None:
    shown = await pick(manager, await manager.slash("setup"), "packs", "scams")
    moderator = fresh.moderator_role_id
    fresh.server.moderation.set_roles(
        fresh.guild, fresh.owner, fresh.guild.members[fresh.manager.id], {moderator}, None
    )
    with opened_to_all(fresh):
        async with nothing_changes(fresh):
            answers = [
                await manager.slash("setup"),
                await watch(manager, shown, fresh.general),
                await log_in(manager, shown, fresh.log),
                await pick(manager, shown, "packs", "advertising"),
                await pick(manager, shown, "mode", "off"),
                await manager.press(shown),
                await manager.press(shown, "Look again"),
            ]
    assert {answer.content for answer in answers} == {NOT_A_MANAGER}


async def test_the_controls_still_work_after_the_bot_restarted(fresh: Scene, manager: Hand) -> None:
    """Played by a second application on the same Discord: restarting the stage's own would cost every other test."""
    server, one = fresh.server, await add_channel(fresh, "one")
    application = server.world.add_application("Restarted")
    server.invite(fresh.guild, application)
    guild_id = fresh.guild.id
    await fresh.store.guilds.watch(guild_id, fresh.general.id)
    draft = await fresh.store.policies.save_draft(guild_id, "1. No cats. [flag]\n", fresh.manager.id)
    settings = await settings_of(fresh)
    place = Place(fresh.general.id, Mode.SHADOW, is_own_mode=False)
    async with connected(fresh.stage, application, guild_id) as client:
        channel = client.get_channel(fresh.log.id)
        assert isinstance(channel, discord.TextChannel)
        await channel.send(view=setup_view(Standing(settings, [place], [], None, None, draft)))
    (post,) = await manager.client.messages(fresh.log.id)
    shown = Answer("", message=post)
    async with connected(fresh.stage, application, guild_id):
        await watch(manager, shown, one)
        await log_in(manager, shown, fresh.log)
        await pick(manager, shown, "mode", "enforce")
        assert (await publish(manager, shown)).content == "Version 1 is live."
        assert (await pick(manager, shown, "packs", "scams")).content.startswith("Merged into the draft: scams.")
    server.commands.replace((application.id, None), [])
    settings = await settings_of(fresh)
    assert (set(settings.watched), settings.log_channel_id) == ({one.id}, fresh.log.id)
    assert settings.mode is Mode.ENFORCE


async def test_every_change_is_on_record_with_who_made_it(fresh: Scene, manager: Hand) -> None:
    one = await add_channel(fresh, "one")
    shown = await watch(manager, await manager.slash("setup"), one)
    shown = await watch(manager, shown)
    shown = await log_in(manager, shown, fresh.log)
    await pick(manager, shown, "mode", "enforce")
    changes: tuple[SettingChange, ...] = await fresh.store.audit.settings(fresh.guild.id)
    assert len(changes) == 4
    assert {change.author_id for change in changes} == {fresh.manager.id}
