"""Who is a member of which server now: Discord is asked, for the bot hears of no change of a member.

Pages that only show may go by an answer some seconds old, as several of them ask again and again. Whatever changes
something asks anew.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import discord
import structlog

from bot.discord_io.refusal import RefusedError
from bot.language import mark, tr
from bot.web.console.rate import Rate, RateLimit

log = structlog.get_logger(__name__)

FRESH = 5.0
ABSENT = 60.0
"""Seconds for which an answer holds; that somebody is no member holds longer where all servers are looked through."""
PATIENCE = 10.0
MOST = 5_000
AT_ONCE = 8
AFTER_ONE = Rate(burst=60, seconds=0.5)
"""How often Discord is asked anew after one user: it takes so many requests a second of the bot, whatever for."""

_AWAY = mark("Discord does not say at the moment what you may do here: try again in a minute.")
_TOO_OFTEN = mark("Those were many changes within seconds: wait a moment and try again.")
Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Answer:
    member: discord.Member | None
    at: float


class Memberships:
    """Asks after members, once for all who want to know at the same time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Time is told by `clock`, in seconds."""
        self._clock = clock
        self._known: OrderedDict[Key, _Answer] = OrderedDict()
        self._asking: dict[Key, asyncio.Task[discord.Member | None]] = {}
        self._asked = RateLimit(AFTER_ONE, clock)

    def knows_of(self, guild: discord.Guild, user_id: int) -> bool:
        """Whether there is an answer that is some seconds old at most, so that Discord need not be asked."""
        known = self._known.get((guild.id, user_id))
        return known is not None and self._clock() - known.at <= FRESH

    async def look(self, guild: discord.Guild, user_id: int) -> discord.Member | None:
        """A user's membership as it was at most some seconds ago; None where they are no member. RefusedError."""
        if self.knows_of(guild, user_id):
            return self._known[guild.id, user_id].member
        return await self._joined(guild, user_id)

    async def ask(self, guild: discord.Guild, user_id: int) -> discord.Member | None:
        """The same as it is now; RefusedError also where one user has Discord asked too often."""
        if self._asked.wait(str(user_id)):
            raise RefusedError(tr(_TOO_OFTEN))
        return await self._ask(guild, user_id)

    async def among(self, guilds: Iterable[discord.Guild], user_id: int) -> list[discord.Member]:
        """A user's memberships of all these servers. Of one where Discord does not answer nothing is known."""
        room = asyncio.Semaphore(AT_ONCE)

        async def found(guild: discord.Guild) -> discord.Member | None:
            known = self._known.get((guild.id, user_id))
            if known is not None and known.member is None and self._clock() - known.at <= ABSENT:
                return None
            async with room:
                try:
                    return await self.look(guild, user_id)
                except RefusedError:
                    return None

        members = await asyncio.gather(*(found(guild) for guild in guilds))
        return [member for member in members if member is not None]

    async def _joined(self, guild: discord.Guild, user_id: int) -> discord.Member | None:
        key = (guild.id, user_id)
        asking = self._asking.get(key)
        if asking is None:
            asking = self._asking[key] = asyncio.create_task(self._ask(guild, user_id), name="member-of")
            asking.add_done_callback(lambda done: self._answered(key, done))
        # Whoever waits may go away; the others still get their answer.
        return await asyncio.shield(asking)

    def _answered(self, key: Key, done: asyncio.Task[discord.Member | None]) -> None:
        self._asking.pop(key, None)
        if not done.cancelled():
            # Looked at here, for everybody who waited may have gone away.
            done.exception()

    async def _ask(self, guild: discord.Guild, user_id: int) -> discord.Member | None:
        at = self._clock()
        try:
            async with asyncio.timeout(PATIENCE):
                member: discord.Member | None = await guild.fetch_member(user_id)
        except discord.NotFound:
            member = None
        except (discord.DiscordException, TimeoutError, OSError) as error:
            log.warning("membership_unknown", guild_id=guild.id, error=type(error).__name__)
            self._known.pop((guild.id, user_id), None)
            raise RefusedError(tr(_AWAY)) from None
        self._known[(guild.id, user_id)] = _Answer(member, at)
        self._known.move_to_end((guild.id, user_id))
        while len(self._known) > MOST:
            self._known.popitem(last=False)
        return member
