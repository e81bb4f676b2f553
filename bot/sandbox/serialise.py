"""The world's records in Discord's JSON shapes, as its OpenAPI description and gateway documentation give them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.sandbox.model import (
    Application,
    Attachment,
    AuditEntry,
    Channel,
    ChannelKind,
    Guild,
    Member,
    Message,
    Overwrite,
    Role,
    User,
)
from bot.sandbox.permissions import in_guild

Json = dict[str, Any]
SUPPORTS_FORWARD, REPLY = 1, 0


def stamp(moment: datetime | None) -> str | None:
    """A time in ISO 8601 as Discord writes it, or None."""
    return None if moment is None else moment.isoformat()


def identifier(snowflake: int | None) -> str | None:
    """An id as a string, or None."""
    return None if snowflake is None else str(snowflake)


def user(one: User) -> Json:
    """A user as others see it."""
    return {
        "id": str(one.id),
        "username": one.name,
        "global_name": one.global_name,
        "discriminator": one.discriminator,
        "avatar": None,
        "banner": None,
        "accent_color": None,
        "avatar_decoration_data": None,
        "primary_guild": None,
        "public_flags": 0,
        "flags": 0,
        **({"bot": True} if one.bot else {}),
    }


def own_user(one: User) -> Json:
    """A user as they see themselves."""
    return {**user(one), "mfa_enabled": False, "locale": "en-US", "verified": True, "email": None}


def bare_member(one: Member) -> Json:
    """A member without the user, as it comes with a message."""
    return {
        "roles": [str(role) for role in sorted(one.roles)],
        "nick": one.nick,
        "avatar": None,
        "banner": None,
        "joined_at": stamp(one.joined_at),
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "pending": False,
        "communication_disabled_until": stamp(one.timed_out_until),
    }


def member(one: Member) -> Json:
    """A member with its user."""
    return {**bare_member(one), "user": user(one.user)}


def role(one: Role) -> Json:
    """A role."""
    tags = {"tags": {"bot_id": str(one.managed_by)}} if one.managed_by is not None else {}
    return {
        "id": str(one.id),
        "name": one.name,
        "permissions": str(one.permissions),
        "position": one.position,
        "color": one.color,
        "colors": {"primary_color": one.color, "secondary_color": None, "tertiary_color": None},
        "hoist": one.hoist,
        "mentionable": one.mentionable,
        "managed": one.managed_by is not None,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
        **tags,
    }


def overwrite(one: Overwrite) -> Json:
    """A channel's overwrite."""
    return {"id": str(one.id), "type": one.type, "allow": str(one.allow), "deny": str(one.deny)}


def channel(one: Channel) -> Json:
    """A channel of any kind; a thread is given without anybody's membership."""
    if one.guild is None:
        return {
            "id": str(one.id),
            "type": int(one.kind),
            "last_message_id": identifier(one.last_message_id),
            "flags": 0,
            "recipients": [user(recipient) for recipient in one.recipients],
        }
    body: Json = {
        "id": str(one.id),
        "type": int(one.kind),
        "guild_id": str(one.guild.id),
        "name": one.name,
        "parent_id": identifier(one.parent_id),
        "rate_limit_per_user": one.slowmode_seconds,
        "flags": 0,
    }
    if one.kind is not ChannelKind.CATEGORY:
        body["last_message_id"] = identifier(one.last_message_id)
    if one.thread is None:
        return body | {
            "position": one.position,
            "topic": one.topic,
            "nsfw": one.nsfw,
            "permission_overwrites": [overwrite(each) for each in one.overwrites.values()],
        }
    state = one.thread
    return body | {
        "owner_id": str(state.owner_id),
        "message_count": state.message_count,
        "member_count": len(state.members),
        "total_message_sent": state.message_count,
        "thread_metadata": {
            "archived": state.archived,
            "archive_timestamp": stamp(state.archive_changed_at),
            "auto_archive_duration": state.auto_archive_minutes,
            "locked": state.locked,
            "create_timestamp": stamp(state.created_at),
            **({"invitable": state.invitable} if one.kind is ChannelKind.PRIVATE_THREAD else {}),
        },
    }


def dm(one: Channel, viewer: User) -> Json:
    """A direct-message channel as one of the two sees it: the recipient is the other."""
    others = [recipient for recipient in one.recipients if recipient is not viewer]
    return {**channel(one), "recipients": [user(other) for other in others]}


def thread_member(thread: Channel, user_id: int) -> Json:
    """Somebody's membership in a thread; KeyError if there is none."""
    assert thread.thread is not None
    joined = thread.thread.members[user_id]
    return {"id": str(thread.id), "user_id": str(user_id), "join_timestamp": stamp(joined), "flags": 0}


def guild(one: Guild) -> Json:
    """A guild as REST gives it."""
    return {
        "id": str(one.id),
        "name": one.name,
        "owner_id": str(one.owner.id),
        "roles": [role(each) for each in one.roles.values()],
        "icon": None,
        "description": None,
        "home_header": None,
        "splash": None,
        "discovery_splash": None,
        "features": [],
        "banner": None,
        "application_id": None,
        "region": "deprecated",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "widget_enabled": False,
        "widget_channel_id": None,
        "verification_level": 0,
        "default_message_notifications": 0,
        "mfa_level": 0,
        "explicit_content_filter": 0,
        "max_presences": None,
        "max_members": 500_000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "vanity_url_code": None,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "preferred_locale": one.locale,
        "rules_channel_id": None,
        "safety_alerts_channel_id": None,
        "public_updates_channel_id": None,
        "premium_progress_bar_enabled": False,
        "nsfw": False,
        "nsfw_level": 0,
        "emojis": [],
        "stickers": [],
        "incidents_data": None,
    }


def attachment(one: Attachment) -> Json:
    """A file of a message."""
    body: Json = {"id": str(one.id), "filename": one.filename, "size": len(one.content)}
    body |= {"url": one.url, "proxy_url": one.url}
    if one.content_type is not None:
        body["content_type"] = one.content_type
    if one.description is not None:
        body["description"] = one.description
    return body


def snapshot(one: Message) -> Json:
    """What a forward keeps of the forwarded message."""
    return {
        "message": {
            "type": one.type,
            "content": one.content,
            "mentions": [user(each) for each in one.mentions],
            "mention_roles": [str(each) for each in one.mention_roles],
            "attachments": [attachment(each) for each in one.attachments],
            "embeds": one.embeds,
            "timestamp": stamp(one.created_at),
            "edited_timestamp": stamp(one.edited_at),
            "flags": one.flags,
            "components": one.components,
        }
    }


def message(one: Message) -> Json:
    """A message as REST gives it; an answered message comes along, but not what that one answered."""
    body = _message(one)
    if one.reference is not None and one.reference["type"] == REPLY:
        body["referenced_message"] = None if one.referenced is None else _message(one.referenced)
    return body


def _message(one: Message) -> Json:
    body: Json = {
        **snapshot(one)["message"],
        "id": str(one.id),
        "channel_id": str(one.channel.id),
        "author": user(one.author),
        "pinned": False,
        "mention_everyone": one.mention_everyone,
        "tts": one.tts,
    }
    optional: Json = {
        "nonce": one.nonce,
        "webhook_id": identifier(one.webhook_id),
        "application_id": identifier(one.application_id),
        "interaction_metadata": one.interaction_metadata,
        "interaction": one.interaction,
        "poll": one.poll,
        "message_reference": one.reference,
        "message_snapshots": one.snapshots or None,
        "thread": None if one.thread is None else channel(one.thread),
    }
    return body | {key: value for key, value in optional.items() if value is not None}


def gateway_message(one: Message) -> Json:
    """A message as MESSAGE_CREATE and MESSAGE_UPDATE give it: with guild and member."""
    body = message(one)
    place = one.channel.guild
    body["channel_type"] = int(one.channel.kind)
    if place is not None:
        body["guild_id"] = str(place.id)
        author = place.members.get(one.author.id)
        if author is not None and one.webhook_id is None:
            body["member"] = bare_member(author)
        for mention, mentioned in zip(body["mentions"], one.mentions, strict=True):
            if mentioned.id in place.members:
                mention["member"] = bare_member(place.members[mentioned.id])
    return body


def without_content(body: Json) -> Json:
    """A message as those see it who lack the MESSAGE_CONTENT intent."""
    blank: Json = {"content": "", "embeds": [], "attachments": [], "components": []}
    shown = {key: value for key, value in body.items() if key != "poll"} | blank
    if "message_snapshots" in body:
        shown["message_snapshots"] = [{"message": each["message"] | blank} for each in body["message_snapshots"]]
    if isinstance(body.get("referenced_message"), dict):
        shown["referenced_message"] = without_content(body["referenced_message"])
    return shown


def audit_entry(one: AuditEntry) -> Json:
    """A line of the audit log."""
    body: Json = {
        "id": str(one.id),
        "action_type": one.action,
        "user_id": str(one.user_id),
        "target_id": identifier(one.target_id),
    }
    optional: Json = {"reason": one.reason, "changes": one.changes or None, "options": one.options or None}
    return body | {key: value for key, value in optional.items() if value is not None}


def shown_application(one: Application) -> Json:
    """An application as everybody sees it."""
    # The flags tell which privileged intents are on, in their form for bots in fewer than 100 servers.
    flags = sum(flag for bit, flag in ((1 << 8, 1 << 13), (1 << 1, 1 << 15), (1 << 15, 1 << 19)) if one.intents & bit)
    return {
        "id": str(one.id),
        "name": one.name,
        "icon": None,
        "description": "",
        "type": None,
        "bot": user(one.bot),
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": one.public_key,
        "flags": flags,
        "flags_new": str(flags),
    }


def application(one: Application) -> Json:
    """An application as its own bot sees it."""
    return {
        **shown_application(one),
        "redirect_uris": sorted(one.redirect_uris),
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "owner": user(one.owner),
        "approximate_guild_count": 0,
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "team": None,
        "eligible_oauth2_scopes": [],
    }


def own_guild(one: Guild, viewer: User, now: datetime) -> Json:
    """A guild in the list of a user's guilds."""
    return {
        "id": str(one.id),
        "name": one.name,
        "icon": None,
        "banner": None,
        "owner": one.owner is viewer,
        "permissions": str(in_guild(one, one.members[viewer.id], now)),
        "features": [],
    }
