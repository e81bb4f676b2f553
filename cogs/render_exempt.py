"""What `/exempt` says. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import discord

from bot.discord_io.limits import CHOICE_NAME, EMBED_FIELD_VALUE, clip
from bot.discord_io.text import within
from bot.domain.guild import ExemptKind
from bot.language import mark, tr, trn

KINDS: tuple[ExemptKind, ...] = ("role", "user", "channel", "category")
_TITLES: dict[ExemptKind, str] = {
    "role": mark("Roles"),
    "user": mark("Members"),
    "channel": mark("Channels, with their threads"),
    "category": mark("Categories, with all channels in them"),
}
_NAMED: dict[ExemptKind, str] = {
    "role": mark("role {name}"),
    "user": mark("member {name}"),
    "channel": mark("channel {name}"),
    "category": mark("category {name}"),
}
_GONE: dict[ExemptKind, str] = {
    "role": mark("a role that is deleted"),
    "user": "",
    "channel": mark("deleted, archived or hidden from the bot"),
    "category": mark("deleted, or hidden from the bot"),
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
            return tr("Whoever has {role} is judged no longer.", role=one.mention)
        case "user":
            return tr("{member} is judged no longer.", member=one.mention)
        case "channel":
            return tr("{channel} is judged no longer, its threads included.", channel=one.mention)
        case "category":
            return trn(
                "{category} is judged no longer: the {n} channel in it now, and any that is put there later.",
                "{category} is judged no longer: the {n} channels in it now, and any that is put there later.",
                channels_within,
                category=one.mention,
            )


def removed_sentence(one: Exempt, still: Exempt | None) -> str:
    """The answer to `/exempt remove`; `still` is what exempts a channel all the same."""
    if still is None:
        return tr("{whom} is exempt no longer.", whom=one.mention)
    if still.kind == "category":
        return tr(
            "{channel} is exempt no longer by itself, but its category {category} still is.",
            channel=one.mention,
            category=still.mention,
        )
    return tr(
        "{thread} is exempt no longer by itself, but its channel {channel} still is.",
        thread=one.mention,
        channel=still.mention,
    )


def exempt_list(exempt: Sequence[Exempt]) -> discord.Embed:
    """The answer to `/exempt list`."""
    embed = discord.Embed(title=tr("Who and what is exempt"))
    embed.description = tr("Moderators and bots are exempt too unless /settings says otherwise.")
    for kind in KINDS:
        lines = [_line(one) for one in exempt if one.kind == kind]
        embed.add_field(name=tr(_TITLES[kind]), value=within(lines, EMBED_FIELD_VALUE) or tr("none"), inline=False)
    return embed


def choice_name(one: Exempt) -> str:
    """One that is exempt as a suggestion, where mentions are not drawn."""
    named = tr(_NAMED[one.kind], name=one.name or str(one.target_id))
    return clip(tr("{named} (gone)", named=named) if one.gone else named, CHOICE_NAME)


def _line(one: Exempt) -> str:
    if not one.gone:
        return one.mention
    return tr("{whom} · {gone} · id {id}", whom=one.mention, gone=tr(_GONE[one.kind]), id=one.target_id)
