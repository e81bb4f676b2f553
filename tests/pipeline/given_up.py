"""Cases that the bot has stopped working on midway, as where it died or Discord was away for long."""

from __future__ import annotations

from typing import Any

from bot.domain.records import ActionOutcome, CaseRecord
from bot.sandbox.model import Message
from tests.stage import Scene, until

DELETE = ("DELETE", "/channels/{channel_id}/messages/{message_id}")
READ = ("GET", "/channels/{channel_id}/messages/{message_id}")
POST = ("POST", "/channels/{channel_id}/messages")
TIMEOUT = ("PATCH", "/guilds/{guild_id}/members/{user_id}")
KICK = ("DELETE", "/guilds/{guild_id}/members/{user_id}")
BAN = ("PUT", "/guilds/{guild_id}/bans/{user_id}")
TOO_MANY = {"message": "You are being rate limited.", "retry_after": 0.01, "global": False}
LIBRARY_TRIES = 5


def too_many(scene: Scene, route: tuple[str, str]) -> None:
    """Let a route have too many requests for as long as the library asks by itself."""
    scene.server.fail(*route, 429, times=LIBRARY_TRIES, body=TOO_MANY)


def casework(scene: Scene) -> Any:
    """What works on cases in the running bot."""
    return scene.stage.trial.app.pipeline._casework


async def given_up(scene: Scene, message: Message) -> CaseRecord:
    """The case of a message once the bot works on it no longer, though an action was attempted and has no outcome."""

    async def found() -> CaseRecord | None:
        cases = await scene.store.cases.list(scene.guild.id)
        return next((one for one in cases if one.submission.message_id == message.id), None)

    async def is_left() -> bool:
        case = await found()
        attempted = case is not None and any(one.outcome is ActionOutcome.ATTEMPTED for one in case.actions)
        return attempted and case is not None and case.journal_id not in casework(scene)._tasks

    await until(is_left)
    case = await found()
    assert case is not None
    return case


def became(case: CaseRecord) -> dict[str, tuple[str, str]]:
    """What became of each action, and its note."""
    return {one.action.kind.value: (one.outcome.value, one.note) for one in case.actions}
