"""Everything there is to use, by everybody who may come: what each gets through is what is theirs, and nothing else.

All is delivered past Discord's own checks (`tests/cogs/forging.py`), so it is the bot that refuses. What each command
and control says to a plain member stands in test_live_every_command.py, whose lists are used here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.access import AccessChange, Group, Use, Who, use_of_command, use_of_control
from bot.sandbox.answer import Answer, MemberError
from bot.sandbox.model import Message, User
from bot.sandbox.permissions import ADMINISTRATOR, MODERATOR
from tests.cogs.forging import Intruder
from tests.cogs.live import hand, nothing_changes
from tests.cogs.scripted_stage import running_stage
from tests.cogs.test_live_every_command import EVERYONES, EVERYONES_CONTROLS, EXAMPLES, SELECTS, filled, registered
from tests.stage import ASK, Scene, Stage

__all__ = ["running_stage"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

REFUSALS = ("Only moderators", "This needs", "This server refuses", "Bots may not", "You are timed out")
WEBHOOK = 77


@pytest.fixture(autouse=True)
def _much_is_sent_at_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """How soon each is answered is not what is looked at here."""
    monkeypatch.setattr(stage.trial.server.interactions, "_first_answer_seconds", 60.0)


def nobody(use: Use) -> bool:
    return False


def moderators(use: Use) -> bool:
    return use.who in {Who.MODERATORS, Who.BOTH}


def managers(use: Use) -> bool:
    return use.who in {Who.MANAGERS, Who.BOTH}


def everybody(use: Use) -> bool:
    return True


async def a_member(scene: Scene) -> User:
    return scene.member


async def a_moderator(scene: Scene) -> User:
    return scene.moderator


async def a_moderator_of_another_server(scene: Scene) -> User:
    other = await scene.stage.scene()
    scene.server.moderation.join(scene.guild, other.moderator)
    return other.moderator


async def with_permissions(scene: Scene, name: str, permissions: int, user: User | None = None) -> User:
    """Somebody with a role of their own."""
    user = user or scene.server.world.add_user(name)
    role = scene.server.moderation.create_role(scene.guild, name, permissions)
    scene.server.moderation.join(scene.guild, user, role)
    return user


async def a_manager_who_moderates_nothing(scene: Scene) -> User:
    return await with_permissions(scene, "manages", 1 << 5)


async def an_administrator(scene: Scene) -> User:
    return await with_permissions(scene, "administers", ADMINISTRATOR)


async def a_muted_moderator(scene: Scene) -> User:
    """With Manage Messages, in a role that the server named and gave everything to; and timed out."""
    user = await with_permissions(scene, "muted", MODERATOR)
    member = scene.guild.members[user.id]
    await scene.store.guilds.set_moderator_roles(scene.guild.id, list(member.roles))
    for role_id in member.roles:
        for group in Group:
            await scene.store.guilds.set_access(scene.guild.id, AccessChange(role_id, group, True))
    until = scene.server.world.now() + timedelta(hours=1)
    scene.server.moderation.time_out(scene.guild, scene.owner, member, until, None)
    return user


async def a_bot_that_administers(scene: Scene) -> User:
    return await with_permissions(
        scene, "another-bot", ADMINISTRATOR, scene.server.world.add_user("another-bot", bot=True)
    )


@dataclass(frozen=True, slots=True)
class Someone:
    """Who comes, what of the groups they may use, and whether they may use what is every member's own."""

    comes: Callable[[Scene], Any]
    may: Callable[[Use], bool]
    is_heard: bool = True


REFUSED = {
    "member": Someone(a_member, nobody),
    "moderator of another server": Someone(a_moderator_of_another_server, nobody),
    "muted moderator": Someone(a_muted_moderator, nobody, is_heard=False),
    "bot": Someone(a_bot_that_administers, nobody, is_heard=False),
}
LET_IN = {
    "moderator": Someone(a_moderator, moderators),
    "manager": Someone(a_manager_who_moderates_nothing, managers),
    "administrator": Someone(an_administrator, everybody),
}


def is_refused(answer: Answer) -> bool:
    """Whether it was refused, and nothing was shown or opened with that."""
    if answer.modal is not None or not answer.content.startswith(REFUSALS):
        return False
    return (answer.embeds, answer.attachments, answer.shown["components"]) == ([], [], [])


def attempts(scene: Scene, who: Intruder) -> dict[str, tuple[Use | None, Callable[[], Any]]]:
    """Everything that can be used: by its name whose it is, and how it is used."""
    slash, menus = registered(scene)
    message = scene.post("words", author=scene.manager)
    found: dict[str, tuple[Use | None, Callable[[], Any]]] = {}
    for name, options in slash.items():
        given = filled(scene, options)
        found[name] = use_of_command(name), lambda name=name, given=given: who.slash(name, **given)
    for name in menus:
        found[name] = use_of_command(name), lambda name=name: who.menu(name, message)
    for kind, custom_ids in EXAMPLES.items():
        for one in custom_ids:
            values = next(([value] for begins, value in SELECTS.items() if one.startswith(begins)), None)
            use = None if kind in EVERYONES_CONTROLS else use_of_control(one)
            found[one] = use, lambda one=one, values=values: who.press(one, values)
    typed = "lawspeaker:settings:typed:brake_actions"
    found[typed] = use_of_control(typed), lambda: who.submit(typed, **{"0": "5"})
    return found


@pytest.mark.parametrize("name", REFUSED)
async def test_who_moderates_nothing_here_gets_nothing_through_whatever_they_send(scene: Scene, name: str) -> None:
    someone = REFUSED[name]
    who = Intruder(scene, await someone.comes(scene))
    tried = {one: how for one, (use, how) in attempts(scene, who).items() if use is not None}
    assert len(tried) > 70
    async with nothing_changes(scene):
        answers = await asyncio.gather(*(how() for how in tried.values()))
    assert [one for one, answer in zip(tried, answers, strict=True) if not is_refused(answer)] == []


@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_every_members_own_is_for_members_who_may_speak(scene: Scene, name: str) -> None:
    someone = REFUSED[name]
    who = Intruder(scene, await someone.comes(scene))
    (report,) = [how for one, (use, how) in attempts(scene, who).items() if use is None and one in EVERYONES]
    assert is_refused(await report()) is not someone.is_heard
    assert bool(await scene.store.cases.list(scene.guild.id)) is someone.is_heard
    appeal = await who.press(f"lawspeaker:appeal:{scene.guild.id}:1")
    assert appeal.content.startswith("There is no case here that you could appeal")


@pytest.mark.parametrize("name", REFUSED)
async def test_nothing_of_the_server_is_suggested_to_who_moderates_nothing(scene: Scene, name: str) -> None:
    await scene.break_rule("1", ASK)
    await scene.case(scene.post("perhaps spam"))
    role_id = next(iter(scene.guild.members[scene.manager.id].roles))
    await scene.store.guilds.set_access(scene.guild.id, AccessChange(role_id, Group.CASES, True))
    await scene.store.policies.save_draft(scene.guild.id, "1. No cats. [flag]\n", scene.moderator.id)
    who, owner = Intruder(scene, await REFUSED[name].comes(scene)), Intruder(scene, scene.owner)
    slash, _ = registered(scene)
    asked = [(path, one["name"]) for path, options in slash.items() for one in options if one.get("autocomplete")]
    assert len(asked) > 15
    told = await asyncio.gather(*(who.suggested(path, option) for path, option in asked))
    assert {of[1] for of, choices in zip(asked, told, strict=True) if choices} <= {"actions"}, "which are everywhere"
    shown = await asyncio.gather(*(owner.suggested(path, option) for path, option in asked))
    assert len([choices for choices in shown if choices]) > 10


@pytest.mark.parametrize("name", LET_IN)
async def test_each_of_those_who_are_let_in_gets_their_own_through_and_no_more(stage: Stage, name: str) -> None:
    someone, scene = LET_IN[name], await stage.scene()
    who = Intruder(scene, await someone.comes(scene))
    got: dict[str, bool] = {}
    for one, (use, how) in attempts(scene, who).items():
        if use is not None:
            got[one] = not is_refused(await how())
    meant = {one: someone.may(use) for one, (use, _) in attempts(scene, who).items() if use is not None}
    assert {one for one in got if got[one]} == {one for one in meant if meant[one]}


async def test_discord_itself_refuses_commands_to_who_is_muted(scene: Scene) -> None:
    muted = await hand(scene, await a_muted_moderator(scene))
    for path in ("policy show", "case list", "health"):
        with pytest.raises(MemberError, match="50013"):
            await muted.slash(path)


# Webhooks


def by_webhook(scene: Scene, content: str, **body: Any) -> Message:
    """A message of a webhook, which can call itself what it likes."""
    author = scene.server.world.add_user("Lawspeaker", bot=True)
    message: Message = scene.server.posting.post(
        author, scene.general, {"content": content, **body}, (), webhook_id=WEBHOOK
    )
    return message


async def test_a_webhooks_message_is_looked_at_by_moderators_alone_and_reported_by_nobody(scene: Scene) -> None:
    message = by_webhook(scene, "words")
    member, moderator = Intruder(scene, scene.member), Intruder(scene, scene.moderator)
    for name in ("Why?", "Check against policy"):
        assert is_refused(await member.menu(name, message))
        assert not is_refused(await moderator.menu(name, message))
    for who in (member, moderator):
        told = await who.menu("Report to moderators", message)
        assert told.content.startswith("Only messages of members can be reported")
    assert await scene.store.cases.list(scene.guild.id) == []


async def test_a_control_under_a_webhooks_message_lets_nobody_do_what_they_may_not(scene: Scene) -> None:
    await scene.break_rule("1", ASK)
    case = await scene.case(scene.post("perhaps spam"))
    confirm = f"lawspeaker:case:confirm:{case.number}"
    row = {"type": 1, "components": [{"type": 2, "style": 1, "label": "Confirm", "custom_id": confirm}]}
    message = by_webhook(scene, "press this for a gift", components=[row])
    assert is_refused(await Intruder(scene, scene.member).press(confirm, under=message))
    after = await scene.store.cases.get(scene.guild.id, case.number)
    assert after is not None
    assert after.reviews == ()
