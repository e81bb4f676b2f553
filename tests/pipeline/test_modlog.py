"""Cases in the mod log: rule, rationale, quote, probability, policy version, case number; once each."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.policy import Policy
from bot.domain.verdict import Explanation
from bot.judge.interface import JudgeError
from bot.pipeline.casework import MOST_AT_ONCE
from bot.sandbox import permissions
from bot.sandbox.model import Message, Overwrite
from tests.pipeline.rights import cases_in
from tests.stage import ASK, Scene, until

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="session")]


def text_of(post: Message) -> str:
    parts = []
    for embed in post.embeds:
        parts += [embed.get("title", ""), embed.get("description", ""), embed.get("footer", {}).get("text", "")]
        parts += [f"{field['name']}: {field['value']}" for field in embed.get("fields", [])]
    return "\n".join(parts)


async def test_a_case_shows_rule_rationale_quote_probability_version_and_number(scene: Scene) -> None:
    await scene.break_rule("2")
    case = await scene.case(scene.post("come to my shop today"))
    (post,) = scene.log.messages
    assert case.verdict is not None
    text = text_of(post)
    assert f"Case {case.number}" in text
    assert "No advertising" in text
    assert case.verdict.rationale
    assert case.verdict.quote in "come to my shop today"
    for part in (
        case.verdict.rationale[:20],
        case.verdict.quote,
        f"{case.verdict.probabilities['2']:.0%}",
        "version 1",
    ):
        assert part in text.replace("\\", ""), part


async def test_a_case_is_posted_once_though_the_answer_was_lost(scene: Scene) -> None:
    await scene.break_rule("2")
    scene.server.fail("POST", "/channels/{channel_id}/messages", 500, after=True)
    case = await scene.case(scene.post("come to my shop"))
    assert len(scene.log.messages) == 1
    assert case.log_message_id == next(iter(scene.log.messages)).id


async def test_members_text_pings_and_formats_nothing(scene: Scene) -> None:
    await scene.break_rule("1", ASK)
    await scene.case(scene.post(f"@everyone <@{scene.owner.id}> **look** ||here|| [link](https://site.example)"))
    (post,) = scene.log.messages
    assert (post.mentions, post.mention_roles, post.mention_everyone) == ([], [], False)
    assert "](https://site.example)" not in text_of(post)


async def test_without_a_log_channel_an_escalation_fails_with_advice_and_the_case_stays(scene: Scene) -> None:
    await scene.store.guilds.update(scene.guild.id, log_channel_id=None)
    await scene.break_rule("6")
    case = await scene.case(scene.post("I cannot go on"))
    (record,) = case.actions
    assert record.outcome.value == "failed"
    assert "/watch log" in record.note


async def test_a_log_channel_the_bot_may_not_post_in_is_named(scene: Scene) -> None:
    scene.server.places.set_overwrite(scene.log, Overwrite(scene.bot.id, 1, deny=permissions.SEND_MESSAGES))
    await scene.break_rule("6")
    case = await scene.case(scene.post("I cannot go on"))
    assert case.actions[0].note.startswith("the bot may not post in the log channel")


async def test_a_log_in_a_thread_goes_on_when_the_thread_was_archived(scene: Scene) -> None:
    thread = scene.server.places.open_thread(scene.log, scene.moderator, {"name": "cases", "type": 11})
    await scene.store.guilds.update(scene.guild.id, log_channel_id=thread.id)
    await scene.archived(thread)
    await scene.break_rule("2")
    case = await scene.case(scene.post("come to my shop"))
    assert case.log_message_id is not None
    assert case.log_message_id == next(iter(thread.messages)).id


async def test_neither_deletions_nor_calls_for_a_human_wait_for_other_cases_explanations(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge, slow = scene.stage.trial.app.judge, asyncio.Event()
    explain = judge.explain

    async def explain_slowly(policy: Policy, text: str, rule_key: str, *_: object) -> Explanation:
        if rule_key == "1":
            await slow.wait()
            raise JudgeError("It took too long.")
        return await explain(policy, text, rule_key)

    monkeypatch.setattr(judge, "explain", explain_slowly)
    await scene.break_rule("1")
    spam = [scene.post(f"spam {number}") for number in range(MOST_AT_ONCE + 4)]

    async def all_gone() -> bool:
        return all(scene.gone(message) for message in spam)

    await until(all_gone)
    assert not scene.log.messages
    await scene.break_rule("6")
    await scene.case(scene.post("I cannot go on"))
    (post,) = scene.log.messages
    assert post.mention_roles == [scene.moderator_role_id]
    slow.set()
    for message in spam:
        await scene.case(message)


async def test_case_numbers_count_per_server(scene: Scene) -> None:
    await scene.break_rule("2")
    first, second = await scene.case(scene.post("a shop")), await scene.case(scene.post("another shop"))
    assert (first.number, second.number) == (1, 2)


async def test_a_review_channel_that_is_gone_loses_no_call_for_a_human(scene: Scene) -> None:
    await scene.store.guilds.update(scene.guild.id, review_channel_id=5)
    await scene.break_rule("6")
    case = await scene.case(scene.post("I cannot go on"))
    (post,) = cases_in(scene.log)
    assert post.mention_roles == [scene.moderator_role_id]
    (record,) = case.actions
    assert record.outcome.value == "done"
    assert record.note == "posted here, because the review channel is gone: set another with /settings"


async def test_a_review_channel_is_enough_for_cases_that_need_a_human(scene: Scene) -> None:
    await scene.store.guilds.update(scene.guild.id, review_channel_id=scene.log.id, log_channel_id=None)
    await scene.break_rule("2", ASK)
    assert (await scene.case(scene.post("come to my shop"))).log_channel_id == scene.log.id
