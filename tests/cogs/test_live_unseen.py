"""What is said where a moderator cannot look stays there: in channels hidden from them, and in private threads.

They name it by its case's number, by its message's link and id, by its place in the journal, in lists and searches, and
with buttons that they were shown while they could still look.
"""

from __future__ import annotations

import pytest

from bot.discord_io.embeds import message_link
from bot.domain.decision import Thresholds
from bot.domain.learned import Lesson
from bot.domain.records import CaseRecord
from bot.domain.setting_fields import FIELDS
from bot.domain.setting_kinds import Change
from bot.sandbox.model import Channel, Message, Overwrite
from bot.sandbox.permissions import MANAGE_THREADS, VIEW_CHANNEL
from tests.cogs.cases.desk import read
from tests.cogs.forging import Intruder
from tests.cogs.live import hand, nothing_changes
from tests.cogs.scoped import add_place, own_policy
from tests.cogs.scripted_stage import running_stage
from tests.stage import ASK, Scene

__all__ = ["running_stage"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

SECRET = "quincunx"
PRIVATE_THREAD = 12
PLACES = ["hidden channel", "private thread", "archived private thread", "private thread closed to the bot"]


class Hidden:
    """A place that the scene's moderator cannot look into, a case of it and a message that was fine."""

    def __init__(self, place: Channel, case: CaseRecord, allowed: Message, journal_id: int) -> None:
        self.place, self.case, self.allowed, self.journal_id = place, case, allowed, journal_id


async def opened_in(scene: Scene, name: str) -> Hidden:
    """Something said there; the moderator lacks Manage Threads, by which all private threads are seen."""
    general = scene.general
    scene.server.places.set_overwrite(general, Overwrite(scene.moderator.id, 1, deny=MANAGE_THREADS))
    if name == "hidden channel":
        place = await add_place(scene, "council")
        scene.server.places.set_overwrite(place, Overwrite(scene.moderator.id, 1, deny=VIEW_CHANNEL))
    else:
        place = scene.server.places.open_thread(general, scene.owner, {"name": "council", "type": PRIVATE_THREAD})
        scene.server.places.join_thread(place, scene.member)
    await scene.break_rule("1", ASK)
    case = await scene.case(scene.post(f"the {SECRET} meets today", channel=place))
    await scene.break_none()
    allowed = scene.post(f"a fine {SECRET}", channel=place)
    await scene.settled(allowed)
    if name != "hidden channel":
        assert case.submission.parent_id == general.id
    if name.startswith("archived") or name.endswith("bot"):
        await scene.archived(place)
    if name.endswith("bot"):
        scene.server.places.set_overwrite(general, Overwrite(scene.bot.id, 1, deny=MANAGE_THREADS))
    return Hidden(place, case, allowed, case.journal_id)


@pytest.mark.parametrize("name", PLACES)
async def test_a_moderator_gets_nothing_of_what_was_said_where_they_cannot_look(scene: Scene, name: str) -> None:
    hidden = await opened_in(scene, name)
    number, allowed = hidden.case.number, hidden.allowed
    who = Intruder(scene, scene.moderator)
    link = message_link(scene.guild.id, hidden.place.id, allowed.id)
    async with nothing_changes(scene):
        answers = [
            *[await who.slash("why", message=one) for one in (str(number), link, str(allowed.id))],
            await who.slash("why", message=f"{hidden.place.id}-{allowed.id}"),
            *[await who.menu(one, allowed) for one in ("Why?", "Check against policy", "Report to moderators")],
            *[await who.slash(f"case {deed}", number=number) for deed in ("view", "overturn")],
            *[await who.slash(f"case {deed}", number=number, text="words") for deed in ("note", "answer")],
            *[await who.slash(f"case {deed}", member=scene.member.id) for deed in ("list", "export")],
            await who.slash("case list", channel=hidden.place.id),
            await who.slash("queue"),
            *[
                await who.press(f"lawspeaker:case:{deed}:{number}")
                for deed in ("confirm", "overturn", "more", "claim", "release")
            ],
            await who.press(f"lawspeaker:case:act:{number}", ["delete"]),
            await who.press(f"lawspeaker:learn:breaks:{number}"),
            await who.press(f"lawspeaker:line:breaks:0:1:1:m{hidden.journal_id}"),
            await who.press("lawspeaker:queue:next"),
            await who.press("lawspeaker:queue:page:0"),
            await who.press("lawcases:0:......."),
        ]
    assert [one.content for one in answers if SECRET in who.everything(one)] == []
    assert [one.content for one in answers if f"**{number}**" in one.text] == []
    assert await read(scene, hidden.case) == hidden.case
    assert len(await scene.store.cases.list(scene.guild.id)) == 1
    assert await scene.store.learned.of(scene.guild.id) == []
    moderator = await hand(scene, scene.moderator)
    place = (scene.guild.id, scene.general.id)
    assert await moderator.client.autocomplete(*place, "case view", "number") == []
    owner = Intruder(scene, scene.owner)
    assert SECRET in owner.everything(await owner.slash("case view", number=number))
    assert SECRET in owner.everything(await owner.slash("case export"))


@pytest.mark.parametrize("name", PLACES[1:3])
async def test_a_private_threads_cases_are_for_moderators_who_were_added_to_it(scene: Scene, name: str) -> None:
    hidden = await opened_in(scene, name)
    scene.server.places.join_thread(hidden.place, scene.moderator)
    moderator = await hand(scene, scene.moderator)
    assert SECRET in (await moderator.slash("case view", number=hidden.case.number)).text
    assert SECRET in (await moderator.slash("why", message=str(hidden.allowed.id))).text
    assert f"**{hidden.case.number}**" in (await moderator.slash("case list")).text
    taken = await moderator.press(await moderator.slash("queue"), "Next")
    assert taken.content.startswith(f"Case {hidden.case.number} is yours")


async def test_a_private_threads_cases_are_for_moderators_who_manage_threads(scene: Scene) -> None:
    hidden = await opened_in(scene, "private thread")
    manager = await hand(scene, scene.manager)
    assert SECRET in (await manager.slash("case view", number=hidden.case.number)).text
    assert f"**{hidden.case.number}**" in (await manager.slash("queue")).text


async def test_next_passes_over_a_private_thread_and_lists_count_without_it(scene: Scene) -> None:
    hidden = await opened_in(scene, "private thread")
    await scene.break_rule("1", ASK)
    seen = await scene.case(scene.post("said before all"))
    moderator = await hand(scene, scene.moderator)
    for listed in (await moderator.slash("case list"), await moderator.slash("queue")):
        assert f"**{seen.number}**" in listed.text
        assert "1 case · page 1 of 1" in listed.text
    taken = await moderator.press(await moderator.slash("queue"), "Next")
    assert taken.content.startswith(f"Case {seen.number} is yours")
    assert (await read(scene, hidden.case)).claimed_by is None
    more = await moderator.press(taken, "More")
    assert f"**{hidden.case.number}**" not in more.text


async def test_what_was_learned_from_a_private_thread_is_not_read_out_to_who_is_not_in_it(scene: Scene) -> None:
    hidden = await opened_in(scene, "private thread")
    manager = await hand(scene, scene.manager)
    confirmed = await manager.press(await manager.slash("case view", number=hidden.case.number), "Confirm")
    await manager.press(confirmed, "Learn from this")
    assert SECRET in (await manager.slash("policy learned")).text
    listed = await (await hand(scene, scene.moderator)).slash("policy learned")
    assert "(from a channel that you cannot see)" in listed.text
    assert SECRET not in listed.text


async def learned_in(scene: Scene, said: Message) -> None:
    """It becomes an example, though it is no case."""
    judgement = await scene.settled(said)
    lesson = Lesson("1", "No spam.", breaks=False)
    await scene.store.learned.from_message(scene.guild.id, judgement.journal_id, lesson, scene.owner.id)


async def is_read_out_to_the_owner_alone(scene: Scene) -> bool:
    owners = await (await hand(scene, scene.owner)).slash("policy learned")
    listed = await (await hand(scene, scene.moderator)).slash("policy learned")
    return SECRET in owners.text and SECRET not in listed.text and "channel that you cannot see" in listed.text


@pytest.mark.parametrize("name", PLACES)
async def test_a_message_without_a_case_that_was_learned_is_not_read_out_to_who_could_not_see_it(
    scene: Scene, name: str
) -> None:
    hidden = await opened_in(scene, name)
    await learned_in(scene, hidden.allowed)
    assert await is_read_out_to_the_owner_alone(scene)


async def test_what_was_learned_from_a_thread_that_is_gone_is_for_who_sees_its_channel(scene: Scene) -> None:
    hidden = await opened_in(scene, "hidden channel")
    thread = scene.server.places.open_thread(hidden.place, scene.owner, {"name": "chambers", "type": PRIVATE_THREAD})
    scene.server.places.join_thread(thread, scene.member)
    await learned_in(scene, scene.post(f"a fine {SECRET}", channel=thread))
    scene.server.places.remove(thread)
    assert await is_read_out_to_the_owner_alone(scene)


async def test_a_backtest_reads_no_private_thread_that_the_moderator_cannot_see(scene: Scene) -> None:
    await opened_in(scene, "private thread")
    moderator = await hand(scene, scene.moderator)
    await scene.store.policies.save_draft(scene.guild.id, "1. No cats. [flag]\n", scene.moderator.id)
    told = await moderator.slash("policy backtest")
    assert told.content.startswith("No message is stored that you can see")


@pytest.mark.parametrize("name", PLACES[1:2])
async def test_who_is_in_a_private_thread_reports_what_is_said_there(scene: Scene, name: str) -> None:
    hidden = await opened_in(scene, name)
    another = scene.server.world.add_user("another")
    scene.server.moderation.join(scene.guild, another)
    scene.server.places.join_thread(hidden.place, another)
    who = Intruder(scene, another)
    told = await who.menu("Report to moderators", hidden.allowed)
    assert told.content.startswith("Thank you")
    outside = Intruder(scene, scene.moderator)
    assert (await outside.menu("Report to moderators", hidden.allowed)).content.startswith("That message is in")


async def test_the_rules_of_a_channels_policy_are_not_named_to_who_cannot_see_that_channel(scene: Scene) -> None:
    cats = await add_place(scene, "cats")
    await own_policy(await hand(scene, scene.owner), cats, "extend", f"7. No {SECRET}.\n")
    await scene.break_rule("7", ASK)
    await scene.case(scene.post("words", channel=cats))
    await scene.store.guilds.change(scene.guild.id, Change(FIELDS["thresholds"], Thresholds(0.9, 0.5), "7"), by=1)
    scene.server.places.set_overwrite(cats, Overwrite(scene.manager.id, 1, deny=VIEW_CHANNEL))
    for user, is_named in ((scene.owner, True), (scene.manager, False)):
        who = Intruder(scene, user)
        shown = [
            await who.slash("stats"),
            await who.slash("settings"),
            await who.press("lawspeaker:settings:page", ["thresholds"]),
        ]
        assert [SECRET in who.everything(one) for one in shown] == [is_named] * 3, user.name
        assert ("7" in [one["value"] for one in await who.suggested("case list", "rule")]) is is_named
        told = who.everything(shown[1])
        assert ("Rule 7, in no policy that you can see" in told) is not is_named


async def test_a_button_of_a_channels_policy_does_nothing_for_who_cannot_see_that_channel_any_more(
    scene: Scene,
) -> None:
    cats = await add_place(scene, "cats")
    moderator = await hand(scene, scene.moderator)
    await own_policy(moderator, cats, "extend", f"7. No {SECRET}.\n")
    await moderator.slash("policy import", file=("p.md", f"7. No {SECRET} at all.\n".encode()), where=cats.id)
    draft = await scene.store.policies.draft(scene.guild.id, cats.id)
    assert draft is not None
    who = Intruder(scene, scene.moderator)
    editor = await who.slash("policy edit", where=cats.id)
    assert editor.modal is not None
    scene.server.places.set_overwrite(cats, Overwrite(scene.moderator.id, 1, deny=VIEW_CHANNEL))
    answers = [
        await who.press(f"lawspeaker:publish:{draft.digest}:{cats.id:x}"),
        await who.press(f"lawspeaker:template:scams:{cats.id:x}"),
        await who.submit(editor.modal.custom_id, source="7. Dogs too.\n"),
        await who.press("lawspeaker:calibrate:away:2"),
        *[await who.slash(f"policy {deed}", version="2") for deed in ("show", "export", "rollback")],
    ]
    assert [one.content for one in answers if not one.content.startswith("That is about a channel you cannot")] == []
    assert [one.content for one in answers if SECRET in who.everything(one)] == []
    book = await scene.store.policies.lawbook(scene.guild.id)
    assert book.places[cats.id].draft == draft
    assert book.places[cats.id].live is not None
    assert book.places[cats.id].live.number == 2
