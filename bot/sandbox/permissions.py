"""Who may do what where: Discord's permission bits and the rules by which they combine. Pure.

The rules are those of Discord's documentation, "Permissions": the guild's owner and administrators may do everything;
roles add up; a channel's overwrites apply for @everyone, then all roles together, then the member; without
View Channel nothing is allowed there; whoever is timed out keeps only View Channel and Read Message History.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from bot.sandbox.errors import missing_access, missing_permissions
from bot.sandbox.model import THREADS, Channel, ChannelKind, Guild, Member, Overwrite, Role, User

KICK_MEMBERS = 1 << 1
BAN_MEMBERS = 1 << 2
ADMINISTRATOR = 1 << 3
MANAGE_CHANNELS = 1 << 4
MANAGE_GUILD = 1 << 5
ADD_REACTIONS = 1 << 6
VIEW_AUDIT_LOG = 1 << 7
VIEW_CHANNEL = 1 << 10
SEND_MESSAGES = 1 << 11
MANAGE_MESSAGES = 1 << 13
EMBED_LINKS = 1 << 14
ATTACH_FILES = 1 << 15
READ_MESSAGE_HISTORY = 1 << 16
MENTION_EVERYONE = 1 << 17
CHANGE_NICKNAME = 1 << 26
MANAGE_NICKNAMES = 1 << 27
MANAGE_ROLES = 1 << 28
MANAGE_WEBHOOKS = 1 << 29
USE_APPLICATION_COMMANDS = 1 << 31
MANAGE_THREADS = 1 << 34
CREATE_PUBLIC_THREADS = 1 << 35
CREATE_PRIVATE_THREADS = 1 << 36
SEND_MESSAGES_IN_THREADS = 1 << 38
MODERATE_MEMBERS = 1 << 40
SEND_POLLS = 1 << 49
BYPASS_SLOWMODE = 1 << 52

ALL = (1 << 53) - 1
WHEN_TIMED_OUT = VIEW_CHANNEL | READ_MESSAGE_HISTORY

EVERYONE = (
    VIEW_CHANNEL
    | SEND_MESSAGES
    | EMBED_LINKS
    | ATTACH_FILES
    | READ_MESSAGE_HISTORY
    | ADD_REACTIONS
    | CHANGE_NICKNAME
    | USE_APPLICATION_COMMANDS
    | CREATE_PUBLIC_THREADS
    | CREATE_PRIVATE_THREADS
    | SEND_MESSAGES_IN_THREADS
    | SEND_POLLS
)
"""What @everyone of a new guild may do."""

IN_A_DM = EVERYONE & ~(CREATE_PUBLIC_THREADS | CREATE_PRIVATE_THREADS | SEND_MESSAGES_IN_THREADS) | MENTION_EVERYONE
"""What both may do in direct messages; nobody manages anything there."""

MODERATOR = MANAGE_MESSAGES | KICK_MEMBERS | BAN_MEMBERS | MODERATE_MEMBERS | VIEW_AUDIT_LOG | MANAGE_THREADS
MODERATION_BOT = EVERYONE | MODERATOR
"""What a moderation bot is invited with unless told otherwise."""

MEMBERS_INTENT, PRESENCES_INTENT, CONTENT_INTENT = 1 << 1, 1 << 8, 1 << 15
PRIVILEGED_INTENTS = MEMBERS_INTENT | PRESENCES_INTENT | CONTENT_INTENT


def in_guild(guild: Guild, member: Member, now: datetime) -> int:
    """A member's permission bits in the guild, before any channel's overwrites."""
    if guild.owner is member.user:
        return ALL
    bits = guild.everyone.permissions
    for role_id in member.roles:
        bits |= guild.roles[role_id].permissions
    return ALL if bits & ADMINISTRATOR else _timed_out(member, bits, now)


def in_channel(channel: Channel, user: User, now: datetime) -> int:
    """A user's permission bits in a channel; 0 where they have no access."""
    guild = channel.guild
    if guild is None:
        return IN_A_DM if user in channel.recipients else 0
    member = guild.members.get(user.id)
    if member is None or guild.channels.get(channel.id) is not channel:
        return 0
    bits = in_guild(guild, member, now)
    if bits & ADMINISTRATOR:
        return bits
    place = _place_of_overwrites(channel, guild)
    bits = _timed_out(member, _with_overwrites(place, guild, member, bits), now)
    if channel.kind is ChannelKind.PRIVATE_THREAD and channel.thread is not None:
        invited = user.id in channel.thread.members or user.id == channel.thread.owner_id
        if not invited and not bits & MANAGE_THREADS:
            return 0
    return bits if bits & VIEW_CHANNEL else 0


def may_see(channel: Channel, user: User, now: datetime) -> bool:
    """Whether the channel shows for the user."""
    return bool(in_channel(channel, user, now) & VIEW_CHANNEL)


def may_send(channel: Channel, bits: int) -> bool:
    """Whether these bits, computed for this channel, are enough to post there."""
    return bool(bits & (SEND_MESSAGES_IN_THREADS if channel.kind in THREADS else SEND_MESSAGES))


def require_in_guild(guild: Guild, user: User, bits: int, now: datetime) -> Member:
    """The user's membership if it has all the bits; else Missing Access (50001) or Missing Permissions (50013)."""
    member = guild.members.get(user.id)
    if member is None:
        raise missing_access()
    if in_guild(guild, member, now) & bits != bits:
        raise missing_permissions()
    return member


def require_in_channel(channel: Channel, user: User, bits: int, now: datetime) -> int:
    """The user's bits in the channel if they hold all of `bits`; else 50001 where it does not show, or 50013."""
    held = in_channel(channel, user, now)
    if not held & VIEW_CHANNEL:
        raise missing_access()
    if held & bits != bits:
        raise missing_permissions()
    return held


def require_grantable(before: Mapping[int, Overwrite], after: Iterable[Overwrite], held: int) -> None:
    """Missing Permissions (50013) where overwrites would change bits that whoever sets them does not hold."""
    wanted = {one.id: one for one in after}
    changed = 0
    for one in before.keys() | wanted.keys():
        old, new = (side.get(one) or Overwrite(one, 0) for side in (before, wanted))
        changed |= (old.allow ^ new.allow) | (old.deny ^ new.deny)
    if changed & ALL & ~held:
        raise missing_permissions()


def outranks(guild: Guild, actor: Member, target: Member) -> bool:
    """Whether the actor's highest role is above the target's; nobody outranks the owner, who outranks all."""
    if guild.owner is target.user:
        return False
    return guild.owner is actor.user or rank(guild, actor) > rank(guild, target)


def above_role(guild: Guild, actor: Member, role: Role) -> bool:
    """Whether the actor's highest role is above a role; the owner is above all."""
    return guild.owner is actor.user or rank(guild, actor) > (role.position, -role.id)


def rank(guild: Guild, member: Member) -> tuple[int, int]:
    """The place of a member's highest role: by position, and of two at one position the older is higher."""
    return max(((guild.roles[role].position, -role) for role in member.roles), default=(0, 0))


def _place_of_overwrites(channel: Channel, guild: Guild) -> Channel:
    if channel.kind in THREADS and channel.parent_id is not None:
        return guild.channels[channel.parent_id]
    return channel


def _with_overwrites(channel: Channel, guild: Guild, member: Member, bits: int) -> int:
    layers: tuple[Iterable[int], ...] = ((guild.id,), member.roles, (member.user.id,))
    for ids in layers:
        overwrites = [channel.overwrites[one] for one in ids if one in channel.overwrites]
        bits = bits & ~_join(overwrites, "deny") | _join(overwrites, "allow")
    return bits


def _join(overwrites: list[Overwrite], side: str) -> int:
    bits = 0
    for overwrite in overwrites:
        bits |= getattr(overwrite, side)
    return bits


def _timed_out(member: Member, bits: int, now: datetime) -> int:
    until = member.timed_out_until
    return bits & WHEN_TIMED_OUT if until is not None and until > now else bits
