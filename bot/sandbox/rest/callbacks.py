"""How an application answers an interaction: its first answer, and what follows through the interaction's token."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Any

from bot.sandbox import serialise
from bot.sandbox.checks import check_modal
from bot.sandbox.checks.commands import check_choice
from bot.sandbox.checks.form import Form
from bot.sandbox.errors import ApiError, invalid_form, unknown
from bot.sandbox.hub import Hub
from bot.sandbox.interactions import AUTOCOMPLETE, COMMAND, MODAL_SUBMIT, Interaction, Interactions, full_name
from bot.sandbox.model import Message
from bot.sandbox.posting import EPHEMERAL, MENU_ANSWER, SLASH_ANSWER, Posting, check_edit, checked
from bot.sandbox.rest.call import Call, Reply, Route
from bot.sandbox.world import World

Json = dict[str, Any]
LOADING = 1 << 7
_HOOK = "/webhooks/{webhook_id}/{webhook_token}"


class Kind(IntEnum):
    """Types of first answers."""

    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    SUGGESTIONS = 8
    MODAL = 9


class CallbacksApi:
    """The routes that an interaction's token opens."""

    def __init__(self, world: World, hub: Hub, interactions: Interactions, posting: Posting) -> None:
        """Over one world."""
        self._world = world
        self._hub = hub
        self._interactions = interactions
        self._posting = posting

    def routes(self) -> list[Route]:
        """The routes."""
        callback = "/interactions/{interaction_id}/{interaction_token}/callback"
        return [
            Route("POST", callback, self.answer, open=True),
            Route("POST", _HOOK, self.follow_up, open=True),
            *(
                Route(method, f"{_HOOK}/messages/{name}", handler, open=True)
                for name in ("@original", "{message_id}")
                for method, handler in (("GET", self.get), ("PATCH", self.edit), ("DELETE", self.delete))
            ),
        ]

    async def answer(self, call: Call) -> Reply:
        """The first answer."""
        token = call.parameters["interaction_token"]
        interaction = self._interactions.to_answer(call.id("interaction_id"), token)
        kind, data = call.json.get("type"), call.json.get("data") or {}
        form = Form()
        form.record(data, "data")
        form.refuse()
        self._require_place(interaction)
        match kind:
            case Kind.MESSAGE:
                with _below_data():
                    data = checked(data, call.files)
                self._say(interaction, data, call)
            case Kind.DEFERRED_MESSAGE:
                form.integer(data.get("flags"), "data.flags", 0, 2**53)
                form.refuse()
                self._say(interaction, {"flags": (data.get("flags") or 0) & EPHEMERAL}, call, loading=True)
            case Kind.DEFERRED_UPDATE | Kind.UPDATE:
                self._update(interaction, kind, data, call)
            case Kind.SUGGESTIONS:
                self._suggest(interaction, data)
            case Kind.MODAL:
                self._open_modal(interaction, data)
            case _:
                raise invalid_form("type", "Value must be one of {4, 5, 6, 7, 8, 9}.", "BASE_TYPE_CHOICES")
        if call.query.get("with_response") not in ("1", "true"):
            return Reply()
        return Reply(200, _callback(interaction, kind))

    async def follow_up(self, call: Call) -> Reply:
        """A further message; the first one after a deferred answer becomes that answer, as on Discord."""
        interaction = self._of(call)
        body = checked(call.json, call.files)
        original = interaction.original
        if original is not None and original.flags & LOADING and self._exists(original):
            self._settle(original, body, call)
            return Reply(200, serialise.message(original))
        return Reply(200, serialise.message(self._post(interaction, body, call)))

    async def get(self, call: Call) -> Reply:
        """A message of the interaction."""
        return Reply(200, serialise.message(self._message(self._of(call), call)))

    async def edit(self, call: Call) -> Reply:
        """Change a message of the interaction; a deferred answer is settled by it."""
        message = self._message(self._of(call), call)
        check_edit(message, call.json, call.files)
        if message.flags & LOADING:
            self._settle(message, call.json, call)
        else:
            self._posting.edit(message, call.json, call.files)
        return Reply(200, serialise.message(message))

    async def delete(self, call: Call) -> Reply:
        """Delete a message of the interaction."""
        interaction = self._of(call)
        message = self._message(interaction, call)
        self._posting.delete(message)
        self._interactions.drop_ephemeral(message)
        interaction.messages.pop(message.id, None)
        return Reply()

    # Within

    def _of(self, call: Call) -> Interaction:
        interaction = self._interactions.by_token(call.id("webhook_id"), call.parameters["webhook_token"])
        self._require_place(interaction)
        return interaction

    def _require_place(self, interaction: Interaction) -> None:
        """Unknown Channel once the channel of the interaction is gone."""
        self._world.channel(interaction.channel.id)

    def _exists(self, message: Message) -> bool:
        if message.ephemeral_to is not None:
            return self._interactions.ephemeral(message.id, message.ephemeral_to) is not None
        return message.channel.messages.get(message.id) is not None

    def _message(self, interaction: Interaction, call: Call) -> Message:
        if "message_id" not in call.parameters:
            message = interaction.original or interaction.message
        else:
            message = interaction.messages.get(call.id("message_id"))
        if message is None or not self._exists(message):
            raise unknown("message")
        return message

    def _say(self, interaction: Interaction, data: Json, call: Call, *, loading: bool = False) -> None:
        if interaction.kind == AUTOCOMPLETE:
            raise invalid_form("type", "Interaction type cannot be answered with a message")
        self._interactions.succeed(interaction)
        interaction.original = self._post(interaction, data, call, loading=loading)

    def _post(self, interaction: Interaction, data: Json, call: Call, *, loading: bool = False) -> Message:
        bot = interaction.application.bot
        fields: Json = {
            "webhook_id": interaction.application.id,
            "application_id": interaction.application.id,
            "interaction_metadata": interaction.metadata,
        }
        if interaction.kind == COMMAND:
            fields["type"] = SLASH_ANSWER if interaction.data.get("type") == 1 else MENU_ANSWER
            fields["interaction"] = {
                **{key: interaction.metadata[key] for key in ("id", "type", "user")},
                "name": full_name(interaction.data),
            }
        flags = data.get("flags") or 0
        if flags & EPHEMERAL:
            fields["ephemeral_to"] = interaction.user
        if loading:
            fields["flags"] = flags | LOADING
        message = self._posting.post(bot, interaction.channel, data, call.files, **fields)
        interaction.messages[message.id] = message
        if message.ephemeral_to is not None:
            self._interactions.keep_ephemeral(message)
        return message

    def _settle(self, message: Message, body: Json, call: Call) -> None:
        """A deferred answer becomes what it was deferred for."""
        message.flags &= ~LOADING
        self._posting.edit(message, body, call.files, silently=True)

    def _update(self, interaction: Interaction, kind: int, data: Json, call: Call) -> None:
        if interaction.message is None:
            raise invalid_form("type", "Only components and modals opened by them can update a message")
        if kind == Kind.UPDATE:
            if not self._exists(interaction.message):
                raise unknown("message")
            with _below_data():
                check_edit(interaction.message, data, call.files)
        self._interactions.succeed(interaction)
        interaction.original = interaction.message
        interaction.messages[interaction.message.id] = interaction.message
        if kind == Kind.UPDATE:
            self._posting.edit(interaction.message, data, call.files)

    def _suggest(self, interaction: Interaction, data: Json) -> None:
        if interaction.kind != AUTOCOMPLETE:
            raise invalid_form("type", "Only an autocomplete interaction can be answered with choices")
        form = Form()
        choices = form.items(data.get("choices"), "data.choices", 25)
        kind = next((one["type"] for one in _leaves(interaction.data) if one.get("focused")), 3)
        for index, choice in enumerate(choices):
            check_choice(form, f"data.choices.{index}", choice, kind)
        form.refuse()
        told = {"choices": choices, "nonce": interaction.nonce}
        self._hub.tell_user(interaction.user, "APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE", told)
        self._interactions.succeed(interaction)

    def _open_modal(self, interaction: Interaction, data: Json) -> None:
        if interaction.kind in (AUTOCOMPLETE, MODAL_SUBMIT):
            raise ApiError(400, 50035, "A modal cannot be answered with a modal")
        check_modal(data)
        # The modal is told before the success, as choices are, so that a client that waits for either gets the modal.
        interaction.modal = data
        told = {
            "id": str(interaction.id),
            "nonce": interaction.nonce,
            "custom_id": data["custom_id"],
            "title": data["title"],
            "components": data["components"],
            "channel_id": str(interaction.channel.id),
            "application": {"id": str(interaction.application.id), "name": interaction.application.name},
        }
        self._hub.tell_user(interaction.user, "INTERACTION_MODAL_CREATE", told)
        self._interactions.succeed(interaction)


@contextmanager
def _below_data() -> Iterator[None]:
    """What is wrong with the `data` of an answer is told below that name."""
    try:
        yield
    except ApiError as error:
        if error.errors is not None:
            error.errors = {"data": error.errors}
        raise


def _callback(interaction: Interaction, kind: int) -> Json:
    """The response to a first answer. Only answers with a message have a resource."""
    body: Json = {"id": str(interaction.id), "type": interaction.kind}
    message = interaction.original
    if message is None:
        return {"interaction": body}
    body["response_message_id"] = str(message.id)
    body["response_message_loading"] = bool(message.flags & LOADING)
    body["response_message_ephemeral"] = message.ephemeral_to is not None
    if kind not in (Kind.MESSAGE, Kind.UPDATE):
        return {"interaction": body}
    return {"interaction": body, "resource": {"type": kind, "message": serialise.message(message)}}


def _leaves(data: Json) -> list[Json]:
    found: list[Json] = []
    for option in data.get("options") or []:
        found += _leaves(option) if "options" in option else [option]
    return found
