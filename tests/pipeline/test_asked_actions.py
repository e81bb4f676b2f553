"""What a moderator asked for is brought to its end: where Discord was away, and by the next process too."""

from __future__ import annotations

import pytest

from bot.domain.policy import Action, ActionKind
from bot.domain.records import CaseRecord, ReviewKind
from bot.pipeline.executor import Executor
from bot.pipeline.lacks import Lacks
from bot.pipeline.metrics import NoMetrics
from bot.pipeline.reviews import Reviews
from bot.pipeline.turns import Turns
from bot.pipeline.undo import Undoer
from bot.sandbox.moderation import BAN as BANNED
from tests.cogs.cases.desk import look, opened, read, shown, told
from tests.cogs.live import Hand, hand
from tests.cogs.scripted_stage import running_stage  # noqa: F401 - a fixture
from tests.pipeline.given_up import BAN, DELETE, became, too_many
from tests.stage import Scene, Stage, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

BAN_THEM = Action(ActionKind.BAN)


def reviews_of(stage: Stage) -> Reviews:
    """Those of the running bot."""
    return stage.trial.app.pipeline.reviews


def another_process(scene: Scene) -> Reviews:
    """Reviews that know only the database, as after a restart."""
    app, turns = scene.stage.trial.app, Turns()
    mine = app.pipeline.reviews
    executor = Executor(app.client, scene.store, NoMetrics(), turns, Lacks())
    undoer = Undoer(app.client, scene.store, turns, mine.showing, Lacks())
    return Reviews(app.client, scene.store, executor, undoer, mine.showing, mine.appeals)


async def asked(scene: Scene, case: CaseRecord, action: Action = BAN_THEM) -> None:
    """A moderator's answer as it is kept, by a process that dies right after."""
    await scene.store.reviews.answer(
        scene.guild.id, case.number, ReviewKind.OTHER, scene.moderator.id, note=str(action), asked=[action]
    )


async def attempted(scene: Scene, case: CaseRecord) -> None:
    """What was asked for was begun as well before the process died."""
    (record,) = [one for one in (await read(scene, case)).actions if one.asked_by is not None]
    await scene.store.cases.attempt(record.id)


async def choose(someone: Hand, case: CaseRecord, action: str) -> str:
    """What a moderator is told who picks an action in the select of a case's post."""
    custom_id = f"lawspeaker:case:act:{case.number}"
    return (await someone.client.select(await shown(someone, case), custom_id, [action])).content


async def test_what_was_asked_of_a_process_that_died_is_done_by_the_next_one_and_shown(scene: Scene) -> None:
    moderator, case = await hand(scene, scene.moderator), await opened(scene)
    await asked(scene, case)
    next_one = another_process(scene)
    await next_one.resume()
    assert scene.member.id in scene.guild.bans
    assert became(await read(scene, case))["ban"] == ("done", "")
    assert f"ban done, asked for by <@{scene.moderator.id}>" in (await look(moderator, case)).text
    await next_one.resume()
    assert len([one for one in scene.guild.audit_log if one.action == BANNED]) == 1
    assert await scene.store.reviews.asked_open() == []


async def test_a_ban_that_was_made_before_the_process_died_and_lifted_since_stays_lifted(scene: Scene) -> None:
    case = await opened(scene)
    await asked(scene, case)
    await attempted(scene, case)
    scene.server.moderation.ban(scene.guild, scene.bot, scene.member, 0, f"Lawspeaker case {case.number}: rule 2")
    scene.server.moderation.unban(scene.guild, scene.owner, scene.member, None)
    await another_process(scene).resume()
    assert scene.member.id not in scene.guild.bans
    assert became(await read(scene, case))["ban"][0] == "done"


async def test_a_message_that_was_deleted_before_the_process_died_counts_as_deleted(scene: Scene) -> None:
    await scene.break_rule("2")
    message = scene.post("come to my shop")
    case = await scene.case(message)
    await asked(scene, case, Action(ActionKind.DELETE))
    await attempted(scene, case)
    scene.server.posting.delete(message)
    await another_process(scene).resume()
    assert became(await read(scene, case))["delete"] == ("done", "it was gone already")


@pytest.mark.parametrize("begun", [False, True])
async def test_what_was_asked_for_is_not_done_any_more_once_the_case_is_overturned(scene: Scene, begun: bool) -> None:
    case = await opened(scene)
    await asked(scene, case)
    if begun:
        await attempted(scene, case)
    await scene.store.reviews.answer(scene.guild.id, case.number, ReviewKind.OVERTURN, scene.manager.id, known=1)
    await another_process(scene).resume()
    assert scene.member.id not in scene.guild.bans
    assert became(await read(scene, case))["ban"] == ("skipped", "a moderator overturned the case first")


async def test_what_discord_was_away_for_is_tried_again_and_done(scene: Scene) -> None:
    moderator, case = await hand(scene, scene.moderator), await opened(scene)
    scene.server.fail(*BAN, 503)
    assert await choose(moderator, case, "ban") == (
        f"Case {case.number}: Discord did not answer; ban is tried again, and the case shows what comes of it."
    )
    await reviews_of(scene.stage).resume()
    assert scene.member.id in scene.guild.bans
    assert "ban done" in (await look(moderator, case)).text
    assert len(told(scene, scene.member)) == 1


async def test_what_discord_had_too_many_requests_for_is_tried_again_and_done(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    await scene.break_rule("2")
    message = scene.post("come to my shop")
    case = await scene.case(message)
    too_many(scene, DELETE)
    assert "is tried again" in await choose(moderator, case, "delete")
    await reviews_of(scene.stage).resume()
    assert scene.gone(message)


async def test_a_ban_whose_answer_was_lost_is_found_and_undone_with_the_rest(scene: Scene) -> None:
    moderator, case = await hand(scene, scene.moderator), await opened(scene)
    scene.server.fail(*BAN, 503, after=True)
    await choose(moderator, case, "ban")
    assert scene.member.id in scene.guild.bans
    await reviews_of(scene.stage).resume()
    assert became(await read(scene, case))["ban"] == ("done", "")
    await (await hand(scene, scene.manager)).slash("case overturn", number=case.number)
    assert scene.member.id not in scene.guild.bans


async def test_nothing_is_asked_of_discord_for_what_is_done(scene: Scene) -> None:
    moderator, case = await hand(scene, scene.moderator), await opened(scene)
    await choose(moderator, case, "ban")
    scene.stage.exchanges.clear()
    await reviews_of(scene.stage).resume()
    assert [one for one in scene.stage.exchanges if one.by_bot] == []


async def test_what_was_to_be_done_to_somebody_who_was_forgotten_is_done_to_nobody(scene: Scene) -> None:
    case = await opened(scene)
    await asked(scene, case)
    await scene.store.erasure.erase(scene.guild.id, scene.member.id, ())
    await scene.store.erasure.unname(scene.guild.id, scene.member.id, case.journal_id)
    await another_process(scene).resume()
    note = "who it was to be done to was forgotten at their wish"
    assert became(await read(scene, case))["ban"] == ("failed", note)


async def test_what_was_asked_for_on_a_server_that_the_bot_has_left_has_failed(scene: Scene) -> None:
    first, second = await opened(scene), await opened(scene)
    await asked(scene, first)
    await asked(scene, second)
    await attempted(scene, second)
    scene.server.moderation.leave(scene.guild, scene.bot)

    async def has_left() -> bool:
        return scene.stage.trial.app.client.get_guild(scene.guild.id) is None

    await until(has_left)
    await another_process(scene).resume()
    assert became(await read(scene, first))["ban"] == ("failed", "the bot is no longer on this server")
    unknown = "whether it was done is not known: the bot is no longer on this server"
    assert became(await read(scene, second))["ban"] == ("failed", unknown)
