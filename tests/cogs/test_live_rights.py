"""Who may use what: Discord's own setting says who sees a command, the bot asks again when it is used."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.answer import MemberError
from tests.cogs.live import Hand, hand, nothing_changes, opened_to_all
from tests.stage import POLICY, Scene

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="session")]

MODERATORS_ONLY = "Only moderators may do this: it needs Manage Messages or a role this server named."
MANAGERS_ONLY = "This needs the permission Manage Server."
LAWBOOK = [
    "policy show",
    "policy history",
    "policy edit",
    "policy import",
    "policy export",
    "policy diff",
    "policy publish",
    "policy rollback",
    "policy test",
    "policy backtest",
    "policy template",
    "policy rule add",
    "policy rule edit",
    "policy rule remove",
    "why",
]
SETTINGS = ["watch add", "watch remove", "watch log", "mode", "settings", "setup", "exempt add", "exempt remove"]
LISTS = ["watch list", "exempt list"]


def options(scene: Scene, path: str) -> dict[str, Any]:
    """What each command is used with; any of it would change or show something, were it let through."""
    given: dict[str, dict[str, Any]] = {
        "policy import": {"file": ("policy.md", b"1. No cats. [flag]")},
        "policy publish": {"reason": "because"},
        "policy rollback": {"version": "1"},
        "policy test": {"text": "words"},
        "policy rule add": {"words": "No cats."},
        "policy rule edit": {"rule": "1", "words": "No cats."},
        "policy rule remove": {"rule": "1"},
        "why": {"message": "1"},
        "watch add": {"channel": scene.log.id},
        "watch remove": {"channel": scene.general.id},
        "watch log": {"channel": scene.general.id},
        "mode": {"mode": "off"},
        "exempt add": {"channel": scene.general.id},
        "exempt remove": {"other": "1"},
    }
    return given.get(path, {})


async def use(someone: Hand, path: str) -> str:
    """The words that somebody who uses a command gets."""
    answer = await someone.slash(path, **options(someone.scene, path))
    assert (answer.embeds, answer.attachments, answer.modal) == ([], [], None)
    return answer.content


@pytest.mark.parametrize("path", [*LAWBOOK, *SETTINGS, *LISTS])
async def test_discord_refuses_every_command_to_members(scene: Scene, path: str) -> None:
    member = await hand(scene, scene.member)
    with pytest.raises(MemberError, match="50013"):
        await use(member, path)


async def test_discord_refuses_the_menu_to_members_and_settings_to_moderators(scene: Scene) -> None:
    member, moderator = await hand(scene, scene.member), await hand(scene, scene.moderator)
    with pytest.raises(MemberError, match="50013"):
        await member.why(scene.post("words"))
    for path in [*SETTINGS, *LISTS]:
        with pytest.raises(MemberError, match="50013"):
            await use(moderator, path)


@pytest.mark.parametrize("path", [*LAWBOOK, *SETTINGS, *LISTS])
async def test_a_command_opened_to_everyone_is_still_refused_to_members(scene: Scene, path: str) -> None:
    await scene.store.policies.save_draft(scene.guild.id, "1. No cats. [flag]\n", scene.moderator.id)
    member = await hand(scene, scene.member)
    with opened_to_all(scene):
        async with nothing_changes(scene):
            assert await use(member, path) == (MANAGERS_ONLY if path in SETTINGS else MODERATORS_ONLY)


async def test_a_menu_opened_to_everyone_is_still_refused_to_members(scene: Scene) -> None:
    member = await hand(scene, scene.member)
    message = scene.post("words")
    await scene.settled(message)
    with opened_to_all(scene):
        async with nothing_changes(scene):
            assert (await member.why(message)).content == MODERATORS_ONLY
            assert (await member.menu("Check against policy", message)).content == MODERATORS_ONLY


async def test_settings_opened_to_everyone_are_refused_to_moderators_who_may_look(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    with opened_to_all(scene):
        async with nothing_changes(scene):
            assert {await use(moderator, path) for path in SETTINGS} == {MANAGERS_ONLY}
        assert f"<#{scene.general.id}>" in (await moderator.slash("watch list")).text


async def test_a_role_the_server_named_makes_moderators(scene: Scene) -> None:
    member = await hand(scene, scene.member)
    helpers = scene.server.moderation.create_role(scene.guild, "Helpers")
    await scene.store.guilds.set_moderator_roles(scene.guild.id, [helpers.id])
    with opened_to_all(scene):
        told = await use(member, "policy show")
        assert told == f"{MODERATORS_ONLY.removesuffix('.')}, which is <@&{helpers.id}>."
        roles = {helpers.id}
        scene.server.moderation.set_roles(scene.guild, scene.owner, scene.guild.members[scene.member.id], roles, None)
        assert POLICY.rstrip("\n") in (await member.slash("policy show")).text


async def test_manage_messages_in_one_channel_is_no_say_in_the_policy(scene: Scene) -> None:
    mine = {"id": str(scene.member.id), "type": 1, "allow": str(1 << 13), "deny": "0"}
    channel = scene.server.places.create(scene.guild, {"name": "mine", "permission_overwrites": [mine]})
    member = await hand(scene, scene.member)
    answer = await member.client.slash(scene.guild.id, channel.id, "policy show")
    assert answer.ephemeral
    assert answer.content == MODERATORS_ONLY


async def test_the_owner_may_do_everything(scene: Scene) -> None:
    owner = await hand(scene, scene.owner)
    assert (await owner.slash("mode", mode="shadow")).content == "The server's mode is **shadow**."
    assert "Version 1, live" in (await owner.slash("policy show")).text
