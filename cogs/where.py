"""The option `where` of commands about policies: a channel or category, and what its policy is to the others."""

from __future__ import annotations

import discord
from discord import ChannelType, app_commands

from bot.discord_io.places import where_in
from bot.discord_io.refusal import RefusedError
from bot.discord_io.sight import hidden_from
from bot.domain.lawbook import THE_SERVER, How, Lawbook, PlaceKind, PlacePolicy, Where
from bot.language import mark, tr
from bot.store import Store
from cogs.answers import Interaction
from cogs.channels import EXEMPTABLE, GivenChannel, parent_of
from cogs.permissions import member_of

GivenWhere = app_commands.Transform[GivenChannel, EXEMPTABLE]
PLACE = "[1-7]?[0-9a-f]{1,15}"
"""A place's id in a button's `custom_id`: in hexadecimal, or the largest would not fit."""
WHERE = mark("The channel or category whose own policy is meant; the server's policy unless given.")

_IS = {
    How.EXTEND: mark("{place}: it extends what is in force around it"),
    How.REPLACE: mark("{place}: it replaces what is in force around it"),
    How.NONE: mark("{place}: it is kept, and not in force"),
}
_DELETED = {
    PlaceKind.CHANNEL: mark("a deleted channel ({id})"),
    PlaceKind.CATEGORY: mark("a deleted category ({id})"),
}


def place_id_of(given: GivenChannel | None) -> int | None:
    """The id of the channel or category that is meant, of a thread its channel's; None for the server."""
    return None if given is None else parent_of(given) or given.id


def kind_of(given: GivenChannel) -> PlaceKind:
    """Whether a channel or a category is meant."""
    return PlaceKind.CATEGORY if given.type is ChannelType.category else PlaceKind.CHANNEL


def where_named(guild: discord.Guild, given: GivenChannel | None) -> Where:
    """Where a message would stand that is posted there; the server alone without a channel."""
    if given is None:
        return THE_SERVER
    if kind_of(given) is PlaceKind.CATEGORY:
        return Where(None, given.id)
    return where_in(guild, parent_of(given) or given.id)


def require_seen(interaction: Interaction, place_id: int | None) -> None:
    """RefusedError where who asks cannot see a channel or category; what one that is gone had is for all moderators."""
    if place_id is not None and place_id in hidden_from(member_of(interaction)):
        raise RefusedError(tr("That is about a channel you cannot see: ask somebody who can."))


async def lawbook_seen(member: discord.Member, store: Store) -> Lawbook:
    """The policies of a server but for those of places that a member cannot see."""
    book = await store.policies.lawbook(member.guild.id)
    return book.without(hidden_from(member))


async def require_own(interaction: Interaction, store: Store, given: GivenChannel | None) -> int | None:
    """The id of a place that has a policy of its own, None for the server; RefusedError where it has none.

    Who asks is known to be a moderator.
    """
    place_id = place_id_of(given)
    require_seen(interaction, place_id)
    if place_id is not None:
        book = await store.policies.lawbook(member_of(interaction).guild.id, [place_id])
        if place_id not in book.places:
            raise RefusedError(
                tr(
                    "{channel} has no policy of its own and goes by the one around it: give it one with /policy scope.",
                    channel=f"<#{place_id}>",
                )
            )
    return place_id


def place_id_typed(interaction: Interaction) -> int | None:
    """The place named so far while another option is typed, of which Discord gives the id only.

    RefusedError where who types cannot see it.
    """
    given = getattr(interaction.namespace, "where", None)
    if given is None or interaction.guild is None:
        return None
    thread = interaction.guild.get_thread(given.id)
    place_id = thread.parent_id if thread is not None else int(given.id)
    require_seen(interaction, place_id)
    return place_id


def place_line(guild: discord.Guild, place: PlacePolicy) -> str:
    """Whose policy it is, and what it is to the others."""
    known = guild.get_channel(place.place_id) is not None
    name = f"<#{place.place_id}>" if known else tr(_DELETED[place.kind], id=place.place_id)
    return tr(_IS[place.how], place=name)


def with_place(embed: discord.Embed, guild: discord.Guild, book: Lawbook, place_id: int | None) -> discord.Embed:
    """The embed, which says whose policy it is about where that is not the server's."""
    if place_id is not None and place_id in book.places:
        embed.add_field(name=tr("Policy of"), value=place_line(guild, book.places[place_id]), inline=False)
    return embed
