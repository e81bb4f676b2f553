"""`/policy export`, `diff` and `rollback`: any version taken out, compared with any other, and made the law again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from bot.domain.policy import Policy
from bot.judge.interface import JudgeError
from tests.cogs.live import file_in, hand, nothing_changes
from tests.stage import POLICY, Scene, Stage

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="session")]

SECOND = "1. No talk of the weather. [flag]\n"
DRAFTED = "1. No cats. [flag]\r\n\r\nNo line break at the end"


def when_compiling(scene: Scene, monkeypatch: pytest.MonkeyPatch, then: Callable[[], Awaitable[object]]) -> None:
    """Have something happen while the judge compiles a card."""
    judge = scene.stage.trial.app.judge
    compiled = judge.prepare

    async def prepare(policy: Policy) -> None:
        await then()
        await compiled(policy)

    monkeypatch.setattr(judge, "prepare", prepare)


async def test_export_gives_any_version_as_a_file_exactly_as_it_was_written(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    await scene.publish(SECOND)
    await moderator.send(DRAFTED)
    given = {
        "policy-2.md": await moderator.slash("policy export"),
        "policy-1.md": await moderator.slash("policy export", version="1"),
        "policy-draft.md": await moderator.slash("policy export", version="draft"),
    }
    assert [file_in(scene, answer, name) for name, answer in given.items()] == [SECOND, POLICY, DRAFTED]
    assert given["policy-1.md"].content == "This is version 1."


async def test_diff_compares_any_two_versions_the_draft_and_the_live_one_included(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    await scene.publish(SECOND)
    await moderator.edit("1. No cats. [flag]\n")
    titles = {
        "From version 2 to the draft": {},
        "From version 1 to version 2": {"new": "live"},
        "From the draft to version 1": {"old": "draft", "new": "1"},
        "From version 1 to the draft": {"old": "1"},
    }
    for title, options in titles.items():
        (embed,) = (await moderator.slash("policy diff", **options)).embeds
        assert embed["title"] == title
    lines = (await moderator.slash("policy diff")).text.splitlines()
    assert "-1. No talk of the weather. [flag]" in lines
    assert "+1. No cats. [flag]" in lines


async def test_diff_without_a_draft_shows_what_the_last_version_changed(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    await scene.publish(SECOND)
    assert "From version 1 to version 2" in (await moderator.slash("policy diff")).text


async def test_a_long_diff_comes_as_a_file_too(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    await scene.publish("".join(f"{number}. No {'thing ' * 90}{number}. [flag]\n" for number in range(1, 15)))
    answer = await moderator.slash("policy diff")
    assert file_in(scene, answer, "changes.diff").startswith("--- version 1\n+++ version 2\n")


async def test_rolling_back_makes_the_old_text_the_law_as_a_new_version_with_who_and_why(scene: Scene) -> None:
    await scene.publish(SECOND)
    moderator = await hand(scene, scene.manager)
    answer = await moderator.slash("policy rollback", version="1", reason="the weather is dull")
    assert answer.content == "Version 3 is live and has the text of version 1."
    live = await scene.store.policies.live(scene.guild.id)
    assert live is not None
    assert (live.number, live.source, live.author_id) == (3, POLICY, scene.manager.id)
    assert live.reason == "back to version 1: the weather is dull"
    judgement = await scene.settled(scene.post("the next message"))
    assert judgement.policy_number == 3
    assert r"live · back to version 1\: the weather is dull" in (await moderator.slash("policy history")).text


async def test_rolling_back_to_the_live_text_says_so_and_changes_nothing(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    async with nothing_changes(scene):
        for version in ("1", "live"):
            answer = await moderator.slash("policy rollback", version=version)
            assert answer.content == "Version 1 is live and has this very text: nothing was changed."


async def test_rolling_back_keeps_the_draft_and_says_so(scene: Scene) -> None:
    await scene.publish(SECOND)
    moderator = await hand(scene, scene.moderator)
    await moderator.send(DRAFTED)
    answer = await moderator.slash("policy rollback", version="1")
    assert answer.content.endswith("The draft is kept as it is.")
    draft = await scene.store.policies.draft(scene.guild.id)
    assert draft is not None
    assert draft.source == DRAFTED


async def test_a_version_is_compiled_before_it_is_live_again(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    await scene.publish(SECOND)
    moderator = await hand(scene, scene.moderator)
    numbers: list[int] = []

    async def look() -> None:
        live = await scene.store.policies.live(scene.guild.id)
        assert live is not None
        numbers.append(live.number)

    when_compiling(scene, monkeypatch, look)
    await moderator.slash("policy rollback", version="1")
    assert numbers == [2]


async def test_rolling_back_while_the_judge_is_away_leaves_the_law_as_it_was(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scene.publish(SECOND)
    moderator = await hand(scene, scene.moderator)

    async def away() -> None:
        raise JudgeError("The judge is away.")

    when_compiling(scene, monkeypatch, away)
    async with nothing_changes(scene):
        answer = await moderator.slash("policy rollback", version="1")
    assert answer.content == "Nothing was changed, the law is what it was: The judge is away."


async def test_of_two_who_change_the_law_at_once_the_one_rolling_back_is_told(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scene.publish(SECOND)
    moderator = await hand(scene, scene.moderator)
    when_compiling(scene, monkeypatch, lambda: scene.publish("1. No cats. [flag]\n"))
    answer = await moderator.slash("policy rollback", version="1")
    assert answer.content == "Meanwhile version 3 went live: look at it and decide again."
    live = await scene.store.policies.live(scene.guild.id)
    assert live is not None
    assert live.number == 3


async def test_versions_that_are_not_there_get_a_sentence(stage: Stage, scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    async with nothing_changes(scene):
        for path, options, sentence in [
            ("export", {"version": "7"}, "There is no version 7: see /policy history."),
            ("export", {"version": "x"}, "Name a version by its number, as 3, or write draft or live."),
            ("diff", {}, "Nothing was the law before version 1: name both versions, as old and new."),
            ("diff", {"new": "draft"}, "There is no draft at present."),
            ("rollback", {"version": "7"}, "There is no version 7: see /policy history."),
            ("rollback", {"version": "draft"}, "There is no draft at present."),
        ]:
            assert (await moderator.slash(f"policy {path}", **options)).content == sentence
    await moderator.send(DRAFTED)
    refused = await moderator.slash("policy rollback", version="draft")
    assert refused.content == "A draft is not gone back to: make it the law with /policy publish."
    bare = await stage.scene(policy=None)
    newcomer = await hand(bare, bare.moderator)
    for path in ("export", "diff"):
        answer = await newcomer.slash(f"policy {path}")
        assert answer.content == "There is no policy yet: write one with /policy edit."


async def test_versions_are_offered_to_compare_and_only_published_ones_to_go_back_to(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    await scene.publish(SECOND)
    await moderator.send(DRAFTED)
    for path, option, values in [
        ("diff", "old", ["draft", "live", "2", "1"]),
        ("diff", "new", ["draft", "live", "2", "1"]),
        ("export", "version", ["draft", "live", "2", "1"]),
        ("rollback", "version", ["2", "1"]),
    ]:
        offered = await moderator.client.autocomplete(scene.guild.id, scene.general.id, f"policy {path}", option)
        assert [choice["value"] for choice in offered] == values
