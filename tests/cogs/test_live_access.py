"""`/access`: a role is given or refused a group of commands, for buttons and menus too, and nobody is locked out."""

from __future__ import annotations

import pytest

from bot.domain.access import Group, RoleAccess
from bot.sandbox.model import Role
from tests.cogs.live import Hand, hand, nothing_changes, opened_to_all
from tests.cogs.scripted_stage import running_stage
from tests.stage import ASK, Scene, until

__all__ = ["running_stage"]
pytestmark = pytest.mark.asyncio(loop_scope="session")


async def helper(scene: Scene, name: str = "Helpers") -> tuple[Role, Hand]:
    """A role without any permission, and the scene's member with it."""
    role = scene.server.moderation.create_role(scene.guild, name)
    member = scene.guild.members[scene.member.id]
    scene.server.moderation.set_roles(scene.guild, scene.owner, member, {*member.roles, role.id}, None)
    return role, await hand(scene, scene.member)


async def test_a_role_is_given_one_group_and_no_other_and_it_is_on_record(scene: Scene) -> None:
    role, someone = await helper(scene)
    manager = await hand(scene, scene.manager)
    given = await manager.slash("access give", role=role.id, group="cases")
    assert given.content.startswith(f"<@&{role.id}> may use the commands for cases and reviews from now on.")
    await scene.break_rule("1", ASK)
    case = await scene.case(scene.post("perhaps spam", author=scene.member))
    with opened_to_all(scene):
        taken = await someone.press(await someone.slash("queue"), "Next")
        assert taken.content.startswith(f"Case {case.number} is yours")
        assert f"More on case {case.number}" in (await someone.press(taken, "More")).text
        assert (await someone.slash("policy show")).content.startswith("Only moderators may do this")
        assert (await someone.why(scene.post("words"))).content.startswith("Only moderators may do this")
    (change,) = [one for one in await scene.store.audit.settings(scene.guild.id) if one.what.startswith("access.")]
    assert (change.author_id, change.what) == (scene.manager.id, f"access.{role.id}.cases")
    assert (change.before, change.after) == (None, "given")
    assert f"Given to <@&{role.id}>" in (await manager.slash("access list")).text


async def test_a_moderator_role_is_refused_a_group_on_buttons_and_menus_too_and_told_whom_to_ask(scene: Scene) -> None:
    role, _ = await helper(scene)
    manager, moderator = await hand(scene, scene.manager), await hand(scene, scene.moderator)
    await scene.break_rule("1", ASK)
    case = await scene.case(scene.post("perhaps spam"))
    shown = await moderator.slash("case view", number=case.number)
    await manager.slash("access give", role=role.id, group="cases")
    refused = await manager.slash("access refuse", role=scene.moderator_role_id, group="cases")
    assert "no longer" in refused.content
    sentence = (
        f"This server refuses the commands for cases and reviews to <@&{scene.moderator_role_id}>: "
        f"ask somebody with <@&{role.id}>, or an administrator."
    )
    for answer in (
        await moderator.press(shown, "Confirm"),
        await moderator.client.select(shown.shown, f"lawspeaker:case:act:{case.number}", ["delete"]),
        await moderator.slash("queue"),
    ):
        assert answer.content == sentence
        assert answer.shown["mentions"] == []
    assert not answer.shown.get("mention_roles")
    place = (scene.guild.id, scene.general.id)
    assert await moderator.client.autocomplete(*place, "case view", "number") == []
    assert "Version 1, live" in (await moderator.slash("policy show")).text
    now = await scene.store.cases.get(scene.guild.id, case.number)
    assert now is not None
    assert (now.reviews, now.claimed_by) == ((), None)


async def test_what_was_said_is_taken_back_and_the_default_holds_again(scene: Scene) -> None:
    manager, moderator = await hand(scene, scene.manager), await hand(scene, scene.moderator)
    await manager.slash("access refuse", role=scene.moderator_role_id, group="stats")
    assert (await moderator.slash("stats")).content.startswith("This server refuses")
    (choice,) = await manager.client.autocomplete(
        scene.guild.id, scene.general.id, "access reset", "said", said="stats"
    )
    assert choice["name"] == "@Moderators: stats refused"
    assert "by default" in (await manager.slash("access reset", said=choice["value"])).content
    assert "This server refuses" not in (await moderator.slash("stats")).content
    assert (await scene.store.guilds.get(scene.guild.id)).access == frozenset()
    for said in (choice["value"], "7", "7.bans", "x.cases"):
        assert (await manager.slash("access reset", said=said)).content.startswith("Nothing is said of that role")


async def test_who_has_the_settings_by_a_role_alone_gives_nobody_more(scene: Scene) -> None:
    role, someone = await helper(scene)
    await (await hand(scene, scene.manager)).slash("access give", role=role.id, group="settings")
    with opened_to_all(scene):
        assert "Settings" in (await someone.slash("settings")).text
        async with nothing_changes(scene):
            answer = await someone.slash("access give", role=role.id, group="privacy")
    assert answer.content == "Who may use what is changed by members with the permission Manage Server only."


async def test_nobody_is_locked_out_and_a_role_that_is_gone_can_be_taken_out(scene: Scene) -> None:
    role, _ = await helper(scene)
    manager, owner = await hand(scene, scene.manager), await hand(scene, scene.owner)
    (managers,) = scene.guild.members[scene.manager.id].roles
    await manager.slash("access give", role=role.id, group="privacy")
    await manager.slash("access refuse", role=managers, group="settings")
    assert (await manager.slash("access reset", said=f"{managers}.settings")).content.startswith("This server refuses")
    assert "by default" in (await owner.slash("access reset", said=f"{managers}.settings")).content
    scene.server.moderation.delete_role(scene.guild, role)

    async def gone() -> bool:
        guild = scene.stage.trial.app.client.get_guild(scene.guild.id)
        return guild is not None and guild.get_role(role.id) is None

    await until(gone)
    assert f"<@&{role.id}>, which is gone" in (await manager.slash("access list")).text
    await manager.slash("access reset", said=f"{role.id}.privacy")
    assert (await scene.store.guilds.get(scene.guild.id)).access == frozenset()


async def test_everyone_and_another_servers_roles_change_nothing_here(scene: Scene) -> None:
    manager = await hand(scene, scene.manager)
    other = await scene.stage.scene()
    async with nothing_changes(scene):
        answer = await manager.slash("access give", role=scene.guild.id, group="cases")
    assert answer.content.startswith("Everyone has the role @everyone")
    await manager.slash("access refuse", role=scene.moderator_role_id, group="cases")
    assert (await other.store.guilds.get(other.guild.id)).access == frozenset()
    assert (await scene.store.guilds.get(scene.guild.id)).access == {
        RoleAccess(scene.moderator_role_id, Group.CASES, False)
    }
