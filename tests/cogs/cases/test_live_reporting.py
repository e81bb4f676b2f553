"""*Report to moderators*: every member's; a case for review either way, one per message, and never acted on."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bot.domain.decision import Mode, Outcome
from bot.domain.policy import Policy
from bot.domain.records import CaseRecord
from bot.domain.waiting import waiting
from bot.judge.interface import JudgeError
from bot.pipeline.pipeline import Pipeline
from bot.sandbox.answer import Answer
from bot.sandbox.model import Message, User
from tests.cogs.cases.desk import look, post_of, press, read, told
from tests.cogs.live import Hand, file_in, hand
from tests.stage import Scene, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

THANKS = "Thank you: the moderators have your report. Its author is not told who made it."


def joined(scene: Scene, name: str) -> User:
    """One more member."""
    user: User = scene.server.world.add_user(name)
    scene.server.world.join(scene.guild, user)
    return user


async def report(someone: Hand, message: Message) -> Answer:
    return await someone.menu("Report to moderators", message)


async def case_of(scene: Scene, message: Message) -> CaseRecord:
    """The case of a message, once it stands in the mod log."""
    found: list[CaseRecord] = []

    async def posted() -> bool:
        cases = await scene.store.cases.list(scene.guild.id)
        found[:] = [one for one in cases if one.submission.message_id == message.id and one.log_message_id is not None]
        return bool(found)

    await until(posted)
    return found[0]


async def test_an_allowed_message_becomes_a_case_for_review_that_nobody_acts_on(scene: Scene) -> None:
    message = scene.post("this was fine to the judge")
    assert (await scene.settled(message)).case_number is None
    reporter = await hand(scene, joined(scene, "a-reporter"))
    await scene.break_rule("3")
    assert (await report(reporter, message)).content == THANKS
    case = await case_of(scene, message)
    assert (case.decision.outcome, case.actions, waiting(case) is not None) == (Outcome.REVIEW, (), True)
    assert case.verdict is not None
    assert case.decision.rule == "3", "it was judged by what holds now"
    assert not scene.gone(message)
    assert told(scene, scene.member) == []
    moderator = await hand(scene, scene.moderator)
    shown = await look(moderator, case)
    assert f"<@{reporter.client.user['id']}>" in shown.text
    await press(moderator, case, "Confirm")


async def test_a_message_in_a_channel_that_is_not_watched_is_judged_at_once(scene: Scene) -> None:
    lounge = scene.server.world.add_channel(scene.guild, "lounge")
    await scene.break_rule("3")
    message = scene.post("said elsewhere", channel=lounge)
    reporter = await hand(scene, joined(scene, "a-reporter"))
    assert (await report(reporter, message)).content == THANKS
    case = await case_of(scene, message)
    assert (case.submission.text, case.decision.rule, case.actions) == ("said elsewhere", "3", ())
    assert not scene.gone(message)


async def test_more_reports_of_one_message_make_one_case_which_counts_them(scene: Scene) -> None:
    message = scene.post("look at this")
    await scene.settled(message)
    reporters = [await hand(scene, joined(scene, f"reporter-{number}")) for number in range(5)]
    for one in reporters:
        assert (await report(one, message)).content == THANKS
    again = await report(reporters[0], message)
    assert again.content == "You have reported this message already: the moderators have it."
    (case,) = await scene.store.cases.list(scene.guild.id)
    assert case.reporters == tuple(int(one.client.user["id"]) for one in reporters)
    case = await case_of(scene, message)
    moderator = await hand(scene, scene.moderator)
    assert "and 2 more" in (await look(moderator, case)).text
    assert "and 2 more" in (await moderator.slash("case view", number=case.number)).text


async def test_five_messages_in_ten_minutes_are_the_most(scene: Scene) -> None:
    messages = [scene.post(f"number {number}") for number in range(6)]
    for one in messages:
        await scene.settled(one)
    reporter = await hand(scene, joined(scene, "a-reporter"))
    answers = [(await report(reporter, one)).content for one in messages]
    assert answers[:5] == [THANKS] * 5
    assert answers[5] == ("You have reported 5 messages in the last ten minutes: wait, or write to the moderators.")
    assert len(await scene.store.cases.list(scene.guild.id)) == 5


async def test_own_messages_bots_and_a_server_that_is_off_get_one_sentence_and_no_case(scene: Scene) -> None:
    reporter = joined(scene, "a-reporter")
    someone = await hand(scene, reporter)
    mine, theirs = scene.post("mine", author=reporter), scene.post("theirs")
    bots = scene.post("beep", author=scene.bot)
    await scene.settled(theirs)
    assert "your own" in (await report(someone, mine)).content
    assert "Only messages of members" in (await report(someone, bots)).content
    await scene.store.guilds.update(scene.guild.id, mode=Mode.OFF)
    assert "switched off" in (await report(someone, theirs)).content
    assert await scene.store.cases.list(scene.guild.id) == []


async def test_where_judging_fails_the_case_is_there_all_the_same(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    lounge = scene.server.world.add_channel(scene.guild, "lounge")
    message = scene.post("said elsewhere", channel=lounge)

    async def fails(policy: Policy, *_: object) -> None:
        raise JudgeError("the judge is away")

    monkeypatch.setattr(scene.stage.trial.app.judge, "classify", fails)
    await report(await hand(scene, joined(scene, "a-reporter")), message)
    case = await case_of(scene, message)
    assert case.verdict is None
    assert case.decision.reason == "a member reported it; it could not be judged: the judge is away"


async def test_a_case_there_is_already_only_counts_who_reported_it(scene: Scene) -> None:
    await scene.break_rule("2")
    message = scene.post("flagged already")
    before = await scene.case(message)
    reporter = joined(scene, "a-reporter")
    await report(await hand(scene, reporter), message)
    after = await read(scene, before)
    assert after == replace(before, reporters=(reporter.id,), reported_at=after.reported_at)


async def test_who_reported_is_in_no_export_of_the_author_and_goes_when_the_reporter_is_forgotten(
    scene: Scene,
) -> None:
    message = scene.post("words")
    await scene.settled(message)
    reporter = joined(scene, "a-reporter")
    await report(await hand(scene, reporter), message)
    case = await case_of(scene, message)
    disclosure, guild_id = scene.store.disclosure, scene.guild.id
    theirs = [entry async for entry in disclosure.of_member(guild_id, scene.member.id, [])]
    assert str(reporter.id) not in json.dumps(theirs)
    own = [entry async for entry in disclosure.of_member(guild_id, reporter.id, [])]
    assert [(name, record["reported_case"]) for name, record in own] == [("reports", case.number)]
    exported = await (await hand(scene, scene.manager)).slash("privacy export", member=reporter.id)
    (file,) = exported.attachments
    assert json.loads(file_in(scene, exported, str(file["filename"])))["reports"][0]["reported_case"] == case.number
    assert not (await scene.store.erasure.held(guild_id, reporter.id, [])).is_nothing
    assert f"<@{reporter.id}>" in str(names_in(scene, case))
    await forget(scene, reporter)
    assert (await read(scene, case)).reporters == ()
    shown = str(names_in(scene, case))
    assert str(reporter.id) not in shown
    assert "words" in shown, "the case itself is shown as it was"


def names_in(scene: Scene, case: CaseRecord) -> list[object]:
    """What the post of a case shows."""
    return list(post_of(scene, case).embeds)


async def forget(scene: Scene, user: User) -> str:
    """Forget a member as a manager does; what the manager is told."""
    manager = await hand(scene, scene.manager)
    asked = await manager.slash("privacy forget", member=user.id)
    return (await manager.press(asked, "Erase for good")).content


async def test_a_reporter_whom_a_post_still_names_stays_on_record_until_it_could_be_edited(scene: Scene) -> None:
    message = scene.post("words")
    await scene.settled(message)
    reporter, other = joined(scene, "a-reporter"), joined(scene, "another-reporter")
    for one in (reporter, other):
        await report(await hand(scene, one), message)
    case = await case_of(scene, message)

    async def names_both() -> bool:
        return str(reporter.id) in str(names_in(scene, case)) and str(other.id) in str(names_in(scene, case))

    await until(names_both)
    # Another edit for the reports may still be on its way: it fails as well.
    refused = {"code": 50001, "message": "Missing Access"}
    scene.server.fail("PATCH", "/channels/{channel_id}/messages/{message_id}", 403, body=refused, times=10)
    assert f"The post of case {case.number} could not be edited" in await forget(scene, reporter)
    assert (await read(scene, case)).reporters == (reporter.id, other.id)
    scene.server.faults.clear()
    await forget(scene, reporter)
    assert (await read(scene, case)).reporters == (other.id,)
    shown = str(names_in(scene, case))
    assert str(reporter.id) not in shown
    assert str(other.id) in shown


async def test_a_report_made_before_the_post_was_recorded_is_shown_in_it_all_the_same(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = scene.post("words")
    submission = (await scene.settled(message)).submission
    reporter, other = joined(scene, "a-reporter"), joined(scene, "another-reporter")
    logged = scene.store.cases.logged

    async def reported_meanwhile(guild_id: int, number: int, channel_id: int, message_id: int) -> None:
        await scene.store.reports.add(submission, other.id, Mode.ENFORCE)
        await logged(guild_id, number, channel_id, message_id)

    monkeypatch.setattr(scene.store.cases, "logged", reported_meanwhile)
    await report(await hand(scene, reporter), message)
    case = await case_of(scene, message)

    async def names_both() -> bool:
        return str(reporter.id) in str(names_in(scene, case)) and str(other.id) in str(names_in(scene, case))

    await until(names_both)


async def test_what_was_reported_to_a_process_that_died_is_judged_by_the_next_one(scene: Scene) -> None:
    message = scene.post("this was fine to the judge")
    submission = (await scene.settled(message)).submission
    await scene.break_rule("3")
    left, _ = await scene.store.reports.add(submission, joined(scene, "a-reporter").id, Mode.ENFORCE)
    assert left.journal_id in await scene.store.reports.unjudged()
    app = scene.stage.trial.app
    pipeline = Pipeline(app.client, app.store, app.judge)
    await pipeline.start()
    try:
        case = await case_of(scene, message)
    finally:
        await pipeline.stop()
    assert case.verdict is not None
    assert (case.decision.rule, case.decision.outcome, case.actions) == ("3", Outcome.REVIEW, ())
    assert len(list(scene.log.messages)) == 1
    assert left.journal_id not in await scene.store.reports.unjudged()
