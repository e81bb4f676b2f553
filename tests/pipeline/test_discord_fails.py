"""However Discord fails, each action has its effect once, and the case stands in the mod log once."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest

from bot.domain.policy import ActionKind
from bot.domain.records import ActionOutcome, CaseRecord
from bot.pipeline import casework, sending
from bot.sandbox.moderation import BAN, KICK, MEMBER_UPDATE, MESSAGE_DELETE
from tests.cogs.cases.desk import told
from tests.cogs.scripted_stage import running_stage
from tests.stage import Scene, away_at_first, until

__all__ = ["running_stage"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

POLICY = """1. No spam. [delete]
2. No insults. [warn]
3. No threats. [timeout 1h]
4. No cheating. [kick]
5. No scams. [ban]
6. No advertising. [flag]
"""
MESSAGES = "/channels/{channel_id}/messages"
MESSAGE = "/channels/{channel_id}/messages/{message_id}"
MEMBER = "/guilds/{guild_id}/members/{user_id}"
BANS = "/guilds/{guild_id}/bans/{user_id}"
TOO_MANY: dict[str, Any] = {"message": "You are being rate limited.", "retry_after": 0.05, "global": False}


@dataclass(frozen=True, slots=True)
class Deed:
    """What is done where a rule is broken: by which request, and what it leaves in audit log and direct messages."""

    rule: str
    kind: ActionKind
    method: str
    template: str
    entry: int | None = None
    letters: int = 0


# A flag does nothing by itself: the request that fails is then the post in the mod log.
DEEDS = {
    "delete": Deed("1", ActionKind.DELETE, "DELETE", MESSAGE, MESSAGE_DELETE),
    "warn": Deed("2", ActionKind.WARN, "POST", MESSAGES, letters=1),
    "timeout": Deed("3", ActionKind.TIMEOUT, "PATCH", MEMBER, MEMBER_UPDATE),
    "kick": Deed("4", ActionKind.KICK, "DELETE", MEMBER, KICK, letters=1),
    "ban": Deed("5", ActionKind.BAN, "PUT", BANS, BAN, letters=1),
    "post": Deed("6", ActionKind.FLAG, "POST", MESSAGES),
}
FAULTS: dict[str, dict[str, Any]] = {
    "500 before it took effect": {"status": 500},
    "500 after it took effect": {"status": 500, "after": True},
    "503 before it took effect": {"status": 503},
    "503 after it took effect": {"status": 503, "after": True},
    "503 three times before it took effect": {"status": 503, "times": 3},
    "connection cut before it took effect": {"status": 0},
    "connection cut after it took effect": {"status": 0, "after": True},
    "429": {"status": 429, "body": TOO_MANY},
}
LOOKED_FOR = {
    "warn": MESSAGES,
    "timeout": MEMBER,
    "kick": "/guilds/{guild_id}/audit-logs",
    "ban": BANS,
    "post": MESSAGES,
}
"""By which route it is looked whether a deed was done."""

MOST_REQUESTS = 4
"""Of one route for one message: a request, and one more for each time that it is tried again."""


@pytest.fixture(autouse=True)
def _tried_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(casework, "_RETRY_SECONDS", (0.0, 0.0, 0.0, 0.0))
    monkeypatch.setattr(sending, "AGAIN_SECONDS", 0.0)


async def opened(scene: Scene, deed: Deed) -> CaseRecord:
    """A settled case in which this is done."""
    await scene.publish(POLICY)
    await scene.break_rule(deed.rule)
    scene.stage.exchanges.clear()
    return await scene.case(scene.post("what breaks the rule"))


def done_once(scene: Scene, case: CaseRecord, deed: Deed) -> None:
    """Fail unless all that a case was to do was done, each of it once."""
    assert [(one.action.kind, one.outcome) for one in case.actions] == [(deed.kind, ActionOutcome.DONE)]
    mark = f"Lawspeaker case {case.number}:"
    entries = [one for one in scene.guild.audit_log if (one.reason or "").startswith(mark)]
    assert {one.action for one in entries} == ({deed.entry} if deed.entry is not None else set())
    if deed.entry is MEMBER_UPDATE:
        assert len({change["new_value"] for one in entries for change in one.changes}) == 1
    elif deed.entry is not None:
        assert len(entries) == 1
    assert len(told(scene, scene.member)) == deed.letters
    (post,) = scene.log.messages
    assert post.id == case.log_message_id


def requests(scene: Scene) -> Counter[tuple[str, str]]:
    """How often the bot used each route; what was answered by a fault is not among them."""
    return Counter((one.method, one.template) for one in scene.stage.exchanges if one.by_bot)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)
async def test_a_request_that_discord_fails_has_its_effect_once(
    scene: Scene, deed: Deed, fault: dict[str, Any]
) -> None:
    scene.server.faults.clear()
    scene.server.fail(deed.method, deed.template, **fault)
    case = await opened(scene, deed)
    assert scene.server.faults.next(deed.method, deed.template) is None, "it has failed"
    done_once(scene, case, deed)
    assert max(requests(scene).values()) <= MOST_REQUESTS


@pytest.mark.parametrize(("name", "look"), LOOKED_FOR.items(), ids=LOOKED_FOR)
async def test_what_took_effect_is_not_done_again_though_looking_for_it_fails_too(
    scene: Scene, name: str, look: str
) -> None:
    deed = DEEDS[name]
    scene.server.faults.clear()
    scene.server.fail(deed.method, deed.template, 503, after=True)
    scene.server.fail("GET", look, 503, times=2)
    case = await opened(scene, deed)
    assert scene.server.faults.next("GET", look) is None, "it has failed"
    done_once(scene, case, deed)


@pytest.mark.parametrize("status", [503, 0])
@pytest.mark.parametrize("name", ["kick", "ban"])
async def test_who_is_put_out_was_told_once_though_the_answer_was_lost(scene: Scene, name: str, status: int) -> None:
    scene.server.faults.clear()
    scene.server.fail("POST", MESSAGES, status, after=True)
    case = await opened(scene, DEEDS[name])
    done_once(scene, case, DEEDS[name])
    assert case.actions[0].note == ""


@pytest.mark.parametrize("status", [500, 502, 503, 0])
@pytest.mark.parametrize("name", ["timeout", "kick", "ban"])
async def test_what_a_moderator_took_back_before_discord_had_answered_is_not_done_again(
    scene: Scene, name: str, status: int
) -> None:
    deed = DEEDS[name]
    scene.server.faults.clear()
    # So long that the answer comes after it was taken back.
    scene.server.fail(deed.method, deed.template, status, after=True, delay=0.5)
    opening = asyncio.create_task(opened(scene, deed))

    async def is_done() -> bool:
        return any(one.action == deed.entry and one.user_id == scene.bot.id for one in scene.guild.audit_log)

    await until(is_done)
    moderation, member = scene.server.moderation, scene.guild.members.get(scene.member.id)
    if name == "timeout":
        assert member is not None
        moderation.time_out(scene.guild, scene.moderator, member, None, None)
    elif name == "ban":
        moderation.unban(scene.guild, scene.moderator, scene.member, None)
    if name != "timeout":
        moderation.join(scene.guild, scene.member)
    done_once(scene, await opening, deed)
    member = scene.guild.members[scene.member.id]
    assert member.timed_out_until is None


@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)
async def test_what_was_done_but_could_not_be_recorded_is_not_done_again(
    scene: Scene, deed: Deed, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = "logged" if deed.kind is ActionKind.FLAG else "finish"
    monkeypatch.setattr(scene.store.cases, record, away_at_first(getattr(scene.store.cases, record)))
    done_once(scene, await opened(scene, deed), deed)
