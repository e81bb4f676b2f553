"""`/policy scope`: which channels and categories have a policy of their own, and what it is to the one around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import discord
from discord import app_commands

from bot.discord_io.limits import EMBED_DESCRIPTION
from bot.discord_io.refusal import RefusedError
from bot.discord_io.sight import hidden_from
from bot.discord_io.text import within
from bot.domain.lawbook import How, PlacePolicy
from bot.language import mark, tr
from bot.lawmaking.scoping import Scoping
from bot.store import Store
from cogs.answers import Interaction, answer, think
from cogs.permissions import member_of, require_use
from cogs.where import GivenWhere, kind_of, place_id_of, place_line, require_seen

_HOWS = [
    app_commands.Choice(name=mark("extend: the rules around it hold there too"), value=How.EXTEND.value),
    app_commands.Choice(name=mark("replace: only its own rules hold there"), value=How.REPLACE.value),
    app_commands.Choice(name=mark("none: keep it, and go by the rules around it"), value=How.NONE.value),
]


class ScopeCommands(app_commands.Group, name="scopes", description=mark("A part of /policy.")):
    """The command, to be put into the group of `/policy`."""

    def __init__(self, store: Store, scoping: Scoping) -> None:
        """Read from `store`; change through `scoping`."""
        super().__init__()
        self._store = store
        self._scoping = scoping

    @app_commands.command(
        name="scope", description=mark("Give a channel or category a policy of its own, or see which have.")
    )
    @app_commands.describe(
        where=mark("The channel or category; lists all that have a policy of their own unless given."),
        how=mark("Whether it adds to the rules around it or stands alone; shown as it is unless given."),
    )
    @app_commands.choices(how=_HOWS)
    async def scope(self, interaction: Interaction, where: GivenWhere | None = None, how: str | None = None) -> None:
        """List, show, begin or change."""
        await think(interaction)
        guild = await require_use(interaction, self._store)
        place_id = place_id_of(where)
        require_seen(interaction, place_id)
        if where is not None and place_id is not None and how is not None:
            await answer(
                interaction, await self._scoping.set(guild, place_id, kind_of(where), How(how), interaction.user.id)
            )
            return
        if how is not None:
            raise RefusedError(tr("Name the channel or category as well, as where."))
        book = await self._store.policies.lawbook(guild.id)
        numbers = await self._store.policies.numbers(guild.id)
        if place_id is not None and place_id not in book.places:
            raise RefusedError(
                tr("{channel} has no policy of its own: give it one by naming how.", channel=f"<#{place_id}>")
            )
        hidden = hidden_from(member_of(interaction))
        shown = [one for key, one in book.places.items() if key not in hidden and place_id in {None, key}]
        await answer(interaction, embeds=[scope_embed(guild, shown, numbers)])


def scope_embed(
    guild: discord.Guild, places: Sequence[PlacePolicy], numbers: Mapping[int, Sequence[int]]
) -> discord.Embed:
    """Places with a policy of their own: what it is to the others, its versions, and whether there is a draft."""
    lines = [_line(guild, place, numbers.get(place.place_id, ())) for place in places]
    embed = discord.Embed(title=tr("Policies of channels and categories"), description=within(lines, EMBED_DESCRIPTION))
    if not lines:
        embed.description = tr("None: the server's policy holds everywhere. Name a channel or category, and how.")
    embed.set_footer(text=tr("Any version can be looked at by its number: /policy show, /policy export, /policy diff."))
    return embed


def _line(guild: discord.Guild, place: PlacePolicy, numbers: Sequence[int]) -> str:
    """Whose policy it is; which version is live, with the numbers of earlier ones; whether there is a draft."""
    earlier = [str(number) for number in numbers if place.live is None or number != place.live.number][-10:]
    whose = place_line(guild, place)
    before = " " + tr("(before: {numbers})", numbers=", ".join(earlier)) if earlier else ""
    if place.live is None:
        if place.draft is None:
            return tr("{place}; nothing is published{before}.", place=whose, before=before)
        return tr("{place}; nothing is published{before}, and a draft is being written.", place=whose, before=before)
    live = place.live.number
    if place.draft is None:
        return tr("{place}; live is version {number}{before}.", place=whose, number=live, before=before)
    return tr(
        "{place}; live is version {number}{before}, and a draft is being written.",
        place=whose,
        number=live,
        before=before,
    )
