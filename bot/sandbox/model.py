"""What a Discord server is made of, as plain records. Ids are integers, times are aware datetimes in UTC."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any

from bot.sandbox.messagelog import MessageLog


class ChannelKind(IntEnum):
    """Discord's channel types, those the sandbox has."""

    TEXT = 0
    DM = 1
    VOICE = 2
    CATEGORY = 4
    ANNOUNCEMENT = 5
    ANNOUNCEMENT_THREAD = 10
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12
    FORUM = 15


THREADS = frozenset({ChannelKind.ANNOUNCEMENT_THREAD, ChannelKind.PUBLIC_THREAD, ChannelKind.PRIVATE_THREAD})


@dataclass(eq=False, slots=True)
class User:
    """An account. `dms_closed` refuses direct messages (code 50007); `application_id` is set for a bot."""

    id: int
    name: str
    token: str
    global_name: str | None = None
    discriminator: str = "0"
    bot: bool = False
    application_id: int | None = None
    dms_closed: bool = False


@dataclass(eq=False, slots=True)
class Application:
    """An application and its bot. `intents` are the privileged intents that its owner switched on, as bits.

    `secret` and `redirect_uris` are for OAuth2: what it proves itself with, and where users may be sent back to.
    """

    id: int
    name: str
    bot: User
    owner: User
    intents: int
    secret: str
    redirect_uris: frozenset[str] = frozenset()
    public_key: str = "0" * 64

    @property
    def token(self) -> str:
        """What the bot logs in with."""
        return self.bot.token


@dataclass(eq=False, slots=True)
class Overwrite:
    """A channel's exception for a role (type 0) or a member (type 1): permission bits allowed and denied."""

    id: int
    type: int
    allow: int = 0
    deny: int = 0


@dataclass(eq=False, slots=True)
class Role:
    """A role; `position` ranks it, the @everyone role (id of the guild) is at 0."""

    id: int
    name: str
    permissions: int
    position: int
    color: int = 0
    hoist: bool = False
    mentionable: bool = False
    managed_by: int | None = None


@dataclass(eq=False, slots=True)
class Member:
    """A user in a guild; `roles` holds role ids without @everyone's."""

    user: User
    joined_at: datetime
    roles: set[int] = field(default_factory=set)
    nick: str | None = None
    timed_out_until: datetime | None = None


@dataclass(eq=False, slots=True)
class Attachment:
    """A file of a message, kept in memory and served under `/cdn/`."""

    id: int
    filename: str
    content: bytes
    content_type: str | None
    url: str
    description: str | None = None


@dataclass(eq=False, slots=True)
class Message:
    """A message. Embeds, components, poll and snapshots are JSON as they are shown; `ephemeral_to` sees it alone."""

    id: int
    channel: Channel
    author: User
    content: str
    created_at: datetime
    type: int = 0
    flags: int = 0
    tts: bool = False
    edited_at: datetime | None = None
    mentions: list[User] = field(default_factory=list)
    mention_roles: list[int] = field(default_factory=list)
    mention_everyone: bool = False
    embeds: list[dict[str, Any]] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    poll: dict[str, Any] | None = None
    reference: dict[str, Any] | None = None
    referenced: Message | None = None
    snapshots: list[dict[str, Any]] = field(default_factory=list)
    nonce: str | int | None = None
    webhook_id: int | None = None
    application_id: int | None = None
    interaction_metadata: dict[str, Any] | None = None
    interaction: dict[str, Any] | None = None
    ephemeral_to: User | None = None
    thread: Channel | None = None


@dataclass(eq=False, slots=True)
class ThreadState:
    """What only a thread has; `members` maps user ids to when they joined."""

    owner_id: int
    created_at: datetime
    archive_changed_at: datetime
    archived: bool = False
    locked: bool = False
    auto_archive_minutes: int = 4320
    invitable: bool = True
    members: dict[int, datetime] = field(default_factory=dict)
    message_count: int = 0


@dataclass(eq=False, slots=True)
class Channel:
    """A channel of any kind: `guild` is None for direct messages, `thread` is set for threads."""

    id: int
    kind: ChannelKind
    name: str
    guild: Guild | None = None
    parent_id: int | None = None
    position: int = 0
    topic: str | None = None
    nsfw: bool = False
    slowmode_seconds: int = 0
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    recipients: list[User] = field(default_factory=list)
    thread: ThreadState | None = None
    messages: MessageLog = field(default_factory=MessageLog)
    last_message_id: int | None = None
    spoke_at: dict[int, datetime] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class AuditEntry:
    """One line of the audit log; `action` is Discord's action type."""

    id: int
    action: int
    user_id: int
    target_id: int | None
    reason: str | None = None
    changes: list[dict[str, Any]] = field(default_factory=list)
    options: dict[str, str] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Guild:
    """A Discord server."""

    id: int
    name: str
    owner: User
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    bans: dict[int, str | None] = field(default_factory=dict)
    audit_log: list[AuditEntry] = field(default_factory=list)
    locale: str = "en-US"

    @property
    def everyone(self) -> Role:
        """The @everyone role, whose id is the guild's."""
        return self.roles[self.id]

    def threads(self) -> Iterator[Channel]:
        """Every thread, archived ones too."""
        return (channel for channel in self.channels.values() if channel.thread is not None)
