"""`/setup` and the policy: packs merged into the draft, the first policy published once it can judge."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.policy import Policy
from bot.judge.interface import JudgeError
from bot.sandbox.permissions import MANAGE_GUILD
from cogs.setup import COMPILING
from tests.cogs.live import Hand, hand, nothing_changes
from tests.cogs.scripted_stage import held, judge_of, running_stage
from tests.cogs.setting_up import fresh, manager, marks, pick, publish
from tests.stage import Scene

__all__ = ["fresh", "manager", "running_stage"]
pytestmark = pytest.mark.asyncio(loop_scope="session")


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


async def test_who_manages_but_does_not_moderate_sets_all_but_the_policy(fresh: Scene) -> None:
    role = fresh.server.moderation.create_role(fresh.guild, "Organisers", MANAGE_GUILD)
    fresh.server.moderation.set_roles(fresh.guild, fresh.owner, fresh.guild.members[fresh.member.id], {role.id}, None)
    someone = await hand(fresh, fresh.member)
    shown = await pick(someone, await someone.slash("setup"), "mode", "off")
    assert marks(shown)[3] == "⬜"
    async with nothing_changes(fresh):
        shown = await pick(someone, shown, "packs", "scams")
    assert shown.content.startswith("Only moderators may do this")
