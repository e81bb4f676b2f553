"""`/privacy export`: all that a server's records hold about a member, for those with Manage Server."""

from __future__ import annotations

import json
from typing import Any

import pytest

import cogs.privacy
from bot.domain.records import ReviewKind
from bot.sandbox.answer import Answer, MemberError
from bot.sandbox.model import User
from tests.cogs.live import file_in, hand, opened_to_all
from tests.cogs.scripted_stage import running_stage
from tests.stage import Scene

__all__ = ["running_stage"]
pytestmark = pytest.mark.asyncio(loop_scope="session")


def file_of(scene: Scene, answer: Answer, member_id: int) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(file_in(scene, answer, f"member-{member_id}.json"))
    return read


async def history(scene: Scene) -> None:
    """Ordinary words of a member, words before another's message, and a case with a review."""
    bystander = a_bystander(scene)
    await scene.settled(scene.post("my ordinary words"))
    await scene.settled(scene.post("the bystander's words", bystander))
    await scene.break_rule("2")
    case = await scene.case(scene.post("come to my shop"))
    await scene.store.reviews.answer(
        scene.guild.id, case.number, ReviewKind.CONFIRM, scene.moderator.id, note="a clear one"
    )
    await scene.break_none()


def a_bystander(scene: Scene) -> User:
    user: User = scene.server.world.add_user("a-bystander")
    scene.server.world.join(scene.guild, user)
    return user


async def test_the_file_holds_messages_verdicts_cases_actions_reviews_and_words_before_others_messages(
    scene: Scene,
) -> None:
    await history(scene)
    manager = await hand(scene, scene.manager)
    answer = await manager.slash("privacy export", member=scene.member.id)
    assert "2 messages of theirs" in answer.content
    assert answer.shown["mentions"] == []
    told = file_of(scene, answer, scene.member.id)
    assert (told["server_id"], told["member_id"]) == (str(scene.guild.id), str(scene.member.id))
    ordinary, cased = told["messages"]
    assert (ordinary["text"], ordinary["author_name"], ordinary["case"]) == ("my ordinary words", "a-member", None)
    assert ordinary["verdict"]["outcome"] == "allow"
    assert cased["verdict"]["rationale"] == "It says come to my shop, which breaks rule 2."
    assert cased["verdict"]["quote"] == "come to my shop"
    assert (cased["case"]["number"], cased["verdict"]["decided_rule"]) == (1, "2")
    assert [(one["kind"], one["outcome"]) for one in cased["case"]["actions"]] == [("flag", "done")]
    assert [(one["kind"], one["note"]) for one in cased["case"]["reviews"]] == [("confirm", "a clear one")]
    (before,) = told["in_context_of_others"]
    assert (before["author_name"], before["text"]) == ("a-member", "my ordinary words")


async def test_what_others_said_is_not_in_it(scene: Scene) -> None:
    await history(scene)
    answer = await (await hand(scene, scene.manager)).slash("privacy export", member=scene.member.id)
    assert "bystander" not in file_in(scene, answer, f"member-{scene.member.id}.json")


async def test_somebody_who_left_is_exported_by_id(scene: Scene) -> None:
    await history(scene)
    scene.server.moderation.leave(scene.guild, scene.member)
    manager = await hand(scene, scene.manager)
    told = file_of(scene, await manager.slash("privacy export", user_id=str(scene.member.id)), scene.member.id)
    assert [one["text"] for one in told["messages"]] == ["my ordinary words", "come to my shop"]


async def test_another_servers_records_are_not_in_it(scene: Scene) -> None:
    other = await scene.stage.scene()
    await other.settled(other.post("said elsewhere", scene.member))
    manager = await hand(scene, scene.manager)
    answer = await manager.slash("privacy export", member=scene.member.id)
    assert (answer.content, answer.attachments) == (
        f"This server's records hold nothing about <@{scene.member.id}>.",
        [],
    )


async def test_what_a_moderator_did_is_on_record_about_them(scene: Scene) -> None:
    await history(scene)
    answer = await (await hand(scene, scene.manager)).slash("privacy export", member=scene.moderator.id)
    told = file_of(scene, answer, scene.moderator.id)
    assert [one.get("review_of_case") or one["policy_version"] for one in told["as_moderator"]] == [1, 1]


async def test_what_is_over_discords_limit_comes_in_several_files(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await history(scene)
    monkeypatch.setattr(cogs.privacy, "FILE_BYTES", 3_600)
    manager = await hand(scene, scene.manager)
    answer = await manager.slash("privacy export", member=scene.member.id)
    assert "File 1 of 2." in answer.content
    first = json.loads(file_in(scene, answer, f"member-{scene.member.id}-1.json"))
    assert (first["part"], first["parts"]) == (1, 2)
    second = await manager.client.wait_until(
        lambda name, event: name == "MESSAGE_CREATE" and event.get("content") == "File 2 of 2.", 10
    )
    assert [one["filename"] for one in second["attachments"]] == [f"member-{scene.member.id}-2.json"]
    assert second["flags"] & 1 << 6


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "Pick a member, or give the user id of somebody who left: one of the two."),
        ({"user_id": "ana"}, "That is no user's id"),
        ({"user_id": "123456789012345678"}, "This server's records hold nothing about <@123456789012345678>."),
    ],
)
async def test_bad_input_gets_a_sentence(scene: Scene, options: dict[str, str], sentence: str) -> None:
    answer = await (await hand(scene, scene.manager)).slash("privacy export", **options)
    assert answer.content.startswith(sentence)
    assert answer.attachments == []


async def test_it_needs_manage_server_whatever_discords_own_settings_say(scene: Scene) -> None:
    await history(scene)
    moderator = await hand(scene, scene.moderator)
    with pytest.raises(MemberError, match="50013"):
        await moderator.slash("privacy export", member=scene.member.id)
    with opened_to_all(scene):
        answer = await moderator.slash("privacy export", member=scene.member.id)
    assert (answer.content, answer.attachments) == ("This needs the permission Manage Server.", [])
