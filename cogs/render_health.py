"""What `/health` shows. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import discord

from bot.discord_io.limits import EMBED_DESCRIPTION
from bot.discord_io.text import inert, listed, plain, within
from bot.domain.decision import Mode
from bot.domain.figures import Queue
from bot.domain.policy import ActionKind
from bot.judge.interface import JudgeInfo
from bot.language import tr, trn
from cogs.render_watch import LogPlace, Place

# Of each group of channels that lack the same; all of them are in the file.
MOST_CHANNELS = 10
# A message that waited so long waits for more than the few before it.
LONG_WAIT = timedelta(minutes=10)
_WELL, _AMISS = discord.Colour(0x1E8449), discord.Colour(0xD68910)


@dataclass(frozen=True, slots=True)
class Law:
    """The live version, and the permission that the bot's role lacks by the kind of action that it asks for."""

    number: int
    unpermitted: Mapping[ActionKind, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Caller:
    """The role that is called where a rule escalates, None where there is none; whether a ping reaches it."""

    role_id: int | None
    reached: bool = False


@dataclass(frozen=True, slots=True)
class Health:
    """All that `/health` looks at, as it stood at one moment.

    `law` is None before a policy is published, `log` where no log channel is set, `caller` where nobody need be
    called. `role_lacks` are permissions that the bot's role does not have on the whole server. `helpless` are the
    keys of rules about members who may hurt themselves, where the server has set no help lines to offer them.
    `can_record` says whether the database takes what is written. `lacks` are sentences on what else the bot lacks.
    """

    judge: JudgeInfo
    queue: Queue
    law: Law | None
    server_mode: Mode
    places: Sequence[Place]
    log: LogPlace | None
    caller: Caller | None = None
    role_lacks: Sequence[str] = ()
    helpless: Sequence[str] = ()
    can_record: bool = True
    lacks: Sequence[str] = ()


def health_embed(health: Health, now: datetime) -> discord.Embed:
    """The answer to `/health`: what is amiss first, each with its remedy, then how everything stands."""
    amiss = list(problems(health, now))
    embed = discord.Embed(title=tr("Health"), colour=_AMISS if amiss else _WELL)
    embed.description = within([f"⚠️ {one}" for one in amiss], EMBED_DESCRIPTION) or tr("✅ Nothing is amiss.")
    embed.add_field(name=tr("Judge"), value=_judge_line(health.judge), inline=False)
    embed.add_field(name=tr("Queue"), value=queue_line(health.queue), inline=False)
    version = tr("version {number}", number=health.law.number) if health.law else tr("none")
    embed.add_field(name=tr("Policy"), value=version)
    embed.add_field(name=tr("Server's mode"), value=health.server_mode.value)
    embed.add_field(name=tr("Watched channels"), value=_watched_line(health.places))
    embed.add_field(name=tr("Log channel"), value=f"<#{health.log.channel_id}>" if health.log else tr("none"))
    if health.helpless:
        embed.add_field(name=tr("Help lines"), value=_help_line(health.helpless), inline=False)
    return embed


def queue_line(queue: Queue) -> str:
    """How many messages wait and since when, and how many cases are not through."""
    if queue.oldest is None:
        line = tr("No message waits to be judged.")
    else:
        line = trn(
            "One message waits; it came in {time}.",
            "{n:,} messages wait; the oldest came in {time}.",
            queue.waiting,
            time=discord.utils.format_dt(queue.oldest, "R"),
        )
    if queue.unfinished:
        line += " " + tr("Cases being carried out: {number:,}.", number=queue.unfinished)
    return line


def problems(health: Health, now: datetime) -> Iterator[str]:
    """A sentence or two for each thing that is amiss: what it is, and what to do about it."""
    if not health.can_record:
        yield tr(
            "The bot cannot use its database as it should: tell whoever runs the bot, whose log says what to do. What "
            "is not judged now is judged afterwards."
        )
    yield from _judging(health, now)
    if health.law is None:
        yield tr("No policy is live, so nothing is judged: write one with `/policy edit` and publish it.")
    if not health.places:
        yield tr("No channel is watched, so nothing is judged: add one with `/watch add`.")
    elif all(place.mode is Mode.OFF for place in health.places):
        yield tr("The mode is off in every watched channel, so nothing is judged: set another with `/mode`.")
    yield from _logging(health)
    yield from _channels(health)
    for kind, permission in (health.law.unpermitted if health.law else {}).items():
        yield tr(
            "A rule asks for `{action}`, for which the bot lacks {permission}: grant it to the bot's role in the "
            "server's settings under Roles.",
            action=kind,
            permission=permission,
        )
    yield from _calling(health.caller)
    yield from health.lacks


def channel_list(health: Health, names: Mapping[int, str]) -> str:
    """Every watched channel where something is amiss, a line each; empty where the embed names them all.

    `names` are those of the channels that who asks may see; of the others the id is told.
    """
    groups = [*_lacking(health.places).values(), _unknown(health.places)]
    if all(len(group) <= MOST_CHANNELS for group in groups):
        return ""
    lines = [
        _channel_line(place, _named(place.channel_id, names))
        for place in health.places
        if place.missing or not place.known
    ]
    return "\n".join(lines) + "\n"


def _channel_line(place: Place, name: str) -> str:
    if not place.known:
        return tr("{channel}: not found", channel=name)
    return tr("{channel}: lacks {permissions}", channel=name, permissions=listed(place.missing))


# -- what may be amiss -----------------------------------------------------------------------------------


def _judging(health: Health, now: datetime) -> Iterator[str]:
    if not health.judge.ready:
        yield tr(
            "The judge is not ready. It is started anew by itself; until then messages wait and none is lost. Where it "
            "stays so, whoever runs the bot finds the cause in its log and with `lawspeaker doctor`."
        )
    elif health.queue.oldest is not None and now - health.queue.oldest > LONG_WAIT:
        yield tr(
            "Messages come in faster than they are judged. None is lost; where it stays so, watch fewer channels, or "
            "have whoever runs the bot measure the machine with `lawspeaker bench`."
        )


def _logging(health: Health) -> Iterator[str]:
    log = health.log
    if log is None:
        yield tr("No log channel is set, so cases are kept but not posted: set one with `/watch log`.")
    elif not log.known:
        yield tr(
            "The log channel {channel} is deleted or hidden from the bot: set another with `/watch log`.",
            channel=f"<#{log.channel_id}>",
        )
    elif log.missing:
        place = tr("the log channel {channel}", channel=f"<#{log.channel_id}>")
        yield _lacks_there(place, log.missing, health.role_lacks)


def _channels(health: Health) -> Iterator[str]:
    for names, group in _lacking(health.places).items():
        yield _lacks_there(_mentions(group), names, health.role_lacks)
    if unknown := _unknown(health.places):
        yield tr(
            "Deleted, archived or hidden from the bot: {channels}. Allow it View Channel there, or take them off with "
            "`/watch remove`.",
            channels=_mentions(unknown),
        )


def _calling(caller: Caller | None) -> Iterator[str]:
    if caller is None:
        return
    if caller.role_id is None:
        yield tr("A rule escalates, but nobody is called: name a role and the log channel with `/watch log`.")
    elif not caller.reached:
        yield tr(
            "A rule escalates to {role}, whom the bot cannot ping: let anyone mention that role, or grant the bot "
            "Mention Everyone in the log channel.",
            role=f"<@&{caller.role_id}>",
        )


def _lacking(places: Sequence[Place]) -> dict[tuple[str, ...], list[Place]]:
    """The watched channels by what the bot lacks there, those that lack most first."""
    groups: dict[tuple[str, ...], list[Place]] = {}
    for place in places:
        if place.missing:
            groups.setdefault(tuple(place.missing), []).append(place)
    return dict(sorted(groups.items(), key=lambda group: len(group[0]), reverse=True))


def _unknown(places: Sequence[Place]) -> list[Place]:
    return [place for place in places if not place.known]


# -- words -----------------------------------------------------------------------------------------------


def _lacks_there(place: str, names: Sequence[str], role_lacks: Sequence[str]) -> str:
    """What the bot lacks in a place, and where it is given: to the role where it lacks it everywhere, else where the
    channel takes it away.
    """
    lacking, in_channel = listed(names), [name for name in names if name not in role_lacks]
    if not in_channel:
        return trn(
            "In {place} the bot lacks {permissions}: grant it to the bot's role in the server's settings under Roles.",
            "In {place} the bot lacks {permissions}: grant them to the bot's role in the server's settings under "
            "Roles.",
            len(names),
            place=place,
            permissions=lacking,
        )
    if len(in_channel) == len(names):
        return tr(
            "In {place} the bot lacks {permissions}: in the settings of the channel or its category, under "
            "Permissions, allow the bot's role {permissions}.",
            place=place,
            permissions=lacking,
        )
    return tr(
        "In {place} the bot lacks {permissions}: in the settings of the channel or its category, under Permissions, "
        "allow the bot's role {allowed}, and grant it the rest in the server's settings under Roles.",
        place=place,
        permissions=lacking,
        allowed=listed(in_channel),
    )


def _mentions(places: Sequence[Place]) -> str:
    shown = [f"<#{place.channel_id}>" for place in places[:MOST_CHANNELS]]
    left = len(places) - len(shown)
    if not left:
        return listed(shown)
    return tr("{channels} and {number:,} more (see the file)", channels=", ".join(shown), number=left)


def _named(channel_id: int, names: Mapping[int, str]) -> str:
    name = " ".join(plain(names.get(channel_id, "")).split())
    return f"#{name} ({channel_id})" if name else str(channel_id)


def _judge_line(judge: JudgeInfo) -> str:
    ready = tr("ready") if judge.ready else tr("not ready")
    if judge.restarts:
        times = trn(
            "restarted once since the bot started", "restarted {n:,} times since the bot started", judge.restarts
        )
    else:
        times = tr("never restarted since the bot started")
    return f"{inert(judge.model, 200)} · {ready} · {times}"


def _help_line(rules: Sequence[str]) -> str:
    """What would be good though nothing is amiss without it."""
    return trn(
        "None are set, and rule {rule} of the policy may be about members who hurt themselves. Set whom they can turn "
        "to with `/settings`, under Messages: they are then offered it by direct message.",
        "None are set, and {n} rules of the policy may be about members who hurt themselves. Set whom they can turn to "
        "with `/settings`, under Messages: they are then offered it by direct message.",
        len(rules),
        rule=inert(rules[0], 40),
    )


def _watched_line(places: Sequence[Place]) -> str:
    by_mode = {mode: sum(place.mode is mode for place in places) for mode in Mode}
    counts = [f"{count:,} {mode.value}" for mode, count in by_mode.items() if count]
    return ", ".join(counts) or tr("none")
