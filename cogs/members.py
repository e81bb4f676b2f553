"""Who is meant: a member picked from the list, or the id of somebody who left."""

from __future__ import annotations

import re
from dataclasses import dataclass

import discord

from bot.discord_io.refusal import RefusedError
from bot.language import tr

_ID = re.compile(r"(?:<@!?)?([0-9]{15,20})>?")
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Person:
    """A user of Discord by id, member of the server or not, and the names they go by as far as those are known."""

    id: int
    names: frozenset[str] = frozenset()


def person_meant(member: discord.Member | discord.User | None, user_id: str | None) -> int:
    """The id of whom a command is about; RefusedError unless exactly one of the two is given and is one's id."""
    if (member is None) is (user_id is None):
        raise RefusedError(tr("Pick a member, or give the user id of somebody who left: one of the two."))
    if member is not None:
        return member.id
    found = _ID.fullmatch((user_id or "").strip())
    if found is None or int(found[1]) > _LARGEST:
        raise RefusedError(
            tr("That is no user's id: right-click the user with Discord's developer mode on, and copy it.")
        )
    return int(found[1])


async def find_person(client: discord.Client, guild: discord.Guild, user_id: int) -> Person:
    """Somebody with their names on the server and on Discord; without names where Discord does not tell."""
    user: discord.Member | discord.User
    try:
        user = await guild.fetch_member(user_id)
    except discord.HTTPException:
        try:
            user = await client.fetch_user(user_id)
        except discord.HTTPException:
            return Person(user_id)
    return Person(user_id, frozenset({user.display_name, user.name, user.global_name or user.name}))
