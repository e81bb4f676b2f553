"""Who looks at the console, and what they may on a server: asked anew with every request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

import discord

from bot.domain.access import Standing, Use, may_use
from bot.domain.guild import GuildSettings
from bot.domain.records import CaseRecord
from bot.domain.submission import Submission


class UnknownServerError(LookupError):
    """There is no such server, or none that the visitor may know of: which of the two is not told."""


class Seeing(Protocol):
    """Which places of a server a visitor sees, as `bot.discord_io.sight.Sight` has it."""

    @property
    def hidden(self) -> frozenset[int]:
        """Channels and threads to leave out, as far as they are known."""

    async def cases(self, find: Callable[[frozenset[int]], Awaitable[list[CaseRecord]]]) -> list[CaseRecord]:
        """What a search finds that is seen; it is told which places to leave out."""

    async def hides(self, found: Iterable[Submission]) -> bool:
        """Whether the place of any of these is not seen; `hidden` names it from then on."""

    async def sees(self, channel_id: int, parent_id: int | None = None) -> bool:
        """Whether a channel or thread is seen."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A visitor on one server, for as long as one request takes.

    `actor_id` is recorded with what they change. What they have done to members needs the rights of `member`, who is
    the bot itself where the visitor is the operator of this machine.
    """

    guild: discord.Guild
    settings: GuildSettings
    actor_id: int
    member: discord.Member
    standing: Standing
    sight: Seeing

    def may(self, use: Use) -> bool:
        """Whether they may use something."""
        return may_use(use, self.standing, self.settings.access)


class Visitor(Protocol):
    """Somebody whom the console lets in."""

    @property
    def name(self) -> str:
        """Who it is, to be shown."""

    async def servers(self) -> list[discord.Guild]:
        """The servers they may look at, by name."""

    async def enter(self, guild_id: int) -> Entry:
        """Come to a server to look at something. UnknownServerError, NotAllowedError, RefusedError."""

    async def act(self, guild_id: int) -> Entry:
        """Come to a server to change something: what they may is looked up at this moment."""
