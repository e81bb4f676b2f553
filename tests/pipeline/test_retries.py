"""What Discord is away for is done later, once; an attempt whose answer was lost is looked for before all else."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

import bot.pipeline.casework
from bot.domain.decision import Mode
from bot.domain.records import ActionOutcome
from bot.pipeline import undo
from bot.pipeline.heads import HeadPosts
from bot.sandbox.moderation import BAN as BANNED
from bot.sandbox.moderation import KICK as KICKED
from tests.cogs.cases.desk import opened, post_of, press, read, told
from tests.cogs.live import hand
from tests.cogs.scripted_stage import held, judge_of, running_stage  # noqa: F401 - a fixture
from tests.pipeline.given_up import (
    BAN,
    DELETE,
    KICK,
    LIBRARY_TRIES,
    POST,
    READ,
    TIMEOUT,
    became,
    casework,
    given_up,
    too_many,
)
from tests.stage import Scene, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

SHUT_OUT_SECONDS = 1.0
LONG_AGO = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cases are tried again without a pause."""
    monkeypatch.setattr(bot.pipeline.casework, "_RETRY_SECONDS", (0.0,) * 4)


@pytest.fixture
def once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cases are tried once, and given up where that is not enough."""
    monkeypatch.setattr(bot.pipeline.casework, "_RETRY_SECONDS", ())


# -- too many requests -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(
    ("rule", "route", "kind"),
    [("1", DELETE, "delete"), ("1", READ, "delete"), ("3", TIMEOUT, "timeout"), ("4", KICK, "kick"), ("5", BAN, "ban")],
)
async def test_what_discord_had_too_many_requests_for_is_done_later(
    scene: Scene, rule: str, route: tuple[str, str], kind: str
) -> None:
    await scene.break_rule(rule)
    too_many(scene, route)
    case = await scene.case(scene.post("against the rules"))
    assert became(case)[kind][0] == "done"
    done = [one for one in scene.guild.audit_log if one.action in {KICKED, BANNED}]
    assert len(done) == (kind in {"kick", "ban"})
    assert len(told(scene, scene.member)) == (rule in {"3", "4", "5"})


@pytest.mark.usefixtures("at_once")
async def test_a_call_for_a_human_waits_until_discord_takes_it(scene: Scene) -> None:
    await scene.break_rule("6")
    too_many(scene, POST)
    case = await scene.case(scene.post("I cannot go on"))
    (post,) = scene.log.messages
    assert (case.log_message_id, post.mention_roles) == (post.id, [scene.moderator_role_id])
    assert became(case) == {"escalate": ("done", "")}


async def test_an_undoing_that_discord_had_too_many_requests_for_is_tried_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undo, "RETRY_SECONDS", (0.0,))
    case = await opened(scene, "3", "a threat")
    too_many(scene, TIMEOUT)
    await press(await hand(scene, scene.moderator), case, "Overturn")

    async def is_lifted() -> bool:
        undoing = next(one.undoing for one in (await read(scene, case)).actions if one.action.kind == "timeout")
        return undoing is not None and undoing.outcome is ActionOutcome.DONE

    await until(is_lifted)
    assert scene.guild.members[scene.member.id].timed_out_until is None


@pytest.mark.usefixtures("at_once")
async def test_nothing_is_asked_for_while_discords_proxy_shuts_the_bot_out(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []

    def shut_out(address: str) -> float | None:
        asked.append(time.monotonic())
        left = asked[0] + SHUT_OUT_SECONDS - asked[-1]
        return left if left > 0 else None

    async def stands_already() -> bool:
        return any(True for _ in scene.stage.trial.house.log_channel.messages)

    await scene.break_rule("1")
    # What the bot posts at its start.
    await until(stands_already)
    monkeypatch.setattr(scene.server.limits, "shut_out", shut_out)
    message = scene.post("spam")

    gate, sent = scene.stage.trial.app.client.request_gate, list[float]()
    passes = gate.sent

    def noted(url: str) -> None:
        sent.append(time.monotonic())
        passes(url)

    async def is_shut_out() -> bool:
        return gate._shut_out_until > time.monotonic()

    # Without a pause all tries are used up long before it lets anybody in; what else is due waits as well.
    await until(is_shut_out)
    monkeypatch.setattr(gate, "sent", noted)
    lasts_until = gate._shut_out_until
    heads = HeadPosts(scene.stage.trial.app.client, scene.store, scene.stage.trial.app.pipeline.lacks)
    posted, case = await asyncio.gather(heads.post_due(LONG_AGO), scene.case(message))
    assert became(case) == {"delete": ("done", "")}
    assert posted >= 1
    assert len(asked) > 1
    assert [one for one in sent if one < lasts_until] == []


# -- refused for good --------------------------------------------------------------------------------------


@pytest.mark.usefixtures("at_once")
async def test_a_call_for_a_human_that_discord_refuses_has_failed_and_says_so(scene: Scene) -> None:
    await scene.break_rule("6")
    scene.server.fail(*POST, 400, times=LIBRARY_TRIES, body={"code": 50035, "message": "Invalid Form Body"})
    case = await scene.case(scene.post("I cannot go on"))
    scene.server.faults.clear()
    assert became(case) == {"escalate": ("failed", "Discord refused it (400, code 50035)")}
    tried = scene.stage.trial.app.pipeline._casework._modlog._tried
    assert (scene.guild.id, case.number) not in tried, "nobody looks for the post of a case that is given up"
    assert case in await scene.store.waiting.find(scene.guild.id, (), 10), "a human is due all the same"


@pytest.mark.usefixtures("at_once")
async def test_a_message_that_discord_refuses_to_show_for_good_ends_its_case(scene: Scene) -> None:
    await scene.break_rule("1")
    scene.server.fail(*READ, 400, times=LIBRARY_TRIES, body={"code": 50035, "message": "Invalid Form Body"})
    message = scene.post("spam")
    case = await scene.case(message)
    scene.server.faults.clear()
    assert became(case) == {"delete": ("failed", "Discord refused it (400, code 50035)")}
    assert not scene.gone(message)


# -- the brake ---------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("at_once")
async def test_the_brake_does_not_count_what_is_only_tried_again(scene: Scene) -> None:
    await scene.store.guilds.update(scene.guild.id, brake_actions=3, brake_seconds=60)
    await scene.break_rule("1")
    scene.server.fail(*DELETE, 503, times=6)
    burst = [scene.post(f"spam {number}") for number in range(3)]
    assert [became(await scene.case(message))["delete"][0] for message in burst] == ["done"] * 3
    late = await scene.case(scene.post("spam 4"))
    assert became(late) == {"delete": ("skipped", "the brake is on: too many actions at once")}


# -- attempts whose outcome is not known -------------------------------------------------------------------


@pytest.mark.usefixtures("once")
async def test_a_ban_that_was_made_is_recorded_as_done_though_the_message_was_edited_since(scene: Scene) -> None:
    await scene.break_rule("5")
    scene.server.fail(*BAN, 503, after=True)
    message = scene.post("a scam")
    await given_up(scene, message)
    assert scene.member.id in scene.guild.bans
    await scene.break_none()
    scene.server.posting.edit(message, {"content": "kind words"})
    await casework(scene).resume()
    assert became(await scene.case(message)) == {"warn": ("done", ""), "ban": ("done", "")}


@pytest.mark.usefixtures("once")
async def test_a_ban_that_was_not_made_is_not_made_any_more_once_the_message_was_edited(scene: Scene) -> None:
    await scene.break_rule("5")
    scene.server.fail(*BAN, 503)
    message = scene.post("a scam")
    await given_up(scene, message)
    await scene.break_none()
    scene.server.posting.edit(message, {"content": "kind words"})
    await casework(scene).resume()
    note = "the message was edited since; its new text is judged for itself"
    assert became(await scene.case(message)) == {"warn": ("done", ""), "ban": ("skipped", note)}
    assert scene.member.id not in scene.guild.bans


@pytest.mark.usefixtures("once")
async def test_a_ban_that_was_made_is_recorded_as_done_though_the_message_cannot_be_read_any_more(scene: Scene) -> None:
    await scene.break_rule("5")
    scene.server.fail(*BAN, 503, after=True)
    message = scene.post("a scam")
    await given_up(scene, message)
    scene.server.fail(*READ, 403, body={"code": 50001, "message": "Missing Access"})
    await casework(scene).resume()
    assert became(await scene.case(message))["ban"] == ("done", "")


@pytest.mark.usefixtures("once")
async def test_a_deletion_that_took_place_is_recorded_as_done_though_shadow_mode_was_set_since(scene: Scene) -> None:
    await scene.break_rule("1")
    scene.server.fail(*DELETE, 503, after=True)
    message = scene.post("spam")
    await given_up(scene, message)
    assert scene.gone(message)
    await scene.store.guilds.update(scene.guild.id, mode=Mode.SHADOW)
    await casework(scene).resume()
    assert became(await scene.case(message)) == {"delete": ("done", "it was gone already")}


@pytest.mark.usefixtures("once")
async def test_a_deletion_that_did_not_take_place_is_not_made_any_more_in_shadow_mode(scene: Scene) -> None:
    await scene.break_rule("1")
    scene.server.fail(*DELETE, 503)
    message = scene.post("spam")
    await given_up(scene, message)
    await scene.store.guilds.update(scene.guild.id, mode=Mode.SHADOW)
    await casework(scene).resume()
    assert became(await scene.case(message)) == {"delete": ("skipped", "shadow mode was set meanwhile")}
    assert not scene.gone(message)


@pytest.mark.usefixtures("once")
async def test_what_may_have_been_done_on_a_server_the_bot_has_left_is_said_to_be_unknown(scene: Scene) -> None:
    await scene.break_rule("5")
    scene.server.fail(*BAN, 503, after=True)
    message = scene.post("a scam")
    await given_up(scene, message)
    scene.server.moderation.leave(scene.guild, scene.bot)

    async def has_left() -> bool:
        return scene.stage.trial.app.client.get_guild(scene.guild.id) is None

    await until(has_left)
    await casework(scene).resume()
    note = "whether it was done is not known: the bot is no longer on this server"
    assert became(await scene.case(message))["ban"] == ("failed", note)


# -- given up, and taken up again --------------------------------------------------------------------------


@pytest.mark.usefixtures("once")
async def test_a_case_that_was_given_up_is_taken_up_again_without_a_restart(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scene.break_rule("1")
    scene.server.fail(*DELETE, 503)
    message = scene.post("spam")
    await given_up(scene, message)
    pipeline = scene.stage.trial.app.pipeline
    await pipeline._sweep_cases()
    assert not casework(scene)._tasks, "whoever opened a case just now may be about to give it over"
    monkeypatch.setattr(bot.pipeline.casework, "JUST_OPENED", timedelta())
    await pipeline._sweep_cases()
    assert became(await scene.case(message)) == {"delete": ("done", "")}
    assert scene.gone(message)


async def test_what_is_in_hand_is_not_taken_up_a_second_time(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.pipeline.casework, "JUST_OPENED", timedelta())
    judge, pipeline = judge_of(scene), scene.stage.trial.app.pipeline
    judge.explained.clear()
    await scene.break_rule("2")
    with held(judge.may_explain):
        message = scene.post("come to my shop")

        async def is_being_explained() -> bool:
            return judge.explaining == 1

        await until(is_being_explained)
        await pipeline._sweep_cases()
        await pipeline._sweep_cases()
    await scene.case(message)
    await pipeline._sweep_cases()
    assert not casework(scene)._tasks
    assert judge.explained == ["come to my shop"]
    assert len(scene.stage.of(message)) == 1
    assert len(list(scene.log.messages)) == 1


async def test_a_report_that_is_being_judged_is_left_to_whoever_judges_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.pipeline.casework, "JUST_OPENED", timedelta())
    judge, pipeline = judge_of(scene), scene.stage.trial.app.pipeline
    message = scene.post("hateful words")
    await scene.settled(message)
    await scene.break_rule("2")
    reporter = scene.server.world.add_user("a-reporter")
    scene.server.world.join(scene.guild, reporter)
    with held(judge.may_classify):
        await (await hand(scene, reporter)).menu("Report to moderators", message)

        async def is_being_judged() -> bool:
            return judge.classifying == 1

        await until(is_being_judged)
        await pipeline._sweep_cases()
        assert not casework(scene)._tasks

    async def is_posted() -> bool:
        (case,) = await scene.store.cases.list(scene.guild.id)
        return case.log_message_id is not None

    await until(is_posted)
    (case,) = await scene.store.cases.list(scene.guild.id)
    assert case.decision.rule == "2"
    assert "Rule 2" in str(post_of(scene, case).embeds)
