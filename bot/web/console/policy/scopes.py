"""Giving a channel or category a policy of its own, or making it something else to the one around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import discord
from aiohttp import web

from bot.discord_io.refusal import RefusedError
from bot.domain.lawbook import How, PlaceKind
from bot.language import mark, tr
from bot.lawmaking.scoping import Scoping
from bot.web.console.asked import Asked, Page
from bot.web.console.policy.placed import POLICY, Places

HOWS: Mapping[How, str] = {
    How.EXTEND: mark("extend: the rules around it hold there too"),
    How.REPLACE: mark("replace: only its own rules hold there"),
    How.NONE: mark("none: keep it, and go by the rules around it"),
}


class Scopes:
    """Changes which policies count where."""

    def __init__(self, places: Places, scoping: Scoping) -> None:
        """Change through `scoping`."""
        self._places = places
        self._scoping = scoping

    def pages(self) -> Sequence[Page]:
        """The change; what there is stands on the first page."""
        return [Page("POST", "policy/scope", POLICY, self._set)]

    async def _set(self, asked: Asked) -> web.StreamResponse:
        entry = asked.entry
        chosen = next(
            (one for one in scopable(entry.guild, entry.sight.hidden) if str(one.id) == asked.form.get("at")), None
        )
        if chosen is None:
            raise RefusedError(tr("There is no such channel or category, or you cannot see it."))
        if asked.form.get("how") not in list(How):
            raise RefusedError(tr("Choose what becomes of the rules around it."))
        kind = PlaceKind.CATEGORY if isinstance(chosen, discord.CategoryChannel) else PlaceKind.CHANNEL
        told = await self._scoping.set(entry.guild, chosen.id, kind, How(asked.form["how"]), entry.actor_id)
        here = await self._places.named(asked)
        return here.fragment("policy/scoped.html", said=here.said(told), place_id=chosen.id)


def scopable(guild: discord.Guild, hidden: frozenset[int]) -> list[discord.abc.GuildChannel]:
    """What can have a policy of its own, as far as it is seen: categories, each before its channels."""
    seen = [one for one in guild.channels if one.id not in hidden]
    return sorted(seen, key=_place)


def _place(channel: discord.abc.GuildChannel) -> tuple[int, int, bool, int, int]:
    category = channel if isinstance(channel, discord.CategoryChannel) else channel.category
    around = (category.position, category.id) if category is not None else (-1, 0)
    return *around, category is not channel, channel.position, channel.id
