"""`/policy edit` and `import`: what is typed or sent becomes a draft with its diff, or comes back with a sentence."""

from __future__ import annotations

import pytest

from bot.domain.policy import policy_digest
from tests.cogs.live import file_in, hand, nothing_changes
from tests.stage import POLICY, Scene

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="session")]

STRICTER = POLICY.replace("1. No spam. [delete]", "1. No spam. [delete, warn]")
LONG = "".join(f"{number}. No thing number {number}{' of a long kind' * 30}. [flag]\n" for number in range(1, 11))
TYPED = "1. No spam. [shout]\n"


async def test_an_edit_shows_its_diff_with_a_publish_button_and_changes_nothing_yet(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    answer = await moderator.edit(STRICTER)
    lines = answer.text.splitlines()
    assert "-1. No spam. [delete]" in lines
    assert "+1. No spam. [delete, warn]" in lines
    assert "against version 1" in answer.text
    assert answer.buttons == ["Publish"]
    live, draft = await scene.store.policies.live(scene.guild.id), await scene.store.policies.draft(scene.guild.id)
    assert live is not None
    assert draft is not None
    assert (live.source, draft.source) == (POLICY, STRICTER)


async def test_the_editor_opens_with_the_draft_else_with_the_live_text(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    first = await moderator.editor()
    await moderator.submit(first, STRICTER)
    second = await moderator.editor()
    assert [one.modal and one.modal.inputs["Rules in plain language"]["value"] for one in (first, second)] == [
        POLICY,
        STRICTER,
    ]


async def test_an_edit_that_changes_nothing_offers_nothing_to_publish(scene: Scene) -> None:
    answer = await (await hand(scene, scene.moderator)).edit(POLICY)
    assert "No line differs" in answer.text
    assert answer.buttons == []


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("  \n ", "The policy is empty: write at least one rule."),
        (TYPED, "Rule 1 asks for “shout”; actions are"),
        ("1. No spam.\n1. No ads.\n", "Two rules are numbered 1: give each a number of its own."),
    ],
)
async def test_a_text_that_is_no_policy_is_refused_in_a_sentence_and_comes_back(
    scene: Scene, typed: str, sentence: str
) -> None:
    moderator = await hand(scene, scene.moderator)
    async with nothing_changes(scene):
        answer = await moderator.edit(typed)
    assert answer.content.startswith(sentence)
    assert answer.content.endswith("Your text is attached.")
    assert file_in(scene, answer, "your-text.md") == typed
    assert answer.buttons == []


async def test_a_policy_that_is_too_long_is_refused_in_a_sentence_and_comes_back(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    text = "1. No " + "very " * 4_000 + "long rules.\n"
    async with nothing_changes(scene):
        answer = await moderator.send(text)
    shorten = f"The policy has {len(text):,} characters; shorten it to 16,000 or fewer."
    assert answer.content == f"{shorten} Your text is attached."
    assert file_in(scene, answer, "your-text.md") == text


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\xff\xfe1\x00.\x00", "The file is no UTF-8 text: save it as plain text in UTF-8 and send it again."),
        (b"x" * 65_537, "The file has 65,537 bytes: send at most 65,536."),
        (b" \n", "The policy is empty: write at least one rule. Your text is attached."),
    ],
)
async def test_a_file_that_is_no_policy_is_refused_in_one_sentence(scene: Scene, content: bytes, sentence: str) -> None:
    moderator = await hand(scene, scene.moderator)
    async with nothing_changes(scene):
        assert (await moderator.send(content)).content == sentence


async def test_a_long_policy_comes_and_goes_as_a_file(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    kept = await moderator.send(LONG)
    changes = file_in(scene, kept, "changes.diff").splitlines()
    assert [line for line in changes if line.startswith("+") and line != "+++ draft"] == [
        f"+{line}" for line in LONG.splitlines()
    ]
    assert kept.buttons == ["Publish"]
    again = await moderator.editor()
    assert again.modal is None
    assert again.content.startswith("The policy is too long for Discord's editor")
    assert again.content.endswith("send it with /policy import.")
    assert file_in(scene, again, "policy.md") == LONG


async def test_of_two_moderators_editing_at_once_the_second_is_told_and_no_text_is_lost(scene: Scene) -> None:
    one, other = await hand(scene, scene.moderator), await hand(scene, scene.manager)
    theirs, mine = await one.editor(), await other.editor()
    await one.submit(theirs, STRICTER)
    async with nothing_changes(scene):
        answer = await other.submit(mine, "1. No cats. [flag]\n")
    assert answer.content.startswith("Somebody else changed the draft meanwhile: look at it and edit again.")
    assert file_in(scene, answer, "your-text.md") == "1. No cats. [flag]\n"


async def test_a_file_that_replaces_anothers_draft_says_so_and_attaches_it(scene: Scene) -> None:
    await (await hand(scene, scene.moderator)).edit(STRICTER)
    answer = await (await hand(scene, scene.manager)).send("1. No cats. [flag]\n")
    assert f"It replaces the draft of <@{scene.moderator.id}>, which is attached." in answer.content
    assert file_in(scene, answer, "replaced-draft.md") == STRICTER
    assert answer.shown["mentions"] == []


async def test_an_edit_begun_before_another_version_went_live_says_so(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    editor = await moderator.editor()
    await scene.publish(STRICTER)
    answer = await moderator.submit(editor, POLICY)
    assert "published version 2" in answer.content
    assert "against version 2" in answer.text
    draft = await scene.store.policies.draft(scene.guild.id)
    assert draft is not None
    assert draft.digest == policy_digest(POLICY)
