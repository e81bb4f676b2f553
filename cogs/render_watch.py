"""What `/watch` and `/mode` show. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import discord

from bot.discord_io.limits import EMBED_DESCRIPTION
from bot.domain.decision import Mode

_MORE = 40


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


def listed(names: Sequence[str]) -> str:
    """`A`, `A and B`, `A, B and C`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def within(lines: Sequence[str], most: int) -> str:
    """As many whole lines as fit `most` characters, and how many more there are."""
    kept: list[str] = []
    room = most - _MORE
    for line in lines:
        if len(line) + 1 > room:
            break
        kept.append(line)
        room -= len(line) + 1
    left = len(lines) - len(kept)
    return "\n".join([*kept, f"… and {left:,} more"] if left else kept)


def lacks(channel_id: int, names: Sequence[str]) -> str:
    """The half of a sentence that says what is missing and how to mend it."""
    return f"the bot lacks {listed(names)} in <#{channel_id}>: grant it to the bot's role"


def watched_sentence(place: Place) -> str:
    """The answer to `/watch add` and to a channel's `/mode`."""
    mode = f"**{place.mode}**" + ("" if place.is_own_mode else ", the server's mode")
    tail = f"; but {lacks(place.channel_id, place.missing)}." if place.missing else "."
    exempt = " It is exempt, so nothing in it is judged: see /exempt list." if place.exempt else ""
    return f"<#{place.channel_id}> is watched: {mode}{tail}{exempt}"


def log_sentence(channel_id: int, role_id: int | None, cannot_ping: bool) -> str:
    """The answer to `/watch log` with a channel."""
    text = f"Cases are posted in <#{channel_id}>."
    if role_id is not None:
        text += f" <@&{role_id}> is called when a rule escalates"
        text += "; but let anyone mention that role, or grant the bot Mention Everyone there." if cannot_ping else "."
    return text


def mode_sentence(mode: Mode, own: int, lacking: Sequence[Place]) -> str:
    """The answer to the server's `/mode`; `own` channels have modes of their own and keep them."""
    text = f"The server's mode is **{mode}**."
    if own:
        text += (
            f" {own} watched channels keep their own modes." if own > 1 else " One watched channel keeps its own mode."
        )
    if lacking:
        text += " " + within([f"But {lacks(place.channel_id, place.missing)}." for place in lacking], 1_500)
    return text


def watch_list(server_mode: Mode, places: Sequence[Place], log: LogPlace | None) -> discord.Embed:
    """The answer to `/watch list`."""
    embed = discord.Embed(title="Watched channels")
    lines = [_line(place) for place in places]
    embed.description = within(lines, EMBED_DESCRIPTION) or "None: add one with /watch add."
    embed.add_field(name="Server's mode", value=server_mode.value)
    embed.add_field(name="Log channel", value=_log_line(log))
    return embed


def _line(place: Place) -> str:
    if not place.known:
        return f"<#{place.channel_id}> · deleted, or hidden from the bot"
    mode = place.mode.value if place.is_own_mode else f"{place.mode.value} (the server's)"
    return f"<#{place.channel_id}> · {mode}{' · exempt' if place.exempt else ''}{_lacking(place.missing)}"


def _log_line(log: LogPlace | None) -> str:
    if log is None:
        return "None: cases are not posted; set one with /watch log."
    if not log.known:
        return f"<#{log.channel_id}> · deleted, or hidden from the bot: set another with /watch log."
    called = f"calls <@&{log.calls}>" if log.calls is not None else "calls nobody: name a role with /watch log"
    return f"<#{log.channel_id}> · {called}{_lacking(log.missing)}"


def _lacking(names: Sequence[str]) -> str:
    return f" · the bot lacks {listed(names)}" if names else ""
