"""`/policy template`: the packs listed, previewed, and merged into the draft."""

from __future__ import annotations

import pytest

from bot.discord_io.limits import CUSTOM_ID
from bot.domain.policy_text import parse_policy
from bot.packs import load_packs
from cogs.policy_template import MergeButton, merge_view
from tests.cogs.live import hand, nothing_changes, opened_to_all
from tests.stage import POLICY, Scene, Stage

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="session")]

SCAMS = next(pack.policy for pack in load_packs() if pack.name == "scams")
MERGE = "Merge into the draft"


async def test_all_packs_are_listed_and_offered_while_typing(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    listed = (await moderator.slash("policy template")).text
    assert all(f"**{pack.name}**" in listed for pack in load_packs())
    where = scene.guild.id, scene.general.id, "policy template", "name"
    assert len(await moderator.client.autocomplete(*where)) == len(load_packs()) <= 25
    (offered,) = await moderator.client.autocomplete(*where, name="PHISH")
    assert offered == {"name": "scams · Scams and phishing", "value": "scams"}
    with opened_to_all(scene):
        member = await hand(scene, scene.member)
        assert await member.client.autocomplete(*where) == []


async def test_a_preview_shows_the_text_and_what_merging_would_do_and_changes_nothing(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    async with nothing_changes(scene):
        answer = await moderator.slash("policy template", name="scams")
    assert SCAMS.source.rstrip("\n") in answer.text
    assert "It adds rule 7" in answer.text
    assert answer.buttons == [MERGE]


async def test_merging_makes_a_draft_with_its_diff_as_an_edit_does(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    answer = await moderator.press(await moderator.slash("policy template", name="scams"), MERGE)
    draft = await scene.store.policies.draft(scene.guild.id)
    assert draft is not None
    assert draft.source.startswith(POLICY)
    policy = parse_policy(draft.source)
    assert policy.rule("7").text == SCAMS.rules[0].text
    assert policy.fine == SCAMS.fine
    assert {example.rule for example in policy.examples} == {"7", None}
    assert f"+7. {SCAMS.rules[0].text} [delete, timeout 1d]" in answer.text.splitlines()
    assert "It adds rule 7." in answer.content
    assert answer.buttons == ["Publish"]


async def test_the_button_goes_on_from_the_draft_of_the_moment_and_says_whose(scene: Scene) -> None:
    one, other = await hand(scene, scene.moderator), await hand(scene, scene.manager)
    preview = await one.slash("policy template", name="scams")
    await other.slash("policy rule add", words="No cats.")
    answer = await one.press(preview, MERGE)
    assert "It adds rule 8." in answer.content
    assert f"It goes on from the draft of <@{scene.manager.id}>." in answer.content


async def test_a_button_pressed_twice_says_that_all_is_there(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    preview = await moderator.slash("policy template", name="scams")
    await moderator.press(preview, MERGE)
    async with nothing_changes(scene):
        again = await moderator.press(preview, MERGE)
    assert again.content == "All rules of this template are in the policy already."
    shown = await moderator.slash("policy template", name="scams")
    assert r"cannot be merged\: All rules of this template are in the policy already" in shown.text
    assert shown.buttons == []


async def test_a_server_without_a_policy_begins_with_the_pack_itself(stage: Stage) -> None:
    scene = await stage.scene(policy=None)
    moderator = await hand(scene, scene.moderator)
    await moderator.press(await moderator.slash("policy template", name="harassment"), MERGE)
    draft = await scene.store.policies.draft(scene.guild.id)
    assert draft is not None
    assert draft.source == next(pack.policy.source for pack in load_packs() if pack.name == "harassment")


async def test_the_button_asks_for_the_permission_when_it_is_pressed(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    preview = await moderator.slash("policy template", name="scams")
    scene.server.moderation.set_roles(scene.guild, scene.owner, scene.guild.members[scene.moderator.id], set(), None)
    async with nothing_changes(scene):
        refused = await moderator.press(preview, MERGE)
    assert refused.content.startswith("Only moderators may do this")


async def test_a_pack_that_is_not_there_gets_a_sentence(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    answer = await moderator.slash("policy template", name="cats")
    assert answer.content == "There is no such template: /policy template without a name lists them."


async def test_the_buttons_outlive_a_restart_and_fit() -> None:
    for pack in load_packs():
        view = merge_view(pack.name)
        (button,) = view.children
        assert isinstance(button, MergeButton)
        assert view.is_persistent()
        assert len(button.custom_id) <= CUSTOM_ID
        assert button.template.fullmatch(button.custom_id)
