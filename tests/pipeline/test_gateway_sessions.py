"""Whatever becomes of the connection, what was said and edited meanwhile is judged once, the oldest first."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

import pytest

from bot.sandbox.faults import Effect
from bot.sandbox.link import ACK, HELLO, RESUME
from bot.sandbox.moderation import MESSAGE_DELETE
from tests.cogs.scripted_stage import running_stage
from tests.pipeline.gateways import all_settled, beating_fast, client_of, connected, gateway_of, heard
from tests.stage import Scene, until

__all__ = ["heard", "running_stage"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

MESSAGES = 3
Step = Callable[[Scene], Awaitable[None]]


async def nothing(_scene: Scene) -> None: ...


@dataclass(frozen=True, slots=True)
class Trouble:
    """What becomes of the connection, how that ends where it does not by itself, and what becomes of the session."""

    begin: Step
    session: Literal["kept", "resumed", "new"]
    end: Step = nothing


def asked_to_reconnect() -> Trouble:
    async def begin(scene: Scene) -> None:
        gateway_of(scene).reconnect(scene.bot)

    return Trouble(begin, "resumed")


def invalid(*, resumable: bool) -> Trouble:
    async def begin(scene: Scene) -> None:
        gateway_of(scene).invalidate(scene.bot, resumable=resumable)

    return Trouble(begin, "resumed" if resumable else "new")


def closed(code: int, *, is_lost: bool = False) -> Trouble:
    async def begin(scene: Scene) -> None:
        gateway_of(scene).cut(scene.bot, code)
        for session in scene.server.hub.of(scene.bot) if is_lost else ():
            scene.server.hub.close(session)

    return Trouble(begin, "new" if is_lost else "resumed")


def resume_refused() -> Trouble:
    async def begin(scene: Scene) -> None:
        gateway_of(scene).faults.add(RESUME, Effect.REFUSED)
        gateway_of(scene).cut(scene.bot)

    return Trouble(begin, "new")


def cut_off_again() -> Trouble:
    async def begin(scene: Scene) -> None:
        gateway_of(scene).faults.add(RESUME, Effect.CLOSED, times=3)
        gateway_of(scene).cut(scene.bot)

    return Trouble(begin, "resumed")


def torn() -> Trouble:
    async def begin(scene: Scene) -> None:
        gateway_of(scene).faults.add(0, Effect.TORN, "MESSAGE_CREATE")

    return Trouble(begin, "resumed")


def dead() -> Trouble:
    """Heartbeats are not answered any more, and nothing else comes, until the client has given the gateway up."""

    async def begin(scene: Scene) -> None:
        await beating_fast(scene)
        faults = gateway_of(scene).faults
        faults.add(ACK, Effect.WITHHELD, times=math.inf)
        faults.add(0, Effect.WITHHELD, "MESSAGE_CREATE", times=MESSAGES)
        faults.add(0, Effect.WITHHELD, "MESSAGE_UPDATE")

    async def end(scene: Scene) -> None:
        resumes = gateway_of(scene).resumes

        async def has_begun_anew() -> bool:
            return gateway_of(scene).resumes > resumes

        await until(has_begun_anew)
        gateway_of(scene).faults.clear()

    return Trouble(begin, "resumed", end)


def no_hello() -> Trouble:
    async def begin(scene: Scene) -> None:
        await beating_fast(scene)
        gateway_of(scene).faults.add(HELLO, Effect.WITHHELD)
        gateway_of(scene).cut(scene.bot)

    return Trouble(begin, "resumed")


def outage(session: Literal["kept", "new"]) -> Trouble:
    """The server goes away, in a session or between two, and comes back later."""

    async def begin(scene: Scene) -> None:
        gateway = gateway_of(scene)
        gateway.take_away(scene.guild)

        async def is_away() -> bool:
            return bool(client_of(scene).get_guild(scene.guild.id).unavailable)

        await until(is_away)
        if session == "new":
            identifies = gateway.identifies
            gateway.lose(scene.bot)

            async def is_back() -> bool:
                return gateway.identifies > identifies and bool(client_of(scene).is_connected())

            await until(is_back)

    async def end(scene: Scene) -> None:
        gateway_of(scene).give_back(scene.guild)

    return Trouble(begin, session, end)


TROUBLES = {
    "told to reconnect": asked_to_reconnect(),
    "invalid but to be resumed": invalid(resumable=True),
    "invalid": invalid(resumable=False),
    "resume refused": resume_refused(),
    "going away": closed(1001),
    "closed without a reason": closed(1000),
    "unknown error": closed(4000),
    "too many frames": closed(4008),
    "invalid sequence": closed(4007, is_lost=True),
    "session timed out": closed(4009, is_lost=True),
    "cut off again and again": cut_off_again(),
    "reset in the midst of a frame": torn(),
    "heartbeats unanswered": dead(),
    "no hello": no_hello(),
    "outage of the server": outage("kept"),
    "server unavailable in a new session": outage("new"),
}


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
async def test_what_was_said_and_edited_meanwhile_is_judged_once(heard: Scene, trouble: Trouble) -> None:
    scene, gateway = heard, gateway_of(heard)
    edited = scene.post("kind words")
    await scene.settled(edited)
    await scene.break_rule("1")
    identifies, resumes = gateway.identifies, gateway.resumes
    await trouble.begin(scene)
    said = [scene.post(f"spam {number}") for number in range(MESSAGES)]
    scene.server.posting.edit(edited, {"content": "spam by an edit"})
    await trouble.end(scene)
    cases = [await scene.case(message) for message in said]
    cases.append(await scene.case(edited, edited=True))
    await connected(scene)
    later = scene.post("spam later")
    cases.append(await scene.case(later))
    await all_settled(scene)

    assert (gateway.identifies > identifies) is (trouble.session == "new")
    assert trouble.session != "resumed" or gateway.resumes > resumes
    if trouble.session == "new":
        numbers = [case.journal_id for case in cases[:MESSAGES]]
        assert numbers == sorted(numbers), "the oldest first"
    assert [len(scene.stage.of(one)) for one in (*said, later, edited)] == [1] * MESSAGES + [1, 2]
    assert all(scene.gone(one) for one in (*said, later, edited))
    assert [one.action.kind.value for case in cases for one in case.actions] == ["delete"] * len(cases)
    assert len(await scene.store.cases.list(scene.guild.id)) == len(cases)
    assert sorted(one.id for one in scene.log.messages) == sorted(case.log_message_id or 0 for case in cases)
    assert len([one for one in scene.guild.audit_log if one.action == MESSAGE_DELETE]) <= len(cases)
