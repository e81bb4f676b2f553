"""`/setup`: a guided set-up in one message with selects and buttons, safe to run again; starts in shadow."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest
import pytest_asyncio

from bot.domain.audit import SettingChange
from bot.domain.decision import Mode
from bot.domain.guild import GuildSettings
from bot.domain.policy import Policy
from bot.domain.policy_text import parse_policy
from bot.judge.interface import JudgeError
from bot.packs import load_packs
from bot.sandbox.answer import Answer, Json, walk
from bot.sandbox.model import Channel
from bot.sandbox.permissions import EMBED_LINKS, MANAGE_GUILD, MODERATOR, VIEW_CHANNEL
from cogs.setup import COMPILING
from tests.cogs.live import Hand, hand, nothing_changes, opened_to_all
from tests.cogs.scripted_stage import held, judge_of, running_stage
from tests.stage import Scene, Stage, until

__all__ = ["running_stage"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

PREFIX = "lawspeaker:setup"
TEXTS, CHANNELS = 3, 8
PACKS = {pack.name: pack.policy for pack in load_packs()}
NOT_A_MANAGER = "This needs the permission Manage Server."


@pytest_asyncio.fixture(loop_scope="session")
async def fresh(stage: Stage) -> Scene:
    """A server that the bot has just come to: nothing was ever set."""
    server, world = stage.trial.server, stage.trial.server.world
    owner, member, moderator, manager = (world.add_user(name) for name in ("an-owner", "one", "two", "three"))
    guild = world.add_guild("A new server", owner)
    moderators = world.add_role(guild, "Moderators", MODERATOR)
    managers = world.add_role(guild, "Managers", MODERATOR | MANAGE_GUILD)
    world.join(guild, member)
    world.join(guild, moderator, [moderators])
    world.join(guild, manager, [managers])
    general, log = world.add_channel(guild, "general"), world.add_channel(guild, "mod-log")
    server.invite(guild, stage.trial.application)
    return Scene(stage, guild, general, log, owner, member, moderator, manager, moderators.id)


@pytest_asyncio.fixture(loop_scope="session")
async def manager(fresh: Scene) -> Hand:
    return await hand(fresh, fresh.manager)


async def watch(someone: Hand, shown: Answer, *channels: Channel) -> Answer:
    """Leave the select of channels with these picked."""
    return await someone.client.select(shown.shown, f"{PREFIX}:watch", ids(channels), component_type=CHANNELS)


async def log_in(someone: Hand, shown: Answer, *channels: Channel) -> Answer:
    return await someone.client.select(shown.shown, f"{PREFIX}:log", ids(channels), component_type=CHANNELS)


async def pick(someone: Hand, shown: Answer, does: str, *values: str) -> Answer:
    return await someone.client.select(shown.shown, f"{PREFIX}:{does}", list(values))


async def publish(someone: Hand, shown: Answer) -> Answer:
    """Press *Publish* and wait until it has come to an end."""
    since = len(someone.client.events)
    answer = await someone.press(shown)
    if answer.content == COMPILING:
        identity = shown.shown["id"]

        def is_over(name: str, data: Json) -> bool:
            return name == "MESSAGE_UPDATE" and data["id"] == identity and data["content"] != COMPILING

        answer.message = await someone.client.wait_until(is_over, 10, since)
    return answer


def ids(channels: Iterable[Channel]) -> list[str]:
    return [str(channel.id) for channel in channels]


def preset(answer: Answer, does: str) -> set[int]:
    """The channels that a select has picked already."""
    (select,) = [one for one in walk(answer.components) if one.get("custom_id") == f"{PREFIX}:{does}"]
    return {int(one["id"]) for one in select.get("default_values", ())}


def marks(answer: Answer) -> list[str]:
    """The marks of the four steps."""
    return [line.split(" ")[0] for line in answer.embeds[0]["description"].splitlines()[:4]]


async def settings_of(scene: Scene) -> GuildSettings:
    return await scene.store.guilds.get(scene.guild.id)


async def add_channel(scene: Scene, name: str, denied_to_bot: int = 0) -> Channel:
    overwrites = [{"id": str(scene.bot.id), "type": 1, "allow": "0", "deny": str(denied_to_bot)}]
    channel: Channel = scene.server.places.create(scene.guild, {"name": name, "permission_overwrites": overwrites})
    await until(lambda: _knows(scene, channel, True))
    return channel


async def remove(scene: Scene, channel: Channel) -> None:
    scene.server.places.remove(channel)
    await until(lambda: _knows(scene, channel, False))


async def _knows(scene: Scene, channel: Channel, is_there: bool) -> bool:
    return (scene.stage.trial.app.client.get_channel(channel.id) is not None) is is_there


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
    await until(lambda: _knows(fresh, thread, True))
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


async def test_a_watched_channel_and_a_log_that_are_gone_show_as_gone(fresh: Scene, manager: Hand) -> None:
    gone = await add_channel(fresh, "gone")
    shown = await log_in(manager, await watch(manager, await manager.slash("setup"), gone, fresh.general), gone)
    await remove(fresh, gone)
    shown = await manager.press(shown, "Look again")
    assert marks(shown)[:2] == ["⚠️", "⚠️"]
    assert f"<#{gone.id}> is deleted, or hidden from the bot" in shown.text
    assert (preset(shown, "watch"), preset(shown, "log")) == ({fresh.general.id}, set())


async def test_packs_go_on_from_somebody_elses_draft_and_say_whose(fresh: Scene, manager: Hand) -> None:
    shown = await manager.slash("setup")
    await fresh.store.policies.save_draft(fresh.guild.id, "1. No cats. [flag]\n", fresh.moderator.id)
    shown = await pick(manager, shown, "packs", "scams")
    assert f"It goes on from the draft of <@{fresh.moderator.id}>." in shown.content
    draft = await fresh.store.policies.draft(fresh.guild.id)
    assert draft is not None
    assert draft.source.startswith("1. No cats. [flag]\n")
    async with nothing_changes(fresh):
        again = await pick(manager, shown, "packs", "scams")
    assert again.content == "Nothing was changed: all rules of these templates are in the policy already."


async def test_publish_never_publishes_another_draft_than_the_one_it_was_shown_with(
    fresh: Scene, manager: Hand
) -> None:
    shown = await pick(manager, await manager.slash("setup"), "packs", "scams")
    await fresh.store.policies.save_draft(fresh.guild.id, "1. No cats. [flag]\n", fresh.moderator.id)
    async with nothing_changes(fresh):
        late = await publish(manager, shown)
    assert late.content.startswith("The draft is another one by now")
    assert f"a draft by <@{fresh.moderator.id}> with 1 rule:" in late.text


async def test_publish_does_not_replace_a_policy_that_went_live_meanwhile(fresh: Scene, manager: Hand) -> None:
    shown = await pick(manager, await manager.slash("setup"), "packs", "scams")
    draft = await fresh.store.policies.draft(fresh.guild.id)
    assert draft is not None
    await fresh.publish("1. No cats. [flag]\n")
    await fresh.store.policies.save_draft(fresh.guild.id, draft.source, fresh.manager.id)
    async with nothing_changes(fresh):
        late = await publish(manager, shown)
    assert late.content == "Meanwhile version 1 went live: see /policy diff before you publish."
    assert late.buttons == ["Look again"]


async def test_with_a_live_policy_packs_make_a_draft_and_the_law_stays(scene: Scene) -> None:
    someone = await hand(scene, scene.manager)
    shown = await pick(someone, await someone.slash("setup"), "packs", "privacy")
    assert "Nothing changes for members until it is published" in shown.content
    assert shown.buttons == ["Look again"]
    live = await scene.store.policies.live(scene.guild.id)
    assert live is not None
    assert live.number == 1


async def test_more_packs_than_a_policy_holds_are_refused_as_a_whole(fresh: Scene, manager: Hand) -> None:
    rules = "".join(f"{number}. No thing {number}. [flag]\n" for number in range(1, 20))
    await fresh.store.policies.save_draft(fresh.guild.id, rules, fresh.manager.id)
    async with nothing_changes(fresh):
        shown = await pick(manager, await manager.slash("setup"), "packs", "scams", "advertising")
    assert shown.content.startswith("Nothing was changed. Template ")
    assert "20 is the most" in shown.content


async def test_nothing_is_live_before_it_can_judge(
    fresh: Scene, manager: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = await pick(manager, await manager.slash("setup"), "packs", "scams")
    may_prepare = asyncio.Event()

    async def slowly(policy: Policy) -> None:
        await may_prepare.wait()

    monkeypatch.setattr(judge_of(fresh), "prepare", slowly)
    since = len(manager.client.events)
    with held(may_prepare):
        assert (await manager.press(shown)).content == COMPILING
        assert await fresh.store.policies.live(fresh.guild.id) is None
    done = await manager.client.wait_until(
        lambda name, data: name == "MESSAGE_UPDATE" and data["content"].startswith("Version 1 is live."), 10, since
    )
    assert done["content"] == "Version 1 is live. No channel is watched yet: add one with /watch add."


async def test_while_the_judge_is_away_nothing_is_published_and_the_draft_is_kept(
    fresh: Scene, manager: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = await pick(manager, await manager.slash("setup"), "packs", "scams")

    async def away(policy: Policy) -> None:
        raise JudgeError("The judge is away: try again in a minute.")

    monkeypatch.setattr(judge_of(fresh), "prepare", away)
    async with nothing_changes(fresh):
        shown = await publish(manager, shown)
    assert shown.content == ("Nothing was published and the draft is kept: The judge is away: try again in a minute.")
    assert shown.buttons == ["Publish", "Look again"]


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


async def test_who_manages_but_does_not_moderate_sets_all_but_the_policy(fresh: Scene) -> None:
    role = fresh.server.moderation.create_role(fresh.guild, "Organisers", MANAGE_GUILD)
    fresh.server.moderation.set_roles(fresh.guild, fresh.owner, fresh.guild.members[fresh.member.id], {role.id}, None)
    someone = await hand(fresh, fresh.member)
    shown = await pick(someone, await someone.slash("setup"), "mode", "off")
    assert marks(shown)[3] == "⬜"
    async with nothing_changes(fresh):
        shown = await pick(someone, shown, "packs", "scams")
    assert shown.content.startswith("Only moderators may do this")


async def test_the_controls_work_after_a_restart(fresh: Scene, manager: Hand) -> None:
    one = await add_channel(fresh, "one")
    await fresh.store.guilds.watch(fresh.guild.id, fresh.general.id)
    shown = await pick(manager, await manager.slash("setup"), "packs", "scams")
    store = fresh.stage.trial.app.client._connection._view_store
    store._views.clear()
    await watch(manager, shown, one)
    assert set((await settings_of(fresh)).watched) == {one.id}
    assert (await publish(manager, shown)).content == "Version 1 is live."


async def test_every_change_is_on_record_with_who_made_it(fresh: Scene, manager: Hand) -> None:
    one = await add_channel(fresh, "one")
    shown = await watch(manager, await manager.slash("setup"), one)
    shown = await watch(manager, shown)
    shown = await log_in(manager, shown, fresh.log)
    await pick(manager, shown, "mode", "enforce")
    changes: tuple[SettingChange, ...] = await fresh.store.audit.settings(fresh.guild.id)
    assert len(changes) == 4
    assert {change.author_id for change in changes} == {fresh.manager.id}
