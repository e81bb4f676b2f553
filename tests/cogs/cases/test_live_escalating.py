"""Escalations ping the role the server named, once: also after a lost answer, a restart, and edits of the post."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from discord import DiscordServerError

from bot.domain.records import ActionOutcome, CaseRecord
from bot.pipeline.lacks import Lacks
from bot.pipeline.metrics import NoMetrics
from bot.pipeline.modlog import ModLog
from tests.cogs.cases.desk import opened, post_of, press, read
from tests.cogs.live import hand
from tests.stage import Scene

pytestmark = pytest.mark.asyncio(loop_scope="session")

MESSAGES = "/channels/{channel_id}/messages"
MESSAGE = "/channels/{channel_id}/messages/{message_id}"


def pings(scene: Scene) -> list[list[str]]:
    """The roles that each message of the bot was allowed to ping, edits among them; those that may ping none aside."""
    bodies: list[dict[str, Any]] = [
        one.request_body
        for one in scene.stage.exchanges
        if one.by_bot and one.template in {MESSAGES, MESSAGE} and one.method in {"POST", "PATCH"}
    ]
    allowed = [body["allowed_mentions"] for body in bodies]
    assert all(not one.get("parse") and not one.get("users") for one in allowed), "nothing is pinged by its kind"
    return [[str(role) for role in one["roles"]] for one in allowed if one.get("roles")]


async def again(scene: Scene, case: CaseRecord) -> CaseRecord:
    """Let a process that knows only the database post a case; the case afterwards."""
    (record,) = case.actions
    await scene.store.cases.attempt(record.id)
    await ModLog(scene.stage.trial.app.client, scene.store, NoMetrics(), Lacks()).post(case, "the rule")
    return await read(scene, case)


def before_it_was_recorded(case: CaseRecord) -> CaseRecord:
    """A case as a process finds it whose forerunner died right after it had posted, longer ago than nonces last."""
    actions = tuple(replace(one, outcome=ActionOutcome.ATTEMPTED, attempted_at=case.created_at) for one in case.actions)
    return replace(
        case,
        actions=actions,
        log_message_id=None,
        log_channel_id=None,
        log_nonce="another",
        created_at=case.created_at - timedelta(seconds=30),
    )


async def test_a_call_for_a_human_pings_the_role_of_the_server_and_nobody_else(scene: Scene) -> None:
    case = await opened(scene, "6", f"@everyone <@{scene.owner.id}> I cannot go on")
    (post,) = scene.log.messages
    assert post.mention_roles == [scene.moderator_role_id]
    assert (post.mentions, post.mention_everyone) == ([], False)
    assert [(one.outcome.value, one.note) for one in case.actions] == [("done", "")]
    assert pings(scene) == [[str(scene.moderator_role_id)]]


async def test_what_becomes_of_the_case_edits_its_post_and_pings_nobody_again(scene: Scene) -> None:
    case = await opened(scene, "6", "I cannot go on")
    moderator = await hand(scene, scene.moderator)
    for label in ("Claim", "Release", "Confirm"):
        await press(moderator, case, label)
    await moderator.slash("case note", number=case.number, text=f"<@&{scene.moderator_role_id}> look")
    await moderator.slash("case overturn", number=case.number)
    assert "overturned" in str(post_of(scene, case).embeds)
    assert len(list(scene.log.messages)) == 1
    assert pings(scene) == [[str(scene.moderator_role_id)]]


async def test_an_answer_that_was_lost_on_its_way_posts_and_pings_once(scene: Scene) -> None:
    scene.server.fail("POST", MESSAGES, 503, after=True)
    modlog = ModLog(scene.stage.trial.app.client, scene.store, NoMetrics(), Lacks())
    await scene.store.guilds.update(scene.guild.id, log_channel_id=None)
    unposted = await opened(scene, "6", "I cannot go on")
    await scene.store.guilds.update(scene.guild.id, log_channel_id=scene.log.id)
    planned = as_planned(unposted)
    with pytest.raises(DiscordServerError):
        await modlog.post(planned, "the rule")
    await modlog.post(planned, "the rule")
    (post,) = scene.log.messages
    assert post.mention_roles == [scene.moderator_role_id]
    assert (await read(scene, unposted)).log_message_id == post.id


def as_planned(case: CaseRecord) -> CaseRecord:
    """A case none of whose actions was begun."""
    return replace(case, actions=tuple(replace(one, outcome=ActionOutcome.PLANNED) for one in case.actions))


async def test_a_process_that_died_between_posting_and_recording_it_posts_and_pings_nothing_twice(
    scene: Scene,
) -> None:
    case = await opened(scene, "6", "I cannot go on")
    now = await again(scene, before_it_was_recorded(case))
    (post,) = scene.log.messages
    assert now.log_message_id == post.id
    assert [(one.outcome.value, one.note) for one in now.actions] == [("done", "")]
    assert len(pings(scene)) == 1


async def test_a_post_is_found_however_many_were_posted_before_and_after_it(scene: Scene) -> None:
    for number in range(120):
        scene.server.post(scene.bot, scene.log, f"before {number}")
    case = await opened(scene, "6", "I cannot go on")
    for number in range(120):
        scene.server.post(scene.bot, scene.log, f"after {number}")
    now = await again(scene, before_it_was_recorded(case))
    assert now.log_message_id == case.log_message_id
    assert len([one for one in scene.log.messages if one.components]) == 1
    assert len(pings(scene)) == 1


async def test_a_post_whose_answer_was_lost_is_found_by_the_same_process_once_its_nonce_has_expired(
    scene: Scene,
) -> None:
    modlog = ModLog(scene.stage.trial.app.client, scene.store, NoMetrics(), Lacks())
    await scene.store.guilds.update(scene.guild.id, log_channel_id=None)
    unposted = as_planned(await opened(scene, "6", "I cannot go on"))
    await scene.store.guilds.update(scene.guild.id, log_channel_id=scene.log.id)
    scene.server.fail("POST", MESSAGES, 503, after=True)
    with pytest.raises(DiscordServerError):
        await modlog.post(unposted, "the rule")
    await modlog.post(replace(unposted, log_nonce="another"), "the rule")
    (post,) = scene.log.messages
    assert (await read(scene, unposted)).log_message_id == post.id


async def test_a_case_that_nobody_can_have_posted_is_not_looked_for(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.pipeline.modlog.CLOCKS_APART", timedelta(0))
    await opened(scene, "3", "a threat")
    assert len(list(scene.log.messages)) == 1
    assert not [one for one in scene.stage.exchanges if one.by_bot and (one.method, one.template) == ("GET", MESSAGES)]


async def test_a_process_that_died_before_recording_the_outcome_records_it_and_posts_nothing(scene: Scene) -> None:
    case = await opened(scene, "6", "I cannot go on")
    attempted = tuple(replace(one, outcome=ActionOutcome.ATTEMPTED) for one in case.actions)
    now = await again(scene, replace(case, actions=attempted))
    assert [(one.outcome.value, one.note) for one in now.actions] == [("done", "")]
    assert len(pings(scene)) == 1


async def test_a_role_that_nobody_may_mention_is_named_as_not_pinged_also_by_the_next_process(scene: Scene) -> None:
    scene.guild.roles[scene.moderator_role_id].mentionable = False
    case = await opened(scene, "6", "I cannot go on")
    attempted = tuple(replace(one, outcome=ActionOutcome.ATTEMPTED) for one in case.actions)
    now = await again(scene, replace(case, actions=attempted))
    for one in (case, now):
        assert "nobody was pinged" in one.actions[0].note


async def test_another_role_set_meanwhile_is_not_pinged_for_a_case_that_pinged_already(scene: Scene) -> None:
    case = await opened(scene, "6", "I cannot go on")
    other = scene.server.world.add_role(scene.guild, "Others", 0)
    other.mentionable = True
    await scene.store.guilds.update(scene.guild.id, escalation_role_id=other.id)
    now = await again(scene, before_it_was_recorded(case))
    assert now.actions[0].note == ""
    assert pings(scene) == [[str(scene.moderator_role_id)]]
