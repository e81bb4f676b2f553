"""`/settings`: shown and changed in Discord, each change touching its own setting alone, by whoever may then."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import pytest_asyncio

from bot.domain.decision import Mode, Thresholds
from bot.sandbox import serialise
from bot.sandbox.answer import Answer
from bot.sandbox.model import Channel
from bot.sandbox.permissions import SEND_MESSAGES
from tests.cogs.live import Hand, hand, nothing_changes, opened_to_all
from tests.stage import ASK, Scene, until

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="session")]

PREFIX = "lawspeaker:settings"
TEXTS, ROLES, CHANNELS = 3, 6, 8


async def open_page(someone: Hand, name: str) -> Answer:
    """`/settings`, opened at a page."""
    return await turn(someone, await someone.slash("settings"), name)


async def turn(someone: Hand, shown: Answer, name: str) -> Answer:
    return await someone.client.select(shown.shown, f"{PREFIX}:page", [name])


async def pick(someone: Hand, shown: Answer, name: str, *values: object, kind: int = TEXTS) -> Answer:
    picked = [str(value) for value in values]
    return await someone.client.select(shown.shown, f"{PREFIX}:pick:{name}", picked, component_type=kind)


async def type_in(someone: Hand, shown: Answer, name: str, text: str) -> Answer:
    """Press a setting's button, type a value into the modal and send it off."""
    opened = await someone.client.press(shown.shown, f"{PREFIX}:type:{name}")
    assert opened.modal is not None
    return await someone.client.submit(opened.modal, {"0": text})


async def type_thresholds(someone: Hand, shown: Answer, rule: str, act_at: str, review_at: str) -> Answer:
    opened = await someone.client.select(shown.shown, f"{PREFIX}:rule:thresholds", [rule])
    assert opened.modal is not None
    return await someone.client.submit(opened.modal, {"0": act_at, "1": review_at})


async def add_channel(scene: Scene, name: str, denied_to_bot: int = 0) -> Channel:
    overwrites = [{"id": str(scene.bot.id), "type": 1, "allow": "0", "deny": str(denied_to_bot)}]
    channel: Channel = scene.server.places.create(scene.guild, {"name": name, "permission_overwrites": overwrites})

    async def known() -> bool:
        return scene.stage.trial.app.client.get_channel(channel.id) is not None

    await until(known)
    return channel


def strip_roles(scene: Scene, user: Any) -> None:
    scene.server.moderation.set_roles(scene.guild, scene.owner, scene.guild.members[user.id], set(), None)


@pytest_asyncio.fixture(loop_scope="session")
async def manager(scene: Scene) -> Hand:
    return await hand(scene, scene.manager)


async def test_all_that_is_set_is_shown_to_the_manager_alone(scene: Scene, manager: Hand) -> None:
    shown = await manager.slash("settings")
    assert shown.ephemeral
    for part in (f"<#{scene.log.id}>", f"<@&{scene.moderator_role_id}>", "enforce: act", "Watched channels: 1"):
        assert part in shown.text


async def test_the_log_channel_that_is_picked_gets_the_next_case(scene: Scene, manager: Hand) -> None:
    channel = await add_channel(scene, "new-log")
    page = await pick(manager, await open_page(manager, "channels"), "log_channel_id", channel.id, kind=CHANNELS)
    assert page.content == f"Log channel: <#{channel.id}>."
    assert f"**Log channel**: <#{channel.id}>" in page.text
    await scene.break_rule("2")
    await scene.settled(scene.post("come to my shop"))
    assert (len(channel.messages), len(scene.log.messages)) == (1, 0)
    page = await pick(manager, page, "log_channel_id", kind=CHANNELS)
    assert page.content == "Log channel: none."
    assert (await scene.store.guilds.get(scene.guild.id)).log_channel_id is None


async def test_a_channel_the_bot_cannot_post_in_is_refused_and_the_page_shows_what_is(
    scene: Scene, manager: Hand
) -> None:
    closed = await add_channel(scene, "closed", SEND_MESSAGES)
    page = await open_page(manager, "channels")
    async with nothing_changes(scene):
        page = await pick(manager, page, "review_channel_id", closed.id, kind=CHANNELS)
    assert page.content.startswith("Nothing was changed, because the bot lacks Send Messages")
    assert "**Review channel**: none" in page.text


async def test_cases_that_need_a_human_go_to_the_review_channel_and_others_to_the_log(
    scene: Scene, manager: Hand
) -> None:
    channel = await add_channel(scene, "reviews")
    await pick(manager, await open_page(manager, "channels"), "review_channel_id", channel.id, kind=CHANNELS)
    await scene.break_rule("2", ASK)
    asked = await scene.case(scene.post("a shop"))
    await scene.break_rule("6")
    called = await scene.case(scene.post("I cannot go on"))
    await scene.break_rule("2")
    await scene.case(scene.post("another shop"))
    assert {asked.log_channel_id, called.log_channel_id} == {channel.id}
    assert (len(channel.messages), len(scene.log.messages)) == (2, 1)


async def test_roles_are_picked_and_a_moderator_role_moderates_at_once(scene: Scene, manager: Hand) -> None:
    helpers = scene.server.moderation.create_role(scene.guild, "Helpers")
    page = await pick(manager, await open_page(manager, "roles"), "moderator_role_ids", helpers.id, kind=ROLES)
    assert page.content == f"Moderator roles: <@&{helpers.id}>."
    page = await pick(manager, page, "escalation_role_id", helpers.id, kind=ROLES)
    assert page.content.startswith(f"Escalation role: <@&{helpers.id}>. For a ping to reach it let anyone mention")
    member = scene.guild.members[scene.member.id]
    scene.server.moderation.set_roles(scene.guild, scene.owner, member, {helpers.id}, None)
    with opened_to_all(scene):
        assert "Version 1, live" in (await (await hand(scene, scene.member)).slash("policy show")).text


@pytest.mark.parametrize("name", ["moderator_role_ids", "escalation_role_id"])
async def test_everyone_is_no_role_to_pick(scene: Scene, manager: Hand, name: str) -> None:
    page = await open_page(manager, "roles")
    async with nothing_changes(scene):
        page = await pick(manager, page, name, scene.guild.id, kind=ROLES)
    assert "Everyone has the role @everyone" in page.content


async def test_mode_and_who_is_judged_hold_for_the_next_message(scene: Scene, manager: Hand) -> None:
    page = await pick(manager, await open_page(manager, "judging"), "judge_moderators", "yes")
    assert (await scene.settled(scene.post("words", scene.moderator))).verdict is not None
    page = await pick(manager, page, "mode", "shadow")
    assert page.content == "Mode: shadow: judge and log, touch nothing. The server's mode is **shadow**."
    assert (await scene.settled(scene.post("words"))).mode is Mode.SHADOW


async def test_how_far_back_fill_reaches_is_typed_in_minutes_and_goes_on_record(scene: Scene, manager: Hand) -> None:
    page = await type_in(manager, await open_page(manager, "judging"), "backfill_minutes", "10081")
    assert "a whole number of minutes from 0 to 10,080" in (page.content or "")
    page = await type_in(manager, await open_page(manager, "judging"), "backfill_minutes", "0")
    assert page.content == "Back-fill: 0 minutes."
    assert (await scene.store.guilds.get(scene.guild.id)).backfill_minutes == 0
    (change,) = [one for one in await scene.store.audit.settings(scene.guild.id) if one.what == "backfill_minutes"]
    assert (change.author_id, change.before, change.after) == (scene.manager.id, 60, 0)


async def test_thresholds_of_the_server_and_of_a_rule_are_typed_in_percent(scene: Scene, manager: Hand) -> None:
    page = await open_page(manager, "thresholds")
    page = await type_thresholds(manager, page, "default", "90", "0.6")
    page = await type_thresholds(manager, page, "rule:2", "75 %", "40")
    assert page.content == "Thresholds of rule 2: acts from 75 %, a human looks from 40 %."
    table = (await scene.store.guilds.get(scene.guild.id)).thresholds
    assert (table.default, table.of("2")) == (Thresholds(0.9, 0.6), Thresholds(0.75, 0.4))
    page = await type_thresholds(manager, page, "rule:2", "", "")
    assert page.content == "Thresholds of rule 2: acts from 90 %, a human looks from 60 % (the server's)."


async def test_thresholds_out_of_order_are_refused_with_a_sentence(scene: Scene, manager: Hand) -> None:
    page = await open_page(manager, "thresholds")
    async with nothing_changes(scene):
        refused = await type_thresholds(manager, page, "default", "50", "85")
    assert refused.content.startswith("Nothing was changed. A human must look from 50 % on or from below it")


async def test_a_rule_that_left_the_policy_meanwhile_is_refused(scene: Scene, manager: Hand) -> None:
    page = await open_page(manager, "thresholds")
    opened = await manager.client.select(page.shown, f"{PREFIX}:rule:thresholds", ["rule:6"])
    await scene.publish("1. No cats. [flag]\n")
    assert opened.modal is not None
    async with nothing_changes(scene):
        late = await manager.client.submit(opened.modal, {"0": "80", "1": "20"})
        stale = await manager.client.select(page.shown, f"{PREFIX}:rule:thresholds", ["rule:6"])
    assert late.content == stale.content == "That setting or rule is there no longer: use /settings again."


async def test_numbers_are_typed_within_bounds(scene: Scene, manager: Hand) -> None:
    page = await type_in(manager, await open_page(manager, "keeping"), "keep_case_days", "14")
    assert page.content == "Keep cases' messages: 14 days."
    async with nothing_changes(scene):
        page = await type_in(manager, page, "keep_case_days", "400")
    assert page.content == "Nothing was changed. Give a whole number of days from 1 to 365."
    page = await type_in(manager, await turn(manager, page, "brake"), "brake_actions", "5")
    settings = await scene.store.guilds.get(scene.guild.id)
    assert (settings.keep_case_days, settings.brake_actions) == (14, 5)


async def test_a_warned_member_is_told_in_the_servers_words_and_nothing_in_a_name_or_rule_works(
    scene: Scene, manager: Hand
) -> None:
    scene.guild.name = "**@everyone** {case}"
    scene.server.hub.tell_guild(scene.guild, "GUILD_UPDATE", serialise.guild(scene.guild))

    async def renamed() -> bool:
        return scene.stage.trial.app.client.get_guild(scene.guild.id).name == scene.guild.name  # type: ignore[union-attr]

    await until(renamed)
    words = "Hello from {server}: your message {what} by rule {rule}, *{rule_text}*\nCase {case}."
    page = await type_in(manager, await open_page(manager, "messages"), "warning_template", words)
    assert page.content == "Warning: changed as shown."
    assert words in page.text
    await scene.break_rule("3")
    case = await scene.case(scene.post("I will find you"))
    (told,) = scene.server.world.dm(scene.bot, scene.member).messages
    assert told.content == (
        f"Hello from \\*\\*\\@\u200beveryone\\*\\* {{case}}: your message was removed by rule 3, *No threats.*\n"
        f"Case {case.number}."
    )
    assert not told.mention_everyone
    page = await type_in(manager, page, "warning_template", "")
    assert (await scene.store.guilds.get(scene.guild.id)).warning_template is None


async def test_a_template_with_a_placeholder_nobody_knows_is_refused_and_given_back(
    scene: Scene, manager: Hand
) -> None:
    page = await open_page(manager, "messages")
    since = len(manager.client.events)
    words = "Dear {member}, " + "your message broke a rule. " * 5
    async with nothing_changes(scene):
        page = await type_in(manager, page, "warning_template", words)
    assert page.content.startswith("Nothing was changed. The message names {member}, which nothing can be put into")
    back = await manager.client.wait_until(lambda name, data: bool(data.get("attachments")), 10, since)
    assert back["attachments"][0]["filename"] == "your-text.md"


async def test_two_managers_at_once_change_each_their_own_setting_and_see_both(scene: Scene, manager: Hand) -> None:
    owner = await hand(scene, scene.owner)
    mine, theirs = await open_page(manager, "keeping"), await open_page(owner, "keeping")
    await asyncio.gather(
        type_in(manager, mine, "keep_case_days", "14"), type_in(owner, theirs, "keep_allowed_days", "1")
    )
    rules = await asyncio.gather(open_page(manager, "thresholds"), open_page(owner, "thresholds"))
    await asyncio.gather(
        type_thresholds(manager, rules[0], "rule:1", "91", "11"), type_thresholds(owner, rules[1], "rule:2", "92", "12")
    )
    settings = await scene.store.guilds.get(scene.guild.id)
    assert (settings.keep_case_days, settings.keep_allowed_days) == (14, 1)
    assert settings.thresholds.by_rule == {"1": Thresholds(0.91, 0.11), "2": Thresholds(0.92, 0.12)}
    page = await turn(manager, mine, "keeping")
    assert "14 days" in page.text
    assert "**Keep allowed messages**: 1 day\n" in page.text


async def test_the_permission_is_asked_for_each_time_something_is_used(scene: Scene, manager: Hand) -> None:
    judging, keeping = await open_page(manager, "judging"), await open_page(manager, "keeping")
    opened = await manager.client.press(keeping.shown, f"{PREFIX}:type:keep_case_days")
    assert opened.modal is not None
    strip_roles(scene, scene.manager)
    async with nothing_changes(scene):
        answers = [
            await pick(manager, judging, "mode", "off"),
            await turn(manager, judging, "brake"),
            await manager.client.press(keeping.shown, f"{PREFIX}:type:keep_case_days"),
            await manager.client.submit(opened.modal, {"0": "99"}),
        ]
    assert {answer.content for answer in answers} == {"This needs the permission Manage Server."}


async def test_a_modal_and_a_page_from_before_a_restart_still_work(scene: Scene, manager: Hand) -> None:
    """The library then knows neither the view nor the modal any more: that much of a restart is played here."""
    page = await open_page(manager, "keeping")
    opened = await manager.client.press(page.shown, f"{PREFIX}:type:keep_case_days")
    assert opened.modal is not None
    store = scene.stage.trial.app.client._connection._view_store
    store._modals.clear()
    store._views.clear()
    page = await manager.client.submit(opened.modal, {"0": "21"})
    assert page.content == "Keep cases' messages: 21 days."
    page = await turn(manager, page, "judging")
    await pick(manager, page, "judge_bots", "yes")
    assert (await scene.store.guilds.get(scene.guild.id)).judge_bots


async def test_a_deleted_channel_and_role_show_as_gone(scene: Scene, manager: Hand) -> None:
    role = scene.server.moderation.create_role(scene.guild, "Passing")
    channel = await add_channel(scene, "passing")
    await scene.store.guilds.update(scene.guild.id, log_channel_id=channel.id, escalation_role_id=role.id)
    scene.server.moderation.delete_role(scene.guild, role)
    scene.server.places.remove(channel)

    async def forgotten() -> bool:
        return scene.stage.trial.app.client.get_channel(channel.id) is None

    await until(forgotten)
    shown = await manager.slash("settings")
    assert f"<#{channel.id}>, which is gone" in shown.text
    assert f"<@&{role.id}>, which is gone" in shown.text


async def test_the_other_commands_and_settings_write_the_same_records(scene: Scene, manager: Hand) -> None:
    await manager.slash("mode", mode="off")
    assert "**Mode**: off" in (await open_page(manager, "judging")).text


async def test_every_change_is_on_record_with_who_made_it(scene: Scene, manager: Hand) -> None:
    before = len(await scene.store.audit.settings(scene.guild.id))
    await pick(manager, await open_page(manager, "judging"), "judge_bots", "yes")
    await manager.slash("mode", mode="shadow")
    await manager.slash("exempt add", channel=scene.log.id)
    await manager.slash("watch add", channel=scene.log.id)
    await manager.slash("privacy retention", cases=90)
    changes = await scene.store.audit.settings(scene.guild.id)
    made = [(one.author_id, one.what) for one in changes[: len(changes) - before]]
    whats = ("keep_case_days", f"watched.{scene.log.id}", f"exempt_channel.{scene.log.id}", "mode", "judge_bots")
    assert made == [(scene.manager.id, what) for what in whats]
