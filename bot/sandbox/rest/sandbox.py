"""The sandbox's own routes, which Discord has not: who one may be in the page, and the marks on messages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.sandbox import serialise
from bot.sandbox.errors import ApiError
from bot.sandbox.marks import Marks, shown
from bot.sandbox.model import User
from bot.sandbox.permissions import READ_MESSAGE_HISTORY, VIEW_CHANNEL, require_in_channel
from bot.sandbox.rest.call import Call, Reply, Route
from bot.sandbox.world import World

ACCOUNTS = "/sandbox/accounts"
MARKS = "/channels/{channel_id}/sandbox-marks"


@dataclass(frozen=True, slots=True)
class Account:
    """A user that whoever opens the page may be, and a few words on who that is."""

    user: User
    about: str


class SandboxApi:
    """The routes that only the page uses. `accounts` are those on offer at the time of the request."""

    def __init__(self, world: World, accounts: Callable[[], Sequence[Account]], marks: Marks) -> None:
        """Over one world."""
        self._world = world
        self._accounts = accounts
        self._marks = marks

    def routes(self) -> list[Route]:
        """The routes. That of the accounts hands out tokens: `origin` guards it."""
        return [
            Route("GET", ACCOUNTS, self.accounts, open=True),
            Route("GET", MARKS, self.marks),
        ]

    async def accounts(self, call: Call) -> Reply:
        """Whom one may be, with their tokens."""
        return Reply(200, [self._shown(one) for one in self._accounts()])

    async def marks(self, call: Call) -> Reply:
        """The marks of a channel's messages, for people who read them."""
        channel = self._world.channel(call.id("channel_id"))
        if call.user.bot:
            raise ApiError(403, 20001, "Bots cannot use this endpoint")
        require_in_channel(channel, call.user, VIEW_CHANNEL | READ_MESSAGE_HISTORY, self._world.now())
        return Reply(200, [shown(channel, one) for one in self._marks.of(channel)])

    def _shown(self, account: Account) -> dict[str, object]:
        user = account.user
        return {
            "token": user.token,
            "user": serialise.user(user),
            "about": account.about,
            "guild_ids": [str(one.id) for one in self._world.guilds.values() if user.id in one.members],
        }
