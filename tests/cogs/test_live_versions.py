"""`/policy show` and `/policy history`: what is law, what was, since when, by whom and why."""

from __future__ import annotations

import pytest

from bot.domain.policy import policy_digest
from tests.cogs.live import file_in, hand, opened_to_all
from tests.stage import POLICY, Scene, Stage

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="session")]

SECOND = "1. No talk of the weather. [flag]\n"
HOSTILE = "# @everyone\n\n1. No ```calls``` to <@&5> or [links](https://site.example) @here. [delete]\n"


async def test_show_gives_the_live_text_its_rules_actions_digest_and_author(scene: Scene) -> None:
    text = (await (await hand(scene, scene.moderator)).slash("policy show")).text
    assert "Version 1, live" in text
    assert POLICY.rstrip("\n") in text
    assert "**3** No threats. · delete, warn, timeout 1h" in text
    assert policy_digest(POLICY)[:12] in text
    assert f"<@{scene.moderator.id}>" in text


async def test_show_gives_any_version_and_the_draft(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    await scene.publish(SECOND)
    await moderator.edit("1. No cats. [flag]\n")
    old, draft = (
        await moderator.slash("policy show", version="1"),
        await moderator.slash("policy show", version="draft"),
    )
    assert "Version 1, no longer live" in old.text
    assert "No cats" in draft.text
    assert "not published" in draft.text


async def test_what_is_not_there_gets_a_sentence_that_says_what_to_do(stage: Stage, scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    assert (await moderator.slash("policy show", version="7")).content == "There is no version 7: see /policy history."
    assert (await moderator.slash("policy show", version="x")).content.startswith("Name a version by its number")
    assert (await moderator.slash("policy show", version="draft")).content == "There is no draft at present."
    bare = await stage.scene(policy=None)
    newcomer = await hand(bare, bare.moderator)
    assert (await newcomer.slash("policy show")).content == "There is no policy yet: write one with /policy edit."
    assert "None is published yet" in (await newcomer.slash("policy history")).text


async def test_history_lists_versions_newest_first_with_digest_author_reason_and_which_is_live(scene: Scene) -> None:
    manager = await hand(scene, scene.manager)
    await manager.edit(SECOND)
    draft = await scene.store.policies.draft(scene.guild.id)
    assert draft is not None
    await scene.store.policies.publish(scene.guild.id, draft.digest, scene.manager.id, "the weather is dull")
    (embed,) = (await manager.slash("policy history")).embeds
    newest, oldest = embed["description"].splitlines()
    assert newest.startswith(f"**2** · `{policy_digest(SECOND)[:12]}` · <@{scene.manager.id}>")
    assert newest.endswith("live · the weather is dull")
    assert oldest.startswith(f"**1** · `{policy_digest(POLICY)[:12]}` · <@{scene.moderator.id}>")
    assert "live" not in oldest


async def test_versions_are_offered_while_typing(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    await scene.publish(SECOND)
    where = scene.guild.id, scene.general.id, "policy show", "version"
    offered = await moderator.client.autocomplete(*where)
    assert [choice["value"] for choice in offered] == ["live", "2", "1"]
    assert offered[0]["name"] == "live (version 2)"
    await moderator.edit("1. No cats. [flag]\n")
    assert [choice["value"] for choice in await moderator.client.autocomplete(*where, version="dr")] == ["draft"]
    with opened_to_all(scene):
        member = await hand(scene, scene.member)
        assert await member.client.autocomplete(*where) == []


async def test_nothing_written_in_a_policy_or_a_reason_pings_formats_or_links(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    edited = await moderator.edit(HOSTILE)
    draft = await scene.store.policies.draft(scene.guild.id)
    assert draft is not None
    await scene.store.policies.publish(
        scene.guild.id, draft.digest, scene.moderator.id, "@everyone [see](https://x.example)"
    )
    shown, history = await moderator.slash("policy show"), await moderator.slash("policy history")
    for answer in (edited, shown, history):
        assert not answer.shown["mention_everyone"]
        assert answer.shown["mention_roles"] == []
        assert "@everyone" not in outside_code(answer.text)
        assert "](https://" not in outside_code(answer.text)
        assert "<@&5>" not in outside_code(answer.text)
    assert file_in(scene, shown, "policy.md") == HOSTILE


def outside_code(text: str) -> str:
    """What Discord would format: all that is in no code block. Every other part between fences is in one."""
    return "".join(text.split("```")[::2])
