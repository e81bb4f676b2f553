"""Acting as a member: a small client of the REST API and the gateway, as a user's Discord app is one."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from bot.sandbox.answer import Answer, MemberError, Modal, Value, find_button, option_path
from bot.sandbox.connection import File, UserConnection

Json = dict[str, Any]
COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
LOADING = 1 << 7
_OUTCOMES = frozenset(
    {
        "INTERACTION_SUCCESS",
        "INTERACTION_FAILURE",
        "INTERACTION_MODAL_CREATE",
        "APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE",
    }
)


class MemberClient(UserConnection):
    """One member, logged in. Methods raise `MemberError` where the server refuses, TimeoutError where it is silent."""

    def __init__(self, api_base: str, gateway_url: str, token: str) -> None:
        """Act as the user whose token it is; `api_base` is as `http://127.0.0.1:9000/api/v10`."""
        super().__init__(api_base, gateway_url, token)
        self._nonces = itertools.count(1)
        self._guild_of: dict[str, str | None] = {}

    # Messages

    async def send(
        self,
        channel_id: int | str,
        content: str = "",
        *,
        reply_to: int | str | None = None,
        files: Sequence[File] = (),
        poll: Json | None = None,
    ) -> Json:
        """Post a message and return it."""
        body: Json = {"content": content}
        if reply_to is not None:
            body["message_reference"] = {"message_id": str(reply_to)}
        if poll is not None:
            body["poll"] = poll
        if files:
            body["attachments"] = _listed(files)
        sent: Json = await self.request("POST", f"/channels/{channel_id}/messages", body, files)
        return sent

    async def edit(self, channel_id: int | str, message_id: int | str, content: str) -> Json:
        """Change the text of an own message and return the message."""
        edited: Json = await self.request(
            "PATCH", f"/channels/{channel_id}/messages/{message_id}", {"content": content}
        )
        return edited

    async def delete(self, channel_id: int | str, message_id: int | str) -> None:
        """Delete a message."""
        await self.request("DELETE", f"/channels/{channel_id}/messages/{message_id}")

    async def messages(self, channel_id: int | str, limit: int = 50) -> list[Json]:
        """The channel's newest messages, newest first."""
        found: list[Json] = await self.request("GET", f"/channels/{channel_id}/messages?limit={limit}")
        return found

    async def message(self, channel_id: int | str, message_id: int | str) -> Json | None:
        """A message, or None if there is none (any more)."""
        try:
            found: Json = await self.request("GET", f"/channels/{channel_id}/messages/{message_id}")
        except MemberError as error:
            if error.code == 10008:
                return None
            raise
        return found

    async def dm_channel(self, user_id: int | str) -> Json:
        """The direct-message channel with a user, made on first use."""
        channel: Json = await self.request("POST", "/users/@me/channels", {"recipient_id": str(user_id)})
        return channel

    # Commands and components

    async def slash(self, guild_id: int | str | None, channel_id: int | str, path: str, **options: Any) -> Answer:
        """Use a slash command as `watch add`, with options by name.

        Users, roles and channels are given by id, files as (name, bytes). `guild_id` is None in direct messages.
        """
        command, data, files = await self._slash_data(guild_id, channel_id, path, options)
        return await self._interact(COMMAND, command["application_id"], guild_id, channel_id, data, files=files)

    async def autocomplete(
        self, guild_id: int | str | None, channel_id: int | str, path: str, focused: str, **options: Any
    ) -> list[Json]:
        """The suggestions (`name`, `value`) for the option `focused`, with what is typed so far among the options."""
        options.setdefault(focused, "")
        command, data, _ = await self._slash_data(guild_id, channel_id, path, options, focused)
        nonce, _ = await self._post(AUTOCOMPLETE, command["application_id"], guild_id, channel_id, data)
        event, outcome = await self._outcome(nonce, 10)
        if event != "APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE":
            raise MemberError(0, 0, "The application did not respond")
        choices: list[Json] = outcome["choices"]
        return choices

    async def menu(
        self,
        guild_id: int | str,
        channel_id: int | str,
        name: str,
        *,
        message_id: int | str | None = None,
        user_id: int | str | None = None,
    ) -> Answer:
        """Use a command of the context menu of a message or of a user."""
        kind, target = (3, message_id) if message_id is not None else (2, user_id)
        command = await self._command(guild_id, channel_id, kind, name)
        data = {**_head(command), "target_id": str(target)}
        return await self._interact(COMMAND, command["application_id"], guild_id, channel_id, data)

    async def press(self, message: Json, label_or_custom_id: str) -> Answer:
        """Press a button of a message."""
        button = find_button(message, label_or_custom_id)
        return await self._use_component(message, {"component_type": 2, "custom_id": button["custom_id"]})

    async def select(self, message: Json, custom_id: str, values: list[str], *, component_type: int = 3) -> Answer:
        """Pick values in a select of a message."""
        return await self._use_component(
            message, {"component_type": component_type, "custom_id": custom_id, "values": values}
        )

    async def submit(self, modal: Modal, values: Mapping[str, Value]) -> Answer:
        """Send a modal off, with values by `custom_id` or label; what is not named keeps its preset value."""
        components, files = modal.filled(values)
        data = {"id": modal.id, "custom_id": modal.custom_id, "components": components}
        if files:
            data["attachments"] = _listed(files)
        return await self._interact(
            MODAL_SUBMIT, modal.application_id, modal.guild_id, modal.channel_id, data, shown=modal.message, files=files
        )

    # Within

    async def _use_component(self, message: Json, data: Json) -> Answer:
        channel_id = message["channel_id"]
        guild_id = message.get("guild_id") or await self._guild(channel_id)
        application_id = message.get("application_id") or message["author"]["id"]
        return await self._interact(COMPONENT, application_id, guild_id, channel_id, data, shown=message)

    async def _interact(
        self,
        kind: int,
        application_id: str,
        guild_id: int | str | None,
        channel_id: int | str,
        data: Json,
        *,
        shown: Json | None = None,
        files: Sequence[File] = (),
    ) -> Answer:
        """Post an interaction and gather its answer; `shown` is the message whose component was used."""
        since = len(self.events)
        nonce, interaction_id = await self._post(kind, application_id, guild_id, channel_id, data, shown, files)
        event, outcome = await self._outcome(nonce, 10)
        if event == "INTERACTION_FAILURE":
            return Answer(interaction_id, failure="The application did not respond")
        if event == "INTERACTION_MODAL_CREATE":
            return Answer(interaction_id, modal=Modal.of(outcome, application_id, guild_id, channel_id, shown))

        def belongs(name: str, message: Json) -> bool:
            if name == "MESSAGE_UPDATE" and shown is not None and message["id"] == shown["id"]:
                return True
            metadata = message.get("interaction_metadata") or {}
            return name == "MESSAGE_CREATE" and metadata.get("id") == interaction_id

        try:
            message = await self.wait_until(belongs, 10, since)
        except TimeoutError:
            return Answer(interaction_id, message=shown)
        if message.get("flags", 0) & LOADING:
            identity = message["id"]
            message = await self.wait_until(
                lambda name, data: name == "MESSAGE_UPDATE" and data["id"] == identity and not data["flags"] & LOADING,
                60,
                since,
            )
        return Answer(interaction_id, message=message)

    async def _post(
        self,
        kind: int,
        application_id: str,
        guild_id: int | str | None,
        channel_id: int | str,
        data: Json,
        shown: Json | None = None,
        files: Sequence[File] = (),
    ) -> tuple[str, str]:
        """Post an interaction; its nonce and its id."""
        nonce = f"{self.user['id']}{next(self._nonces)}"[-25:]
        body: Json = {
            "type": kind,
            "application_id": str(application_id),
            "channel_id": str(channel_id),
            "session_id": self.session_id,
            "nonce": nonce,
            "data": data,
        }
        if guild_id is not None:
            body["guild_id"] = str(guild_id)
        if shown is not None and kind == COMPONENT:
            body["message_id"] = shown["id"]
        await self.request("POST", "/interactions", body, files)
        created = await self.wait_until(
            lambda name, event: name == "INTERACTION_CREATE" and event.get("nonce") == nonce, 10
        )
        return nonce, created["id"]

    async def _outcome(self, nonce: str, seconds: float) -> tuple[str, Json]:
        found: list[str] = []

        def decides(name: str, data: Json) -> bool:
            if name in _OUTCOMES and data.get("nonce") == nonce:
                found.append(name)
                return True
            return False

        data = await self.wait_until(decides, seconds)
        return found[0], data

    async def _slash_data(
        self, guild_id: int | str | None, channel_id: int | str, path: str, options: Json, focused: str | None = None
    ) -> tuple[Json, Json, list[File]]:
        name, *inner = path.split()
        command = await self._command(guild_id, channel_id, 1, name)
        filled, files = option_path(command, inner, options, focused)
        return command, {**_head(command), "options": filled, "attachments": _listed(files)}, files

    async def _command(self, guild_id: int | str | None, channel_id: int | str, kind: int, name: str) -> Json:
        place = f"/channels/{channel_id}" if guild_id is None else f"/guilds/{guild_id}"
        index = await self.request("GET", f"{place}/application-command-index")
        for command in index["application_commands"]:
            if command["type"] == kind and command["name"] == name:
                found: Json = command
                return found
        raise MemberError(404, 10063, f"No command is called {name}")

    async def _guild(self, channel_id: str) -> str | None:
        if channel_id not in self._guild_of:
            channel = await self.request("GET", f"/channels/{channel_id}")
            self._guild_of[channel_id] = channel.get("guild_id")
        return self._guild_of[channel_id]


def _listed(files: Sequence[File]) -> list[Json]:
    """The files of a request as its body names them."""
    return [{"id": str(index), "filename": name} for index, (name, _) in enumerate(files)]


def _head(command: Json) -> Json:
    """What names a command in an interaction."""
    head = {key: command[key] for key in ("id", "version", "name", "type")}
    return head | ({"guild_id": command["guild_id"]} if "guild_id" in command else {})
