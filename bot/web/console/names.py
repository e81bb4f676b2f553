"""The names of people and places that pages name: the bot keeps no members in memory, so Discord is asked."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime

import discord

from bot.discord_io.text import plain
from bot.domain.audit import THE_SHELL
from bot.domain.moderators import OPERATOR
from bot.domain.submission import NOBODY
from bot.language import tr
from bot.web.console.fresh import Fresh
from bot.web.console.times import written

KEPT_SECONDS = 600.0
MOST_KEPT = 2_000
PATIENCE_SECONDS = 3.0
MOST_ASKED = 12
"""Of how many people Discord is asked for one page; the others are shown by their ids."""
_MARKUP = re.compile(r"<(?:@!?(?P<member>\d{1,20})|#(?P<channel>\d{1,20})|t:(?P<time>-?\d{1,11})(?::[A-Za-z])?)>")


class Names:
    """The people and places of one page, by id. What has no name here is shown by its id."""

    def __init__(self, guild: discord.Guild, people: Mapping[int, str], hidden: Collection[int]) -> None:
        """`people` are those who are known by name, `hidden` the places that are not named to the visitor."""
        self._guild = guild
        self._people = people
        self._hidden = hidden

    def moderator(self, member_id: int) -> str:
        """A moderator, or whoever sits at the bot's machine."""
        return tr(OPERATOR) if member_id == THE_SHELL else self.member(member_id)

    def member(self, member_id: int) -> str:
        """A member."""
        return self._people.get(member_id) or tr("member {id}", id=member_id)

    def author(self, member_id: int) -> str:
        """Who wrote a message, or that their records were erased."""
        return tr("somebody whose records were erased") if member_id == NOBODY else self.member(member_id)

    def channel(self, channel_id: int) -> str:
        """A channel or thread."""
        found = self._guild.get_channel_or_thread(channel_id) if channel_id not in self._hidden else None
        return f"#{plain(found.name)}" if found is not None else tr("channel {id}", id=channel_id)

    def sentence(self, text: str) -> str:
        """A sentence of ours as Discord would show it: with names and times in place of its markup."""
        return _MARKUP.sub(self._named, text)

    def _named(self, match: re.Match[str]) -> str:
        if match["member"]:
            return self.moderator(int(match["member"]))
        if match["channel"]:
            return self.channel(int(match["channel"]))
        try:
            return written(datetime.fromtimestamp(int(match["time"]), UTC))
        except (ValueError, OverflowError, OSError):
            return match[0]  # no time that there was: somebody typed it


class People:
    """Remembers for some minutes who is called what on which server."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Time is told by `clock`, in seconds."""
        self._known: Fresh[tuple[int, int], str] = Fresh(KEPT_SECONDS, MOST_KEPT, clock)

    async def names(
        self,
        guild: discord.Guild,
        ids: Iterable[int | None],
        known: Mapping[int, str] | None = None,
        *,
        hidden: Collection[int],
    ) -> Names:
        """The names for a page that shows these people; `known` are those whom a record names itself.

        Places that are `hidden` from the visitor have no name on it.
        """
        found = {member_id: plain(name) for member_id, name in (known or {}).items() if name}
        unknown = list[int]()
        for member_id in dict.fromkeys(one for one in ids if one and one not in found):
            name = self._known.get((guild.id, member_id))
            found[member_id] = name or ""
            if name is None:
                unknown.append(member_id)
        # A page does not wait for a Discord that is away: the library would try for half a minute.
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                for member_id in unknown[:MOST_ASKED]:
                    found[member_id] = await self._ask(guild, member_id)
        return Names(guild, found, hidden)

    async def _ask(self, guild: discord.Guild, member_id: int) -> str:
        """A member's name as the server shows it; empty, which is kept as well, where Discord tells none."""
        try:
            name = plain((guild.get_member(member_id) or await guild.fetch_member(member_id)).display_name)
        except discord.NotFound:
            name = ""
        except discord.HTTPException:
            return ""
        self._known.put((guild.id, member_id), name)
        return name
