"""`/policy rule`: one rule of the draft is changed, the answer is that of an edit, and nobody's work is lost."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.records import PolicyVersion
from tests.cogs.live import file_in, hand, nothing_changes, opened_to_all
from tests.stage import POLICY, Scene, Stage

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="session")]

ODD = "# House  \r\n1) No ads.\t\r\n  [flag]\r\n\r\n\r\n* not a rule\r\n2) No cats. [ban]"


async def draft_of(scene: Scene) -> str | None:
    draft = await scene.store.policies.draft(scene.guild.id)
    return draft.source if draft else None


async def test_a_rule_added_to_the_live_text_makes_a_draft_with_its_diff_and_a_publish_button(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    answer = await moderator.slash("policy rule add", words="No cats.", actions="delete, timeout 60m")
    assert await draft_of(scene) == f"{POLICY}7. No cats. [delete, timeout 1h]\n"
    assert "+7. No cats. [delete, timeout 1h]" in answer.text.splitlines()
    assert "Linter" in answer.text
    assert answer.buttons == ["Publish"]
    assert (await moderator.press(answer)).content == "Version 2 is live."


async def test_a_rule_is_changed_and_taken_out_at_its_own_lines_of_the_draft(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    await moderator.send(ODD)
    await moderator.slash("policy rule edit", rule="1", actions="warn")
    assert await draft_of(scene) == ODD.replace("No ads.\t\r\n  [flag]", "No ads. [warn]")
    await moderator.slash("policy rule edit", rule="2", words="No dogs.")
    assert await draft_of(scene) == ODD.replace("No ads.\t\r\n  [flag]", "No ads. [warn]").replace("cats", "dogs")
    answer = await moderator.slash("policy rule remove", rule="1")
    assert await draft_of(scene) == "# House  \r\n\r\n\r\n* not a rule\r\n2) No dogs. [ban]"
    assert answer.buttons == ["Publish"]


async def test_the_first_rule_of_a_server_makes_its_policy(stage: Stage) -> None:
    scene = await stage.scene(policy=None)
    moderator = await hand(scene, scene.moderator)
    await moderator.slash("policy rule add", words="No cats.")
    assert await draft_of(scene) == "1. No cats.\n"


async def test_rules_and_actions_are_offered_by_key_and_words_while_typing(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    where = scene.guild.id, scene.general.id

    async def offered(path: str, option: str, **typed: Any) -> list[dict[str, Any]]:
        return await moderator.client.autocomplete(*where, f"policy rule {path}", option, **typed)

    assert [one["value"] for one in await offered("edit", "rule")] == ["1", "2", "3", "4", "5", "6"]
    assert await offered("remove", "rule", rule="THREAT") == [{"name": "3 · No threats.", "value": "3"}]
    assert [one["value"] for one in await offered("add", "actions", actions="de")] == ["delete"]
    last = await offered("edit", "actions", rule="1", actions="delete, t")
    assert [one["value"] for one in last] == ["delete, timeout 1h"]
    await moderator.send("1. " + "very " * 60 + "long [flag]\n")
    (long,) = await offered("edit", "rule")
    assert len(long["name"]) == 100
    with opened_to_all(scene):
        member = await hand(scene, scene.member)
        assert await member.client.autocomplete(*where, "policy rule edit", "rule") == []


@pytest.mark.parametrize(
    ("path", "options", "sentence"),
    [
        ("edit", {"rule": "9", "words": "No cats."}, "There is no rule 9: the rules are 1, 2, 3, 4, 5, 6."),
        ("edit", {"rule": "1"}, "Say what to change: the rule's words, its actions, or both."),
        ("edit", {"rule": "1", "actions": "shout"}, "Rule 1 asks for “shout”; actions are"),
        ("add", {"words": "[delete]"}, "The rule has no words: say what it forbids."),
        ("remove", {"rule": "9"}, "There is no rule 9: the rules are"),
    ],
)
async def test_what_cannot_be_done_gets_one_sentence_and_changes_nothing(
    scene: Scene, path: str, options: dict[str, Any], sentence: str
) -> None:
    moderator = await hand(scene, scene.moderator)
    async with nothing_changes(scene):
        answer = await moderator.slash(f"policy rule {path}", **options)
    assert answer.content.startswith(sentence)
    assert answer.buttons == []


async def test_prose_and_policies_that_are_not_there_get_a_sentence(stage: Stage, scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    await moderator.edit("Be kind to everybody, and do not sell anything.")
    async with nothing_changes(scene):
        for path, options in (("add", {"words": "No cats."}), ("remove", {"rule": "1"})):
            answer = await moderator.slash(f"policy rule {path}", **options)
            assert answer.content.startswith("This policy is plain prose and read as one rule: change it with")
    bare = await stage.scene(policy=None)
    newcomer = await hand(bare, bare.moderator)
    answer = await newcomer.slash("policy rule remove", rule="1")
    assert answer.content == "There is no policy yet: write one with /policy edit."


async def test_whoever_goes_on_from_anothers_draft_is_told(scene: Scene) -> None:
    one, other = await hand(scene, scene.moderator), await hand(scene, scene.manager)
    await one.slash("policy rule add", words="No cats.")
    answer = await other.slash("policy rule add", words="No dogs.")
    assert f"It goes on from the draft of <@{scene.moderator.id}>." in answer.content
    assert await draft_of(scene) == f"{POLICY}7. No cats.\n8. No dogs.\n"


async def test_of_two_moderators_at_once_the_second_is_told_and_loses_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    policies = scene.store.policies
    save, theirs = policies.save_draft, f"{POLICY}7. No cats.\n"

    async def save_after_another(
        guild_id: int, source: str, author_id: int, based_on: str | None = None, place_id: int | None = None
    ) -> PolicyVersion:
        await save(guild_id, theirs, scene.manager.id)
        return await save(guild_id, source, author_id, based_on, place_id)

    monkeypatch.setattr(policies, "save_draft", save_after_another)
    moderator = await hand(scene, scene.moderator)
    answer = await moderator.slash("policy rule add", words="No dogs.")
    assert answer.content.startswith("Somebody else changed the draft meanwhile: look at it and edit again.")
    assert file_in(scene, answer, "your-text.md") == f"{POLICY}7. No dogs.\n"
    assert await draft_of(scene) == theirs
