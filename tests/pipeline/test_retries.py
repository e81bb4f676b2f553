"""What Discord is away for is done later, once; an attempt whose answer was lost is looked for before all else."""

from __future__ import annotations

import time

import pytest

import bot.pipeline.casework
from bot.domain.records import ActionOutcome
from bot.pipeline import undo
from bot.sandbox.moderation import BAN as BANNED
from bot.sandbox.moderation import KICK as KICKED
from tests.cogs.cases.desk import opened, press, read, told
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
    too_many,
)
from tests.stage import Scene, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

SHUT_OUT_SECONDS = 1.0


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

    await scene.break_rule("1")
    monkeypatch.setattr(scene.server.limits, "shut_out", shut_out)
    # Without a pause all tries are used up long before it lets anybody in.
    case = await scene.case(scene.post("spam"))
    assert became(case) == {"delete": ("done", "")}
    assert [one for one in asked if one < asked[0] + SHUT_OUT_SECONDS] == asked[:1]


# -- refused for good --------------------------------------------------------------------------------------


@pytest.mark.usefixtures("at_once")
async def test_a_call_for_a_human_that_discord_refuses_has_failed_and_says_so(scene: Scene) -> None:
    await scene.break_rule("6")
    scene.server.fail(*POST, 400, times=LIBRARY_TRIES, body={"code": 50035, "message": "Invalid Form Body"})
    case = await scene.case(scene.post("I cannot go on"))
    scene.server.faults.clear()
    assert became(case) == {"escalate": ("failed", "Discord refused it (400, code 50035)")}
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
