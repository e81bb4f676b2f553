"""What `/exempt` says. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import discord

from bot.discord_io.limits import CHOICE_NAME, EMBED_FIELD_VALUE, clip
from bot.domain.guild import ExemptKind
from cogs.render_watch import within

KINDS: tuple[ExemptKind, ...] = ("role", "user", "channel", "category")
_TITLES: dict[ExemptKind, str] = {
    "role": "Roles",
    "user": "Members",
    "channel": "Channels, with their threads",
    "category": "Categories, with all channels in them",
}
_NOUNS: dict[ExemptKind, str] = {"role": "role", "user": "member", "channel": "channel", "category": "category"}
_GONE: dict[ExemptKind, str] = {
    "role": "a role that is deleted",
    "user": "",
    "channel": "deleted, archived or hidden from the bot",
    "category": "deleted, or hidden from the bot",
}


@dataclass(frozen=True, slots=True)
class Exempt:
    """One that is exempt. `name` is empty where it is not known, as of a member who is in no cache.

    `gone` is whether the server has no such role, channel or category any more as far as the bot sees.
    """

    kind: ExemptKind
    target_id: int
    name: str = ""
    gone: bool = False

    @property
    def mention(self) -> str:
        """It as Discord shows it."""
        marks = {"role": "@&", "user": "@", "channel": "#", "category": "#"}
        return f"<{marks[self.kind]}{self.target_id}>"


def added_sentence(one: Exempt, channels_within: int) -> str:
    """The answer to `/exempt add`: all that is exempt by it; `channels_within` counts a category's channels now."""
    match one.kind:
        case "role":
            return f"Whoever has {one.mention} is judged no longer."
        case "user":
            return f"{one.mention} is judged no longer."
        case "channel":
            return f"{one.mention} is judged no longer, its threads included."
        case "category":
            now = "1 channel" if channels_within == 1 else f"{channels_within} channels"
            return f"{one.mention} is judged no longer: the {now} in it now, and any that is put there later."


def removed_sentence(one: Exempt, still: Exempt | None) -> str:
    """The answer to `/exempt remove`; `still` is what exempts a channel all the same."""
    if still is None:
        return f"{one.mention} is exempt no longer."
    return f"{one.mention} is exempt no longer by itself, but its {_NOUNS[still.kind]} {still.mention} still is."


def exempt_list(exempt: Sequence[Exempt]) -> discord.Embed:
    """The answer to `/exempt list`."""
    embed = discord.Embed(title="Who and what is exempt")
    embed.description = "Moderators and bots are exempt too unless /settings says otherwise."
    for kind in KINDS:
        lines = [_line(one) for one in exempt if one.kind == kind]
        embed.add_field(name=_TITLES[kind], value=within(lines, EMBED_FIELD_VALUE) or "none", inline=False)
    return embed


def choice_name(one: Exempt) -> str:
    """One that is exempt as a suggestion, where mentions are not drawn."""
    name = one.name or str(one.target_id)
    return clip(f"{_NOUNS[one.kind]} {name}{' (gone)' if one.gone else ''}", CHOICE_NAME)


def _line(one: Exempt) -> str:
    return f"{one.mention} · {_GONE[one.kind]} · id {one.target_id}" if one.gone else one.mention
