"""*Confirm*, *Overturn* and *More* under a case in the mod log."""

from __future__ import annotations

import asyncio

import pytest

from bot.discord_io.caseview import case_view
from bot.domain.records import CaseStatus, ReviewKind
from bot.sandbox.model import Overwrite
from bot.sandbox.permissions import VIEW_CHANNEL
from tests.cogs.cases.desk import look, opened, press, read, shown, two
from tests.cogs.live import hand
from tests.cogs.restarted import connected
from tests.stage import ASK, Scene, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


def keep_the_post_as_it_is(scene: Scene) -> None:
    """Let the bot's next change of a message fail, so that buttons stay under a post which were to go."""
    route = "/channels/{channel_id}/messages/{message_id}"
    scene.server.fail("PATCH", route, 403, body={"code": 50001, "message": "Missing Access"})


async def test_confirm_records_the_review_and_the_post_shows_who_answered_and_how(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    case = await opened(scene)
    answer = await press(moderator, case, "Confirm")
    assert answer.content == f"Case {case.number} is confirmed."
    (review,) = (await read(scene, case)).reviews
    assert (review.kind, review.reviewer_id) == (ReviewKind.CONFIRM, scene.moderator.id)
    post = await look(moderator, case)
    assert f"confirmed by <@{scene.moderator.id}>" in post.text
    assert post.buttons == ["More"]


async def test_a_second_press_does_nothing_and_tells_who_answered(scene: Scene) -> None:
    moderator, manager = await two(scene)
    case = await opened(scene)
    keep_the_post_as_it_is(scene)
    await press(moderator, case, "Confirm")
    for someone, label in ((moderator, "Confirm"), (manager, "Confirm"), (manager, "Overturn")):
        answer = await press(someone, case, label)
        assert answer.content.startswith(f"Case {case.number} was confirmed already by <@{scene.moderator.id}>")
    assert [one.kind for one in (await read(scene, case)).reviews] == [ReviewKind.CONFIRM]


async def test_of_two_moderators_at_once_one_answers_and_the_other_is_told_who(scene: Scene) -> None:
    moderator, manager = await two(scene)
    case = await opened(scene, "3", "a threat")
    posts = [await shown(moderator, case), await shown(manager, case)]
    answers = await asyncio.gather(
        moderator.client.press(posts[0], "Overturn"), manager.client.press(posts[1], "Confirm")
    )
    (review,) = (await read(scene, case)).reviews
    late = answers[1] if review.kind is ReviewKind.OVERTURN else answers[0]
    assert f"already by <@{review.reviewer_id}>" in late.content


@pytest.mark.parametrize("label", ["Confirm", "Overturn", "More"])
async def test_the_buttons_are_refused_to_members_when_they_are_pressed(scene: Scene, label: str) -> None:
    moderator = await hand(scene, scene.moderator)
    case = await opened(scene, "3", "a threat")
    member = scene.guild.members[scene.moderator.id]
    scene.server.moderation.set_roles(scene.guild, scene.owner, member, set(), None)
    answer = await press(moderator, case, label)
    assert answer.content.startswith("Only moderators may do this")
    assert answer.embeds == []
    now = await read(scene, case)
    assert (now.reviews, [one.undoing for one in now.actions]) == ((), [None, None, None])


@pytest.mark.parametrize("label", ["Confirm", "Overturn", "More"])
async def test_the_buttons_are_refused_where_the_moderator_cannot_see_the_cases_channel(
    scene: Scene, label: str
) -> None:
    moderator = await hand(scene, scene.moderator)
    case = await opened(scene)
    scene.server.places.set_overwrite(scene.general, Overwrite(scene.moderator.id, 1, deny=VIEW_CHANNEL))
    answer = await press(moderator, case, label)
    assert answer.content == "That message is in a channel you cannot see."
    assert (await read(scene, case)).reviews == ()


async def test_another_servers_number_is_not_reachable(scene: Scene, stage: Stage) -> None:
    other = await stage.scene()
    theirs = await opened(scene)
    assert theirs.number == 1
    await opened(other)
    number_two = await opened(other)
    moderator = await hand(other, other.moderator)
    for deed in ("confirm", "overturn", "more"):
        post = await shown(moderator, number_two)
        post["components"][0]["components"][0]["custom_id"] = f"lawspeaker:case:{deed}:1"
        stored = other.log.messages.get(int(post["id"]))
        assert stored is not None
        stored.components[0]["components"][0]["custom_id"] = f"lawspeaker:case:{deed}:1"
        await moderator.client.press(post, f"lawspeaker:case:{deed}:1")
    assert (await read(scene, theirs)).reviews == ()
    ours = await other.store.cases.get(other.guild.id, 1)
    assert ours is not None
    assert [one.kind for one in ours.reviews] == [ReviewKind.CONFIRM]


async def test_a_button_of_a_case_that_is_not_there_says_so(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    case = await opened(scene)
    post, stored = await shown(moderator, case), scene.log.messages.get(case.log_message_id or 0)
    assert stored is not None
    stored.components[0]["components"][0]["custom_id"] = "lawspeaker:case:confirm:999999999"
    post["components"][0]["components"][0]["custom_id"] = "lawspeaker:case:confirm:999999999"
    answer = await moderator.client.press(post, "lawspeaker:case:confirm:999999999")
    assert answer.content == "There is no case 999999999 on this server."


async def test_more_tells_probabilities_per_rule_context_and_the_authors_earlier_cases(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    first = await opened(scene, "2", "an earlier shop")
    scene.post("@everyone what was said before", scene.owner)
    case = await scene.case(scene.post("come to my shop"))
    text = (await press(moderator, case, "More")).text
    for key, words in (("1", "No spam"), ("2", "No advertising"), ("6", "Somebody may hurt themselves")):
        assert f"50% · rule {key}: {words}" in text
    assert "what was said before" in text.replace("\\", "")
    assert "||" in text
    assert "@everyone" not in text
    assert f"**{first.number}** open · rule 2" in text
    assert f"**{case.number}** open" not in text


async def test_more_keeps_earlier_cases_to_itself_whose_channel_the_moderator_cannot_see(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    secret = scene.server.places.create(scene.guild, {"name": "secret"})
    await scene.store.guilds.watch(scene.guild.id, secret.id)
    await scene.break_rule("2")
    hidden = await scene.case(scene.post("a shop", channel=secret))
    scene.server.places.set_overwrite(secret, Overwrite(scene.moderator.id, 1, deny=VIEW_CHANNEL))
    case = await opened(scene)
    text = (await press(moderator, case, "More")).text
    assert f"**{hidden.number}** open" not in text


async def test_a_case_that_needs_a_human_is_answered_in_the_same_way(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    await scene.break_rule("1", ASK)
    case = await scene.case(scene.post("perhaps spam"))
    assert (await press(moderator, case, "Overturn")).content == (
        f"Case {case.number} is overturned. Nothing had been done."
    )


async def test_a_post_that_cannot_be_changed_does_not_keep_an_answer_from_being_recorded(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    case = await opened(scene)
    keep_the_post_as_it_is(scene)
    assert (await press(moderator, case, "Confirm")).content == f"Case {case.number} is confirmed."
    assert len((await read(scene, case)).reviews) == 1


async def test_the_buttons_still_work_after_the_bot_restarted(stage: Stage) -> None:
    """Played by a second application on the same Discord: restarting the stage's own would cost every other test."""
    server = stage.trial.server
    application = server.world.add_application("Restarted")
    scene = await stage.scene()
    server.invite(scene.guild, application)
    moderator = await hand(scene, scene.moderator)
    case = await opened(scene)
    async with connected(stage, application, scene.guild.id) as client:
        channel = client.get_channel(scene.log.id)
        assert channel is not None
        await channel.send(view=case_view(case))  # type: ignore[union-attr]
    post, _ = await moderator.client.messages(scene.log.id)
    async with connected(stage, application, scene.guild.id):
        assert f"More on case {case.number}" in (await moderator.client.press(post, "More")).text
        assert (await moderator.client.press(post, "Confirm")).content == f"Case {case.number} is confirmed."
    server.commands.replace((application.id, None), [])
    assert (await read(scene, case)).status is CaseStatus.CONFIRMED


async def test_an_answer_given_before_the_post_was_recorded_is_shown_in_it_all_the_same(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged = scene.store.cases.logged

    async def answered_meanwhile(guild_id: int, number: int, channel_id: int, message_id: int) -> None:
        await scene.store.reviews.answer(guild_id, number, ReviewKind.CONFIRM, scene.moderator.id)
        await logged(guild_id, number, channel_id, message_id)

    monkeypatch.setattr(scene.store.cases, "logged", answered_meanwhile)
    case = await opened(scene)
    post = await look(await hand(scene, scene.moderator), case)
    assert f"confirmed by <@{scene.moderator.id}>" in post.text
