"""What moderators are told of what the bot lacks: what it cannot do, and how to mend it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import discord

from bot.discord_io.lacking import lacking, own_role
from bot.discord_io.permission_names import permission_name
from bot.discord_io.text import inert, listed
from bot.domain.lacks import NEEDED, Lack, LackKind
from bot.language import mark, tr

_PLACES = 5
_NAME = 100
_MOST = 1_700
_HEAD = mark("⚠️ The bot lacks what it needs on **{server}**, and does not make up later for what it leaves undone:")
_FOOT = mark("`/health` shows what is still amiss.")
_TEXTS = {
    LackKind.READ: mark(
        "It cannot read {places}, so nothing said there is judged or acted on. Give the role {role} there: "
        "{permissions}."
    ),
    LackKind.POST: mark("It cannot post cases in {places}. Give the role {role} there: {permissions}."),
    LackKind.GONE: mark(
        "The channel {places}, where it posts cases, is deleted or hidden from it. Set another with `/watch log`, or "
        "with `/settings` where it is the review channel."
    ),
    LackKind.REFUSED: mark(
        "Discord refuses what it posts in {places}. If that is a thread, unlock it; else set another channel with "
        "`/watch log`, or with `/settings` where it is the review channel."
    ),
    LackKind.DELETE: mark("It cannot delete messages in {places}. Give the role {role} there: {permissions}."),
    LackKind.TIMEOUT: mark(
        "It cannot time members out. Give the role {role}, in the server's settings under Roles: {permissions}."
    ),
    LackKind.KICK: mark(
        "It cannot kick members. Give the role {role}, in the server's settings under Roles: {permissions}."
    ),
    LackKind.BAN: mark(
        "It cannot ban members. Give the role {role}, in the server's settings under Roles: {permissions}."
    ),
    LackKind.RANK: mark(
        "It cannot time out, kick or ban whoever has one of these roles: {places}. Move the role {role} above them, in "
        "the server's settings under Roles."
    ),
    LackKind.TWO_FACTOR: mark(
        "This server demands two-factor authentication of whoever moderates. Whoever owns the bot's application must "
        "switch it on for their Discord account."
    ),
}


def lack_notice(guild: discord.Guild, lacks: Collection[Lack]) -> str:
    """The notice of lacks that were noticed together, a line for each kind; its first line tells it from others."""
    lines, left = [f"- {line}" for line in lack_lines(guild, lacks)], _MOST
    shown = []
    for line in lines:
        left -= len(line)
        if left > 0:
            shown.append(line)
    return "\n".join([notice_head(guild.name), *shown, tr(_FOOT)])


def notice_head(server: str) -> str:
    """The first line of each notice: it may reach somebody who owns several servers."""
    return tr(_HEAD, server=inert(server, _NAME))


def mended_text(server: str, since: datetime, now: datetime) -> str:
    """What the notice becomes when nothing of it is lacked any more."""
    return tr(
        "✅ Mended {time}: the bot has again what it had lacked on **{server}** since {since}.",
        server=inert(server, _NAME),
        time=discord.utils.format_dt(now, "f"),
        since=discord.utils.format_dt(since, "f"),
    )


def lack_lines(guild: discord.Guild, lacks: Collection[Lack]) -> list[str]:
    """A sentence for each kind of lack: what the bot cannot do, and the mend."""
    found = list(lacks)
    lines = []
    timed_out = guild.me.timed_out_until if guild.me.is_timed_out() else None
    if timed_out is not None and any(one.kind in NEEDED for one in found):
        until = discord.utils.format_dt(timed_out, "f")
        lines.append(tr("The bot itself is timed out until {until}: take that timeout off it.", until=until))
        found = [one for one in found if one.kind not in NEEDED]
    return lines + [_line(guild, kind, [one for one in found if one.kind is kind]) for kind in _kinds(found)]


def permissions_in_words(guild: discord.Guild, lacks: Sequence[Lack]) -> str:
    """The permissions that are missing for lacks of one kind; all that it takes where that cannot be seen."""
    missing = {name for one in lacks for name in lacking(guild, one)}
    needed = NEEDED[lacks[0].kind]
    names = [one for one in needed if one in missing] + sorted(missing.difference(needed))
    return listed([permission_name(name) for name in names or needed])


def _line(guild: discord.Guild, kind: LackKind, lacks: Sequence[Lack]) -> str:
    permissions = f"**{permissions_in_words(guild, lacks)}**" if kind in NEEDED else ""
    return tr(_TEXTS[kind], places=_places(guild, lacks), role=_role(own_role(guild)), permissions=permissions)


def _places(guild: discord.Guild, lacks: Sequence[Lack]) -> str:
    if lacks[0].kind is LackKind.RANK:
        shown = [_role(role) for one in lacks[:_PLACES] if (role := guild.get_role(one.place_id)) is not None]
    else:
        shown = [f"<#{one.place_id}>" for one in lacks[:_PLACES]]
    left = len(lacks) - len(shown)
    return listed(shown) if not left else tr("{names} and {number:,} more", names=", ".join(shown), number=left)


def _role(role: discord.Role) -> str:
    """A role by its name: its mention would say nothing in direct messages."""
    return f"**{inert(role.name, 60)}**"


def _kinds(lacks: Collection[Lack]) -> list[LackKind]:
    found = {one.kind for one in lacks}
    return [kind for kind in LackKind if kind in found]
