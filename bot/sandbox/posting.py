"""Messages are made, changed and deleted here, and everyone who sees them is told. Who may is asked elsewhere."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.sandbox import serialise
from bot.sandbox.checks import check_message, refuse_empty
from bot.sandbox.errors import invalid_form, unknown
from bot.sandbox.hub import Hub, Intent
from bot.sandbox.model import Attachment, Channel, Message, User
from bot.sandbox.permissions import MENTION_EVERYONE, in_channel, may_see
from bot.sandbox.shapes import shown_components, shown_embed, shown_poll
from bot.sandbox.snowflake import parse
from bot.sandbox.world import World

Json = dict[str, Any]
DEFAULT, REPLY, SLASH_ANSWER, MENU_ANSWER = 0, 19, 20, 23
FORWARD = 1
EPHEMERAL = 1 << 6
SETTABLE_FLAGS = 1 << 2 | EPHEMERAL | 1 << 12 | 1 << 15
"""The flags a client may set: no link previews, ephemeral, silent, components V2."""
NONCE_LASTS = timedelta(minutes=5)
_USER_MENTION = re.compile(r"<@!?(\d{1,20})>")
_ROLE_MENTION = re.compile(r"<@&(\d{1,20})>")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a request."""

    filename: str
    content: bytes
    content_type: str | None = None
    number: int | None = None
    """Under which number the body names it; its place among the files where it has none."""


def checked(body: Json, files: Sequence[Upload]) -> Json:
    """The body of a new message, its `attachments` naming the files that came along, each once.

    ApiError for what Discord refuses; a file that is named and did not come gives a message no substance.
    """
    numbered = {index if one.number is None else one.number: one for index, one in enumerate(files)}
    named: list[Json] = [{"id": number, "filename": one.filename} for number, one in numbered.items()]
    check_message({**body, "attachments": body.get("attachments") or named})
    described = {parse(one["id"]): one for one in body.get("attachments") or []}
    body = {**body, "attachments": [described.get(one["id"], one) for one in named]}
    refuse_empty(body)
    return body


def check_edit(message: Message, body: Json, files: Sequence[Upload]) -> None:
    """ApiError for an edit that Discord refuses, one that leaves nothing of the message included."""
    check_message(body, editing=True)
    before = {
        "content": message.content,
        "embeds": message.embeds,
        "attachments": message.attachments,
        "poll": message.poll,
        "components": message.components,
        "message_reference": message.reference,
    }
    refuse_empty({**before, **body, **({"attachments": files} if files else {})})


class Posting:
    """Makes and changes messages. Bodies are in the shape of Discord's API and were checked before."""

    def __init__(self, world: World, hub: Hub) -> None:
        """Files are served below `cdn`, which the server sets once it knows its address."""
        self._world = world
        self._hub = hub
        self._nonces: dict[tuple[int, int, str], tuple[datetime, Message]] = {}
        self.cdn = ""

    def repeated(self, author: User, channel: Channel, body: Json) -> Message | None:
        """The message that was made with this nonce a short while ago, if the body asks for that to be enforced."""
        if body.get("nonce") is None or not body.get("enforce_nonce"):
            return None
        since = self._world.now() - NONCE_LASTS
        self._nonces = {key: made for key, made in self._nonces.items() if made[0] > since}
        found = self._nonces.get((author.id, channel.id, str(body["nonce"])))
        return found[1] if found else None

    def post(self, author: User, channel: Channel, body: Json, files: Sequence[Upload] = (), **fields: Any) -> Message:
        """Make a message and tell of it; `fields` are attributes of Message that no body sets."""
        message = Message(self._world.new_id(), channel, author, body.get("content") or "", self._world.now())
        message.flags = int(body.get("flags") or 0) & SETTABLE_FLAGS
        message.tts = bool(body.get("tts"))
        message.nonce = body.get("nonce")
        message.embeds = [shown_embed(one) for one in body.get("embeds") or []]
        message.components = shown_components(body.get("components") or [])
        message.attachments = self._attach(message, body.get("attachments"), files)
        if body.get("poll"):
            message.poll = shown_poll(body["poll"], message.created_at)
        if body.get("message_reference"):
            self._refer(message, body["message_reference"])
        for name, value in fields.items():
            setattr(message, name, value)
        if message.ephemeral_to is None:
            message.flags &= ~EPHEMERAL
        self._mention(message, body.get("allowed_mentions"))
        if message.ephemeral_to is None:
            self._keep(message)
        if message.nonce is not None:
            self._nonces[(author.id, channel.id, str(message.nonce))] = (message.created_at, message)
        self._hub.tell_message(message, "MESSAGE_CREATE")
        return message

    def edit(self, message: Message, body: Json, files: Sequence[Upload] = (), *, silently: bool = False) -> None:
        """Change what the body names and tell of it; `silently` leaves the time of the edit, as for link previews."""
        if "content" in body:
            message.content = body["content"] or ""
            self._mention(message, body.get("allowed_mentions"))
        if "embeds" in body:
            message.embeds = [shown_embed(one) for one in body["embeds"] or []]
        if "components" in body:
            message.components = shown_components(body["components"] or [])
        if "flags" in body:
            message.flags = (message.flags & ~(1 << 2)) | (int(body["flags"] or 0) & (1 << 2 | 1 << 15))
        if "attachments" in body or files:
            message.attachments = self._attach(message, body.get("attachments"), files)
        if not silently:
            message.edited_at = self._world.now()
        self._hub.tell_message(message, "MESSAGE_UPDATE")

    def delete(self, message: Message) -> None:
        """Take a message away and tell of it."""
        if message.ephemeral_to is not None:
            body = {"id": str(message.id), "channel_id": str(message.channel.id)}
            self._hub.tell_user(message.ephemeral_to, "MESSAGE_DELETE", body)
            return
        if message.channel.messages.remove(message.id) is None:
            raise unknown("message")
        self._hub.tell_channel(
            message.channel,
            "MESSAGE_DELETE",
            _place(message.channel) | {"id": str(message.id)},
            _intent(message.channel),
        )

    def delete_many(self, channel: Channel, message_ids: Iterable[int]) -> int:
        """Take messages away at once; how many there were. Ids of none are passed over, as Discord does."""
        gone = [one for one in message_ids if channel.messages.remove(one) is not None]
        if gone:
            body = _place(channel) | {"ids": [str(one) for one in gone]}
            self._hub.tell_channel(channel, "MESSAGE_DELETE_BULK", body, _intent(channel))
        return len(gone)

    def store_file(self, channel: Channel, upload: Upload, description: str | None = None) -> Attachment:
        """Keep a file and give it an address."""
        identity = self._world.new_id()
        name = re.sub(r"[^\w.\-]", "_", upload.filename) or "file"
        path = f"attachments/{channel.id}/{identity}/{name}"
        kind = upload.content_type or mimetypes.guess_type(name)[0]
        attachment = Attachment(identity, name, upload.content, kind, f"{self.cdn}/{path}", description)
        self._world.files[path] = attachment
        return attachment

    def _keep(self, message: Message) -> None:
        channel = message.channel
        channel.messages.add(message)
        channel.last_message_id = message.id
        channel.spoke_at[message.author.id] = message.created_at
        if channel.thread is not None:
            channel.thread.message_count += 1
            channel.thread.members.setdefault(message.author.id, message.created_at)

    def _attach(self, message: Message, listed: Any, files: Sequence[Upload]) -> list[Attachment]:
        """A message's attachments: those it has that are listed (all where no list is given), and the new files."""
        entries: dict[str, Mapping[str, Any]] = {
            str(one.get("id")): one for one in listed or [] if isinstance(one, dict)
        }
        attachments = [one for one in message.attachments if listed is None or str(one.id) in entries]
        for index, upload in enumerate(files):
            entry = entries.get(str(index if upload.number is None else upload.number), {})
            named = Upload(entry.get("filename") or upload.filename, upload.content, upload.content_type)
            attachments.append(self.store_file(message.channel, named, entry.get("description")))
        return attachments

    def _refer(self, message: Message, reference: Json) -> None:
        """Make the message an answer to another, or a forward of it; Unknown Message where that one is gone."""
        kind = int(reference.get("type") or 0)
        place = self._world.channel(int(reference.get("channel_id") or message.channel.id))
        if kind != FORWARD and place is not message.channel:
            raise invalid_form(
                "message_reference",
                "Cannot reply to a message in another channel",
                "REPLIES_CANNOT_REFERENCE_OTHER_CHANNEL",
            )
        referred = place.messages.get(int(reference["message_id"]))
        if referred is None or not may_see(place, message.author, self._world.now()):
            if kind == FORWARD or reference.get("fail_if_not_exists", True):
                raise invalid_form("message_reference", "Unknown message", "REPLIES_UNKNOWN_MESSAGE")
            return
        message.reference = {"type": kind, "channel_id": str(place.id), "message_id": str(referred.id)}
        if place.guild is not None:
            message.reference["guild_id"] = str(place.guild.id)
        if kind == FORWARD:
            message.snapshots = [serialise.snapshot(referred)]
            message.flags |= 1 << 14
        else:
            message.type, message.referenced = REPLY, referred

    def _mention(self, message: Message, allowed: Json | None) -> None:
        """Work out whom the text pings, as far as the client allows it and the author may."""
        parse = {"users", "roles", "everyone"} if allowed is None else set(allowed.get("parse") or ())
        named = {int(one) for key in ("users", "roles") for one in (allowed or {}).get(key) or ()}
        users = [int(one) for one in _USER_MENTION.findall(message.content)]
        message.mentions = [
            self._world.users[one]
            for one in dict.fromkeys(users)
            if one in self._world.users and ("users" in parse or one in named)
        ]
        if message.referenced is not None and (allowed is None or allowed.get("replied_user")):
            message.mentions = list(dict.fromkeys([*message.mentions, message.referenced.author]))
        guild = message.channel.guild
        if guild is None:
            return
        may_all = bool(in_channel(message.channel, message.author, self._world.now()) & MENTION_EVERYONE)
        roles = dict.fromkeys(int(one) for one in _ROLE_MENTION.findall(message.content))
        message.mention_roles = [
            one
            for one in roles
            if one in guild.roles and ("roles" in parse or one in named) and (may_all or guild.roles[one].mentionable)
        ]
        shouts = "@everyone" in message.content or "@here" in message.content
        message.mention_everyone = shouts and may_all and "everyone" in parse


def _place(channel: Channel) -> Json:
    body = {"channel_id": str(channel.id)}
    return body if channel.guild is None else body | {"guild_id": str(channel.guild.id)}


def _intent(channel: Channel) -> Intent:
    return Intent.GUILD_MESSAGES if channel.guild is not None else Intent.DIRECT_MESSAGES
