"""`/queue`: what waits for a human, why and since when; *Next* lets one moderator at a time have the oldest case."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from discord import TextChannel
from discord.ui import View

from bot.domain.records import CLAIM_LASTS, CaseRecord, CaseStatus
from bot.sandbox.answer import Answer
from bot.sandbox.permissions import VIEW_CHANNEL
from cogs.queue import QueueButton
from tests.cogs.cases.desk import look, opened, press, read, two
from tests.cogs.cases.test_live_appeals import appealed
from tests.cogs.live import Hand, hand, opened_to_all
from tests.cogs.restarted import connected
from tests.stage import ASK, Scene, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def unsure(scene: Scene, text: str = "perhaps spam") -> CaseRecord:
    """A case between the thresholds."""
    await scene.break_rule("1", ASK)
    return await scene.case(scene.post(text))


def lines(answer: Answer) -> list[str]:
    """The cases of a page, a line each."""
    return str(answer.embeds[0]["description"]).splitlines()


async def next_of(someone: Hand, answer: Answer) -> Answer:
    return await someone.press(answer, "Next")


async def test_the_queue_says_what_waits_why_since_when_and_where_oldest_first(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    assert "Nothing waits" in (await moderator.slash("queue")).text
    acted = await opened(scene, "3", "a threat")
    await press(moderator, acted, "Confirm")
    between = await unsure(scene)
    called = await opened(scene, "6", "I may hurt myself")
    await appealed(await hand(scene, scene.member))
    answer = await moderator.slash("queue")
    first, second, third = lines(answer)
    assert first.startswith(f"**{between.number}** between the thresholds, <t:{int(between.created_at.timestamp())}:R>")
    assert second.startswith(f"**{called.number}** a human was called, ")
    assert third.startswith(f"**{acted.number}** its author appeals, ")
    for case, line in ((between, first), (called, second), (acted, third)):
        server = f"https://discord.com/channels/{scene.guild.id}"
        assert f"[message]({server}/{scene.general.id}/{case.submission.message_id})" in line
        assert f"[post]({server}/{scene.log.id}/{case.log_message_id})" in line
    assert "3 cases" in str(answer.embeds[0]["footer"])


async def test_next_claims_the_oldest_free_case_and_shows_it_with_its_buttons_and_nothing_is_done(
    scene: Scene,
) -> None:
    moderator, manager = await two(scene)
    first, second = await unsure(scene), await unsure(scene, "perhaps spam too")
    mine = await next_of(moderator, await moderator.slash("queue"))
    assert mine.content.startswith(f"Case {first.number} is yours until")
    assert mine.embeds[0]["title"].startswith(f"Case {first.number} ")
    assert {"Confirm", "Overturn", "More", "Claim", "Release", "Next"} <= set(mine.buttons)
    assert f"claimed by <@{scene.moderator.id}> until" in lines(await manager.slash("queue"))[0]
    theirs = await next_of(manager, await manager.slash("queue"))
    assert theirs.content.startswith(f"Case {second.number} is yours until")
    assert "is claimed by somebody" in (await next_of(manager, theirs)).content
    for case in (first, second):
        assert (await read(scene, case)).actions == ()
        assert scene.general.messages.get(case.submission.message_id) is not None
    assert (await moderator.press(mine, "Confirm")).content == f"Case {first.number} is confirmed."
    assert [line.split("**")[1] for line in lines(await manager.slash("queue"))] == [str(second.number)]


async def test_of_two_who_press_next_at_once_each_gets_another_case(scene: Scene) -> None:
    moderator, manager = await two(scene)
    cases = [await unsure(scene), await unsure(scene, "more")]
    mine, theirs = await moderator.slash("queue"), await manager.slash("queue")
    await asyncio.gather(next_of(moderator, mine), next_of(manager, theirs))
    assert {(await read(scene, case)).claimed_by for case in cases} == {scene.moderator.id, scene.manager.id}


async def test_after_ten_minutes_a_claimed_case_is_handed_out_again(scene: Scene) -> None:
    moderator, manager = await two(scene)
    case = await unsure(scene)
    began = datetime.now(UTC) - CLAIM_LASTS - timedelta(seconds=1)
    await scene.store.reviews.claim(scene.guild.id, case.number, scene.moderator.id, began)
    assert "claimed" not in lines(await moderator.slash("queue"))[0]
    await next_of(manager, await manager.slash("queue"))
    assert (await read(scene, case)).claimed_by == scene.manager.id


async def test_an_appealed_case_can_be_claimed_and_decided_on_anew_though_it_was_answered(scene: Scene) -> None:
    moderator, manager = await two(scene)
    case = await opened(scene, "3", "a threat")
    await press(moderator, case, "Confirm")
    await appealed(await hand(scene, scene.member))
    assert {"Confirm", "Overturn", "Claim"} <= set((await look(manager, case)).buttons)
    taken = await next_of(manager, await manager.slash("queue"))
    assert "that was a joke" in taken.text
    assert "is claimed by" in (await press(moderator, case, "Overturn")).content
    refused = await moderator.slash("case answer", number=case.number, text="no")
    assert refused.content.startswith(f"Case {case.number} is claimed by")
    assert "is overturned" in (await manager.press(taken, "Overturn")).content
    assert (await read(scene, case)).status is CaseStatus.OVERTURNED
    assert "Nothing waits" in (await manager.slash("queue")).text


async def test_it_is_paged(scene: Scene) -> None:
    cases = [await unsure(scene, f"words {number}") for number in range(12)]
    moderator = await hand(scene, scene.moderator)
    shown = await moderator.slash("queue")
    assert "page 1 of 2" in str(shown.embeds[0]["footer"])
    for label, wanted in (("Newer", cases[10:]), ("Refresh", cases[10:]), ("Older", cases[:10])):
        shown = await moderator.press(shown, label)
        assert [line.split("**")[1] for line in lines(shown)] == [str(case.number) for case in wanted]


async def test_next_works_after_a_restart(scene: Scene, stage: Stage) -> None:
    case = await unsure(scene)
    moderator = await hand(scene, scene.moderator)
    server = scene.server
    application = server.world.add_application("Restarted")
    server.invite(scene.guild, application)
    async with connected(stage, application, scene.guild.id) as client:
        channel = client.get_channel(scene.log.id)
        assert isinstance(channel, TextChannel)
        await channel.send(view=View(timeout=None).add_item(QueueButton.next()))
    post, *_ = await moderator.client.messages(scene.log.id)
    async with connected(stage, application, scene.guild.id):
        assert f"Case {case.number} is yours until" in (await moderator.client.press(post, "Next")).content
    server.commands.replace((application.id, None), [])


async def test_members_and_moderators_who_cannot_see_the_channel_get_nothing_from_it(scene: Scene) -> None:
    hidden = [{"id": str(scene.moderator_role_id), "type": 0, "allow": "0", "deny": str(VIEW_CHANNEL)}]
    channel = scene.server.places.create(scene.guild, {"name": "council", "permission_overwrites": hidden})
    await scene.store.guilds.watch(scene.guild.id, channel.id)
    await scene.break_rule("1", ASK)
    case = await scene.case(scene.post("council words", channel=channel))
    moderator, owner = await hand(scene, scene.moderator), await hand(scene, scene.owner)
    assert "Nothing waits" in (await moderator.slash("queue")).text
    shown = await owner.slash("queue")
    assert len(lines(shown)) == 1
    stranger = await hand(scene, scene.member)
    with opened_to_all(scene):
        assert (await stranger.slash("queue")).content.startswith("Only moderators may do this")
    assert (await read(scene, case)).claimed_by is None


async def test_a_moderator_no_longer_is_refused_at_the_button(scene: Scene) -> None:
    case = await unsure(scene)
    moderator = await hand(scene, scene.moderator)
    shown = await moderator.slash("queue")
    member = scene.guild.members[scene.moderator.id]
    scene.server.moderation.set_roles(scene.guild, scene.owner, member, set(), None)
    assert (await next_of(moderator, shown)).content.startswith("Only moderators may do this")
    assert (await read(scene, case)).claimed_by is None
