"""Every command, menu, button, select and modal there is belongs to a group, and is refused where the group is.

What is registered is asked for, not listed here: a new one that is in no group, or looks at no permission, fails.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import discord
import pytest

import cogs
from bot.domain.access import TITLES, AccessChange, Group, Use, use_of_command, use_of_control
from bot.sandbox.answer import Answer
from cogs.appealing import AppealButton, AppealModal
from cogs.borderline import BorderlineButton
from cogs.calibrating import CalibrateButton
from cogs.case_pages import CasePageButton
from cogs.drafting import PolicyModal
from cogs.forgetting import ForgetButton
from cogs.learning import LearnButton
from cogs.policy_learned import LearnedButton
from cogs.policy_template import MergeButton
from cogs.publishing import PublishButton
from cogs.queue import QueueButton
from cogs.reviewing import CaseButton, CaseSelect
from cogs.settings_view import SettingsControl
from cogs.setup_view import SetupControl
from tests.cogs.live import Hand, hand, nothing_changes, opened_to_all
from tests.cogs.scripted_stage import running_stage
from tests.stage import Scene

__all__ = ["running_stage"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

DIGEST = "0" * 64
EVERYONES = {"Report to moderators"}
EVERYONES_CONTROLS = {AppealButton}
EXAMPLES: dict[type[Any], tuple[str, ...]] = {
    AppealButton: ("lawspeaker:appeal:1:1",),
    CaseButton: tuple(f"lawspeaker:case:{deed}:1" for deed in ("confirm", "overturn", "more", "claim", "release")),
    CaseSelect: ("lawspeaker:case:act:1",),
    CasePageButton: ("lawcases:0:.......",),
    QueueButton: ("lawspeaker:queue:next", "lawspeaker:queue:page:0"),
    SettingsControl: tuple(f"lawspeaker:settings:{does}" for does in ("page", "pick:mode", "type:brake_actions")),
    SetupControl: ("lawspeaker:setup:mode", "lawspeaker:setup:look", f"lawspeaker:setup:publish:{DIGEST}"),
    ForgetButton: ("lawspeaker:forget:1",),
    PublishButton: (f"lawspeaker:publish:{DIGEST}",),
    MergeButton: ("lawspeaker:template:scams",),
    LearnButton: ("lawspeaker:learn:fine:1",),
    LearnedButton: ("lawspeaker:learned:page:0", "lawspeaker:learned:remove:0:1"),
    BorderlineButton: ("lawspeaker:line:fine:0:1:1:m1",),
    CalibrateButton: ("lawspeaker:calibrate:anew:1", "lawspeaker:calibrate:away:1"),
}
"""An id of each kind of button and select that there is."""
SELECTS = {
    "lawspeaker:case:act": "ban",
    "lawspeaker:settings:page": "brake",
    "lawspeaker:settings:pick": "shadow",
    "lawspeaker:setup:mode": "shadow",
}
"""By what the id of a select begins with, something that it offers."""


def client_of(scene: Scene) -> Any:
    return scene.stage.trial.app.client


def leaves(command: dict[str, Any], path: str = "") -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The commands in a registered one, each by its whole name, with its options."""
    name = f"{path} {command['name']}".strip()
    inner = [one for one in command.get("options", ()) if one["type"] in {1, 2}]
    if not inner:
        yield name, command.get("options", [])
    for one in inner:
        yield from leaves(one, name)


def registered(scene: Scene) -> tuple[dict[str, list[dict[str, Any]]], list[str]]:
    """Slash commands with their options, and the menus of messages."""
    tree = client_of(scene).tree
    every = [command.to_dict(tree) for command in tree.get_commands()]
    slash = {name: options for one in every if one.get("type", 1) == 1 for name, options in leaves(one)}
    menus = [one["name"] for one in every if one.get("type", 1) != 1]
    return slash, menus


def filled(scene: Scene, options: list[dict[str, Any]]) -> dict[str, Any]:
    """Something for each option that must be given; where none must, for the first that names a member."""
    wanted = [one for one in options if one.get("required")]
    wanted = wanted or [one for one in options if one["type"] == 6][:1]
    values: dict[int, Any] = {
        4: 1,
        5: True,
        6: scene.member.id,
        7: scene.general.id,
        8: scene.moderator_role_id,
        10: 1.0,
        11: ("policy.md", b"1. No spam."),
    }
    return {
        one["name"]: one["choices"][0]["value"] if one.get("choices") else values.get(one["type"], "1")
        for one in wanted
    }


async def uses(scene: Scene, someone: Hand) -> dict[str, tuple[Use | None, Answer]]:
    """What somebody gets who uses every command and menu there is; what is everyone's own is not used."""
    slash, menus = registered(scene)
    message = scene.post("words", author=scene.manager)
    got: dict[str, tuple[Use | None, Answer]] = {}
    for name, options in slash.items():
        if name not in EVERYONES:
            got[name] = use_of_command(name), await someone.slash(name, **filled(scene, options))
    for name in menus:
        if name not in EVERYONES:
            got[name] = use_of_command(name), await someone.menu(name, message)
    return got


async def presses(scene: Scene, someone: Hand) -> dict[str, tuple[Use | None, Answer]]:
    """The same of every button and select; an example of each is posted where all see it."""
    got: dict[str, tuple[Use | None, Answer]] = {}
    channel = client_of(scene).get_channel(scene.log.id)
    for kind, custom_ids in EXAMPLES.items():
        for custom_id in custom_ids:
            if kind in EVERYONES_CONTROLS:
                continue
            view = discord.ui.View(timeout=None)
            value = next((value for begins, value in SELECTS.items() if custom_id.startswith(begins)), None)
            item: Any = discord.ui.Button(label="Press", custom_id=custom_id)
            if value is not None:
                item = discord.ui.Select(custom_id=custom_id, options=[discord.SelectOption(label=value, value=value)])
            view.add_item(item)
            view.stop()
            sent = await channel.send(view=view)
            shown = await someone.client.message(scene.log.id, sent.id)
            assert shown is not None
            if value is not None:
                answer = await someone.client.select(shown, custom_id, [value])
            else:
                answer = await someone.client.press(shown, "Press")
            got[custom_id] = use_of_control(custom_id), answer
    return got


def refuses(answer: Answer, *sentences: str) -> bool:
    return answer.content.startswith(sentences) and (answer.embeds, answer.attachments, answer.modal) == ([], [], None)


async def all_refused_to_moderators(scene: Scene) -> None:
    """Refuse every group to the roles of the scene's moderator and manager."""
    roles = {role for user in (scene.moderator, scene.manager) for role in scene.guild.members[user.id].roles}
    for role_id in roles:
        for group in Group:
            await scene.store.guilds.set_access(scene.guild.id, AccessChange(role_id, group, False))


async def test_every_command_and_menu_is_in_a_group_or_every_members_own(scene: Scene) -> None:
    slash, menus = registered(scene)
    assert {name for name in [*slash, *menus] if use_of_command(name) is None} == EVERYONES


async def test_every_button_and_select_is_in_a_group_or_every_members_own(scene: Scene) -> None:
    registered_kinds = set(client_of(scene)._connection._view_store._dynamic_items.values())
    assert registered_kinds == set(EXAMPLES), "give an id of the new one"
    for kind, custom_ids in EXAMPLES.items():
        for custom_id in custom_ids:
            assert kind.__discord_ui_compiled_template__.fullmatch(custom_id), custom_id
            assert (use_of_control(custom_id) is None) is (kind in EVERYONES_CONTROLS), custom_id


async def test_every_modal_is_known_here(scene: Scene) -> None:
    ours = {kind for kind in discord.ui.Modal.__subclasses__() if kind.__module__.startswith(f"{cogs.__name__}.")}
    assert ours == {PolicyModal, AppealModal}, "say in bot/domain/access.py whose it is, and play it below"


async def test_no_modal_is_kept_for_ever_though_nobody_tells_that_it_was_closed(scene: Scene) -> None:
    manager = await hand(scene, scene.manager)
    assert (await manager.editor()).modal is not None
    page = await manager.client.select((await manager.slash("settings")).shown, "lawspeaker:settings:page", ["brake"])
    assert (await manager.client.press(page.shown, "Most actions: 1,000 actions")).modal is not None
    kept = client_of(scene)._connection._view_store._modals.values()
    assert {type(one) for one in kept} == {PolicyModal}
    assert all(one.timeout is not None for one in kept)


async def test_what_is_shown_below_an_answer_is_kept_by_nobody(scene: Scene) -> None:
    def kept() -> int:
        return sum("timeout_task" in str(task.get_coro()) for task in asyncio.all_tasks())

    manager, before = await hand(scene, scene.manager), kept()
    for name in ("settings", "setup", "queue", "case list"):
        await manager.slash(name)
    assert kept() == before


async def test_everything_is_refused_to_a_plain_member_whatever_discord_shows_them(scene: Scene) -> None:
    member = await hand(scene, scene.member)
    with opened_to_all(scene):
        async with nothing_changes(scene):
            got = await uses(scene, member) | await presses(scene, member)
    let = [name for name, (_, answer) in got.items() if not refuses(answer, "Only moderators", "This needs")]
    assert let == []


async def test_everything_is_refused_to_whom_the_server_refuses_its_group_and_they_are_told_whom_to_ask(
    scene: Scene,
) -> None:
    await all_refused_to_moderators(scene)
    manager = await hand(scene, scene.manager)
    async with nothing_changes(scene):
        got = await uses(scene, manager) | await presses(scene, manager)
    for name, (use, answer) in got.items():
        assert use is not None
        assert refuses(answer, f"This server refuses the commands for {TITLES[use.group]} to <@&"), (
            name,
            answer.content,
        )
        assert "ask an administrator" in answer.content


async def test_administrators_may_everything_though_all_is_refused_to_their_roles(scene: Scene) -> None:
    await all_refused_to_moderators(scene)
    member = scene.guild.members[scene.owner.id]
    roles = set(scene.guild.members[scene.manager.id].roles)
    scene.server.moderation.set_roles(scene.guild, scene.owner, member, roles, None)
    owner = await hand(scene, scene.owner)
    for name in ("policy show", "queue", "stats", "settings", "access list", "watch list"):
        assert "refuses the commands" not in (await owner.slash(name)).content, name


async def test_a_modal_that_was_open_when_its_group_was_refused_changes_nothing(scene: Scene) -> None:
    manager = await hand(scene, scene.manager)
    editor = await manager.editor()
    page = await manager.client.select((await manager.slash("settings")).shown, "lawspeaker:settings:page", ["brake"])
    typing = await manager.client.press(page.shown, "Most actions: 1,000 actions")
    assert editor.modal is not None
    assert typing.modal is not None
    await all_refused_to_moderators(scene)
    async with nothing_changes(scene):
        edited = await manager.submit(editor, "1. No spam. [delete]")
        typed = await manager.client.submit(typing.modal, {"0": "5"})
    assert edited.content.startswith(f"This server refuses the commands for {TITLES[Group.POLICY]} to")
    assert "Your text is attached." in edited.content
    assert typed.content.startswith(f"This server refuses the commands for {TITLES[Group.SETTINGS]} to")
