"""A moderator at the mod log: the post of a case, its buttons, and what becomes of both."""

from __future__ import annotations

from typing import Any

from bot.domain.records import CaseRecord
from bot.sandbox.answer import Answer
from bot.sandbox.model import Message, User
from tests.cogs.live import Hand, hand
from tests.stage import Scene


async def opened(scene: Scene, rule: str = "2", text: str = "come to my shop") -> CaseRecord:
    """A settled case of the rule."""
    await scene.break_rule(rule)
    return await scene.case(scene.post(text))


async def read(scene: Scene, case: CaseRecord) -> CaseRecord:
    """A case as it is now."""
    found = await scene.store.cases.get(scene.guild.id, case.number)
    assert found is not None
    return found


def post_of(scene: Scene, case: CaseRecord) -> Message:
    """The post of a case in the mod log."""
    assert case.log_message_id is not None
    found: Message | None = scene.log.messages.get(case.log_message_id)
    assert found is not None
    return found


async def shown(someone: Hand, case: CaseRecord) -> dict[str, Any]:
    """The post as a member's app shows it."""
    assert case.log_message_id is not None
    message = await someone.client.message(someone.scene.log.id, case.log_message_id)
    assert message is not None
    return message


async def press(someone: Hand, case: CaseRecord, label: str) -> Answer:
    """Press a button of a case's post; an answer that others could see as well fails the test."""
    answer = await someone.client.press(await shown(someone, case), label)
    assert answer.failure is None
    assert answer.ephemeral
    return answer


async def look(someone: Hand, case: CaseRecord) -> Answer:
    """The post, to be read as an answer is."""
    return Answer("", message=await shown(someone, case))


async def two(scene: Scene) -> tuple[Hand, Hand]:
    """Two moderators at once."""
    return await hand(scene, scene.moderator), await hand(scene, scene.manager)


def told(scene: Scene, user: User) -> list[Message]:
    """What the bot has written to a member."""
    return list(scene.server.world.dm(scene.bot, user).messages)
