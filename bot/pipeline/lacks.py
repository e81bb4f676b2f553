"""Lacks: whoever works on a server asks here before it asks Discord, and says here what Discord refused.

Nothing is told from here, see `bot.pipeline.lack_notices`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

import discord

from bot.discord_io.lack_text import permissions_in_words
from bot.discord_io.lacking import holds, lacking
from bot.domain.lacks import Lack, LackKind, OpenLack
from bot.language import tr

HOLD_SECONDS = 30.0
"""What Discord forbade though the bot seems to be allowed it is not asked again for so long: refusals are counted."""
_TWO_FACTOR = 60003
_TAKES_TWO_FACTOR = frozenset({LackKind.DELETE, LackKind.TIMEOUT, LackKind.KICK, LackKind.BAN})


class Lacks:
    """What the bot lacks on each server, as far as this process knows; each with whether that can be seen."""

    def __init__(self) -> None:
        """Nothing is lacked so far."""
        self._lacked: dict[int, dict[Lack, bool]] = {}
        self._over: set[tuple[int, Lack]] = set()
        self._held: dict[tuple[int, Lack, int], float] = {}
        self._news: set[int] = set()
        self._arrived = asyncio.Event()

    # -- for whoever works on a server ------------------------------------------------------------------------

    def keeps(self, guild: discord.Guild, lack: Lack, thread_id: int = 0) -> bool:
        """Whether a lack keeps the bot from something, so that Discord need not be asked; it is noticed.

        `thread_id` is where in a channel, if that is a thread, else 0: one that shuts the bot out says nothing of
        others.
        """
        if lacking(guild, lack):
            self.notice(guild, lack)
            return True
        return time.monotonic() < self._held.get((guild.id, lack, thread_id), 0.0)

    def refused(self, guild: discord.Guild, lack: Lack, error: discord.HTTPException, thread_id: int = 0) -> None:
        """Discord refused what takes this."""
        self._held[guild.id, lack, thread_id] = time.monotonic() + HOLD_SECONDS
        self.notice(guild, Lack(LackKind.TWO_FACTOR) if error.code == _TWO_FACTOR else lack)

    def notice(self, guild: discord.Guild, lack: Lack) -> None:
        """The bot lacks this, whether or not it can be seen."""
        lacked, seen = self._lacked.setdefault(guild.id, {}), holds(guild, lack)
        if lack not in lacked or (seen and not lacked[lack]):
            lacked[lack] = seen
            self._tell(guild.id)

    def worked(self, guild_id: int, lack: Lack) -> None:
        """Discord let the bot do what takes this: if it was refused before, that is over."""
        also = [Lack(LackKind.TWO_FACTOR)] if lack.kind in _TAKES_TWO_FACTOR else []
        for one in (lack, *also):
            if self._lacked.get(guild_id, {}).get(one) is False:
                self._over.add((guild_id, one))
                self._tell(guild_id)

    def why(self, guild: discord.Guild, lack: Lack) -> str:
        """Why an action was not done, for its case."""
        needed = permissions_in_words(guild, [lack])
        if lacking(guild, lack):
            return tr("the bot lacks the permission {permission}: grant it to the bot's role", permission=needed)
        return tr(
            "Discord forbids it: the bot's role needs the permission {permission}, and to stand above the roles that "
            "it shall moderate",
            permission=needed,
        )

    # -- for whoever tells moderators -------------------------------------------------------------------------

    def known(self, guild_id: int, rows: list[OpenLack]) -> None:
        """What is on record of a server."""
        lacked = self._lacked.setdefault(guild_id, {})
        for row in rows:
            lacked[row.lack] = row.seen or lacked.get(row.lack, False)

    def on(self, guild_id: int) -> Mapping[Lack, bool]:
        """What the bot lacks on a server."""
        return dict(self._lacked.get(guild_id, {}))

    def servers(self) -> set[int]:
        """The servers on which it lacks something."""
        return {guild_id for guild_id, lacked in self._lacked.items() if lacked}

    def is_over(self, guild_id: int, lack: Lack) -> bool:
        """Whether what was refused before has worked since."""
        return (guild_id, lack) in self._over

    def forget(self, guild_id: int, lack: Lack) -> None:
        """It is lacked no more."""
        self._lacked.get(guild_id, {}).pop(lack, None)
        self._over.discard((guild_id, lack))
        for key in [key for key in self._held if key[:2] == (guild_id, lack)]:
            del self._held[key]

    async def news(self, seconds: float) -> set[int]:
        """The servers of which there is something new; all on which something is lacked when so long there was none."""
        try:
            await asyncio.wait_for(self._arrived.wait(), seconds)
        except TimeoutError:
            return self.servers()
        self._arrived.clear()
        news, self._news = self._news, set()
        return news

    def _tell(self, guild_id: int) -> None:
        self._news.add(guild_id)
        self._arrived.set()


def refused(error: discord.HTTPException) -> str:
    """That Discord refused something, with what it said in numbers."""
    return tr("Discord refused it ({status}, code {code})", status=error.status, code=error.code)
