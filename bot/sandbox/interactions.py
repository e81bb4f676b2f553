"""Interactions: opened by a member, answered by the application, within Discord's times."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.sandbox import serialise
from bot.sandbox.errors import ApiError, unknown
from bot.sandbox.hub import Hub
from bot.sandbox.model import Application, Channel, Guild, Message, User
from bot.sandbox.permissions import in_channel
from bot.sandbox.world import World

Json = dict[str, Any]
COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
FIRST_ANSWER_SECONDS = 3.0
TOKEN_LASTS = timedelta(minutes=15)
KEPT = 5_000


@dataclass(eq=False, slots=True)
class Interaction:
    """One interaction. `message` is the one whose component was used; `original` is the answer once there is one."""

    id: int
    token: str
    kind: int
    application: Application
    user: User
    guild: Guild | None
    channel: Channel
    nonce: str | int | None
    data: Json
    opened_at: datetime
    metadata: Json
    message: Message | None = None
    answered: bool = False
    original: Message | None = None
    modal: Json | None = None
    messages: dict[int, Message] = field(default_factory=dict)
    clock: asyncio.TimerHandle | None = None


def full_name(data: Json) -> str:
    """The name of a command that was used, with its group's and its part's, as `policy rule add`."""
    names, options = [str(data.get("name", ""))], data.get("options") or []
    while options and options[0].get("type") in (1, 2):
        names.append(str(options[0]["name"]))
        options = options[0].get("options") or []
    return " ".join(names)


class Interactions:
    """All interactions that may still be answered, and the ephemeral messages whose components still work."""

    def __init__(self, world: World, hub: Hub, first_answer_seconds: float = FIRST_ANSWER_SECONDS) -> None:
        """None yet."""
        self._world = world
        self._hub = hub
        self._first_answer_seconds = first_answer_seconds
        self._by_token: dict[str, Interaction] = {}
        self._by_id: dict[int, Interaction] = {}
        self._ephemeral: dict[int, Message] = {}

    def open(self, interaction: Interaction) -> None:
        """Hand an interaction to its application; it has three seconds for its first answer."""
        self._by_token[interaction.token] = interaction
        self._by_id[interaction.id] = interaction
        for oldest in list(self._by_id)[: max(len(self._by_id) - KEPT, 0)]:
            self._by_token.pop(self._by_id.pop(oldest).token, None)
        told = {"id": str(interaction.id), "nonce": interaction.nonce}
        self._hub.tell_user(interaction.user, "INTERACTION_CREATE", told)
        self._hub.tell_user(interaction.application.bot, "INTERACTION_CREATE", self._for_application(interaction))
        loop = asyncio.get_running_loop()
        interaction.clock = loop.call_later(self._first_answer_seconds, self._fail, interaction)

    def new(
        self, kind: int, application: Application, user: User, channel: Channel, data: Json, nonce: str | int | None
    ) -> Interaction:
        """An interaction that is not open yet."""
        identity, now = self._world.new_id(), self._world.now()
        owners = {"0": str(channel.guild.id if channel.guild is not None else 0)}
        metadata = {
            "id": str(identity),
            "type": kind,
            "user": serialise.user(user),
            "authorizing_integration_owners": owners,
        }
        token = secrets.token_urlsafe(48)
        return Interaction(identity, token, kind, application, user, channel.guild, channel, nonce, data, now, metadata)

    def to_answer(self, interaction_id: int, token: str) -> Interaction:
        """The interaction for its first answer; 10062 where it is over or unknown, 40060 where it has one."""
        interaction = self._by_id.get(interaction_id)
        if interaction is None or not secrets.compare_digest(interaction.token, token):
            raise unknown("interaction")
        if interaction.answered:
            raise ApiError(400, 40060, "Interaction has already been acknowledged.")
        if interaction.clock is None:
            raise unknown("interaction")
        return interaction

    def by_token(self, application_id: int, token: str) -> Interaction:
        """The interaction whose webhook this is, for 15 minutes; then 50027."""
        interaction = self._by_token.get(token)
        if interaction is None or interaction.application.id != application_id:
            raise unknown("webhook")
        if self._world.now() - interaction.opened_at > TOKEN_LASTS:
            raise ApiError(401, 50027, "Invalid Webhook Token")
        if not interaction.answered:
            raise unknown("webhook")
        return interaction

    def succeed(self, interaction: Interaction) -> None:
        """The first answer has come."""
        interaction.answered = True
        if interaction.clock is not None:
            interaction.clock.cancel()
        told = {"id": str(interaction.id), "nonce": interaction.nonce}
        self._hub.tell_user(interaction.user, "INTERACTION_SUCCESS", told)

    def keep_ephemeral(self, message: Message) -> None:
        """Remember a message that is in no channel, so that its components work."""
        self._ephemeral[message.id] = message
        for oldest in list(self._ephemeral)[: max(len(self._ephemeral) - KEPT, 0)]:
            del self._ephemeral[oldest]

    def ephemeral(self, message_id: int, viewer: User) -> Message | None:
        """An ephemeral message of this viewer's."""
        message = self._ephemeral.get(message_id)
        return message if message is not None and message.ephemeral_to is viewer else None

    def drop_ephemeral(self, message: Message) -> None:
        """Forget an ephemeral message that was deleted; any other is passed over."""
        self._ephemeral.pop(message.id, None)

    def modal_of(self, interaction_id: int, viewer: User) -> Interaction:
        """The interaction that opened a modal for this user; 10062 where there is none."""
        interaction = self._by_id.get(interaction_id)
        if interaction is None or interaction.user is not viewer or interaction.modal is None:
            raise unknown("interaction")
        return interaction

    def close(self) -> None:
        """Wait for no answers any more."""
        for interaction in self._by_id.values():
            if interaction.clock is not None:
                interaction.clock.cancel()

    def _fail(self, interaction: Interaction) -> None:
        interaction.clock = None
        told = {"id": str(interaction.id), "nonce": interaction.nonce, "reason_code": 2}
        self._hub.tell_user(interaction.user, "INTERACTION_FAILURE", told)

    def _for_application(self, interaction: Interaction) -> Json:
        """The event as the application gets it (Discord's documentation, "Interaction Object")."""
        channel, now = interaction.channel, self._world.now()
        bits = in_channel(channel, interaction.user, now)
        body: Json = {
            "id": str(interaction.id),
            "application_id": str(interaction.application.id),
            "type": interaction.kind,
            "data": interaction.data,
            "token": interaction.token,
            "version": 1,
            "channel_id": str(channel.id),
            "channel": serialise.channel(channel) | {"permissions": str(bits)},
            "app_permissions": str(in_channel(channel, interaction.application.bot, now)),
            "locale": "en-US",
            "entitlements": [],
            "authorizing_integration_owners": interaction.metadata["authorizing_integration_owners"],
            "context": 0 if interaction.guild is not None else 1,
            "attachment_size_limit": 10 * 1024 * 1024,
        }
        if interaction.guild is not None:
            member = interaction.guild.members[interaction.user.id]
            body["guild_id"] = str(interaction.guild.id)
            body["guild"] = {"id": str(interaction.guild.id), "locale": interaction.guild.locale, "features": []}
            body["guild_locale"] = interaction.guild.locale
            body["member"] = serialise.member(member) | {"permissions": str(bits)}
        else:
            body["user"] = serialise.user(interaction.user)
        if interaction.message is not None:
            body["message"] = serialise.message(interaction.message)
        return body
