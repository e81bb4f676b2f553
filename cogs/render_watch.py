"""What `/watch` and `/mode` show. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import discord

from bot.discord_io.limits import EMBED_DESCRIPTION
from bot.discord_io.text import listed, within
from bot.domain.decision import Mode
from bot.language import tr, trn


@dataclass(frozen=True, slots=True)
class Place:
    """A watched channel: the mode that holds, whether it is the channel's own, and what the bot lacks there.

    `known` is False where the channel is deleted or hidden from the bot, `exempt` where it, its channel or its
    category is exempt: nothing there is judged then.
    """

    channel_id: int
    mode: Mode
    is_own_mode: bool
    known: bool = True
    missing: Sequence[str] = ()
    exempt: bool = False


@dataclass(frozen=True, slots=True)
class LogPlace:
    """The log channel, in the same words; `calls` is the role that an escalation pings there, None for nobody."""

    channel_id: int
    known: bool = True
    missing: Sequence[str] = ()
    calls: int | None = None


def watched_sentence(place: Place) -> str:
    """The answer to `/watch add` and to a channel's `/mode`."""
    channel, mode = f"<#{place.channel_id}>", f"**{place.mode}**"
    if not place.is_own_mode:
        mode = tr("{mode}, the server's mode", mode=mode)
    if place.missing:
        text = tr(
            "{channel} is watched: {mode}; but the bot lacks {permissions} in {channel}: grant it to the bot's role.",
            channel=channel,
            mode=mode,
            permissions=listed(place.missing),
        )
    else:
        text = tr("{channel} is watched: {mode}.", channel=channel, mode=mode)
    if place.exempt:
        text += " " + tr("It is exempt, so nothing in it is judged: see /exempt list.")
    return text


def log_sentence(channel_id: int, role_id: int | None, cannot_ping: bool) -> str:
    """The answer to `/watch log` with a channel."""
    text = tr("Cases are posted in {channel}.", channel=f"<#{channel_id}>")
    if role_id is None:
        return text
    if not cannot_ping:
        called = tr("{role} is called when a rule escalates.", role=f"<@&{role_id}>")
    else:
        called = tr(
            "{role} is called when a rule escalates; but let anyone mention that role, or grant the bot Mention "
            "Everyone there.",
            role=f"<@&{role_id}>",
        )
    return f"{text} {called}"


def mode_sentence(mode: Mode, own: int, lacking: Sequence[Place]) -> str:
    """The answer to the server's `/mode`; `own` channels have modes of their own and keep them."""
    text = tr("The server's mode is **{mode}**.", mode=mode)
    if own:
        text += " " + trn("One watched channel keeps its own mode.", "{n} watched channels keep their own modes.", own)
    if lacking:
        text += " " + within([_but(place) for place in lacking], 1_500)
    return text


def _but(place: Place) -> str:
    return tr(
        "But the bot lacks {permissions} in {channel}: grant it to the bot's role.",
        permissions=listed(place.missing),
        channel=f"<#{place.channel_id}>",
    )


def watch_list(server_mode: Mode, places: Sequence[Place], log: LogPlace | None) -> discord.Embed:
    """The answer to `/watch list`."""
    embed = discord.Embed(title=tr("Watched channels"))
    lines = [_line(place) for place in places]
    embed.description = within(lines, EMBED_DESCRIPTION) or tr("None: add one with /watch add.")
    embed.add_field(name=tr("Server's mode"), value=server_mode.value)
    embed.add_field(name=tr("Log channel"), value=_log_line(log))
    return embed


def _line(place: Place) -> str:
    if not place.known:
        return " · ".join([f"<#{place.channel_id}>", tr("deleted, or hidden from the bot")])
    mode = place.mode.value if place.is_own_mode else tr("{mode} (the server's)", mode=place.mode.value)
    return " · ".join([f"<#{place.channel_id}>", mode, *([tr("exempt")] if place.exempt else ()), *_lacking(place)])


def _log_line(log: LogPlace | None) -> str:
    if log is None:
        return tr("None: cases are not posted; set one with /watch log.")
    if not log.known:
        gone = tr("deleted, or hidden from the bot: set another with /watch log.")
        return f"<#{log.channel_id}> · {gone}"
    if log.calls is not None:
        called = tr("calls {role}", role=f"<@&{log.calls}>")
    else:
        called = tr("calls nobody: name a role with /watch log")
    return " · ".join([f"<#{log.channel_id}>", called, *_lacking(log)])


def _lacking(place: Place | LogPlace) -> list[str]:
    """What the bot lacks there, as one part of a line; none where it lacks nothing."""
    return [tr("the bot lacks {permissions}", permissions=listed(place.missing))] if place.missing else []
