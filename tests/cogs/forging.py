"""Interactions delivered to the bot past all that Discord itself checks: by anybody, with any data, as often as wanted.

Discord refuses most of what is tried with these; the bot must refuse it too.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from bot.sandbox import serialise
from bot.sandbox.answer import Answer, Modal, option_path
from bot.sandbox.interactions import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL_SUBMIT
from bot.sandbox.model import Application, Channel, Message, User
from bot.sandbox.options import Resolver, check_options
from bot.sandbox.posting import Upload
from tests.stage import SECONDS, Scene

Json = dict[str, Any]
BUTTON, SELECT = 2, 3
SUGGESTIONS = 8
"""The type of an answer with choices for an option."""
_LATER = frozenset({5, 6})
"""Types of first answers after which another comes."""


@dataclass(slots=True)
class Intruder:
    """Somebody whose app sends whatever it likes, from wherever it says it is."""

    scene: Scene
    user: User
    channel: Channel = field(init=False)

    def __post_init__(self) -> None:
        """In the watched channel, unless sent elsewhere."""
        self.channel = self.scene.general

    async def slash(self, path: str, **options: Any) -> Answer:
        """Use a slash command with options by name."""
        name, *inner = path.split()
        command = self._command(1, name)
        given, files = option_path(command, inner, options)
        posting, guild = self.scene.server.posting, self.scene.guild
        stored = [posting.store_file(self.channel, Upload(named, content)) for named, content in files]
        resolver = Resolver(self.scene.server.world, guild, stored)
        shown = check_options(command, given, resolver, self.scene.owner, typing=False)
        return await self._sent(COMMAND, {**_head(command), "options": shown, **resolver.shown()})

    async def suggested(self, path: str, option: str) -> list[Json]:
        """What is suggested for an option in which nothing is typed yet."""
        name, *inner = path.split()
        command = self._command(1, name)
        given, _ = option_path(command, inner, {option: ""}, option)
        resolver = Resolver(self.scene.server.world, self.scene.guild)
        shown = check_options(command, given, resolver, self.user, typing=True)
        answer = await self._sent(AUTOCOMPLETE, {**_head(command), "options": shown})
        choices: list[Json] = answer.shown["choices"]
        return choices

    async def menu(self, name: str, message: Message) -> Answer:
        """Use a command of a message's menu."""
        command = self._command(3, name)
        resolver = Resolver(self.scene.server.world, self.scene.guild)
        resolver.message(message)
        data = {**_head(command), "target_id": str(message.id), **resolver.shown()}
        return await self._sent(COMMAND, data, channel=message.channel)

    async def press(self, custom_id: str, values: list[str] | None = None, under: Message | None = None) -> Answer:
        """Use a button, or a select where `values` are given, with any id, under a message of the bot's."""
        kind = BUTTON if values is None else SELECT
        component: Json = {"type": kind, "custom_id": custom_id}
        if values is None:
            component |= {"style": 1, "label": "Press"}
        else:
            component["options"] = [{"label": one, "value": one} for one in values]
        message = under or self._own_message(component)
        data = {"component_type": kind, "custom_id": custom_id, **({"values": values} if values is not None else {})}
        return await self._sent(COMPONENT, data, message, message.channel)

    async def submit(self, custom_id: str, **values: str) -> Answer:
        """Send a modal off that was never opened for them."""
        inputs = [
            {"type": 18, "component": {"type": 4, "custom_id": name, "value": value}} for name, value in values.items()
        ]
        data = {"custom_id": custom_id, "components": inputs}
        return await self._sent(MODAL_SUBMIT, data, self._own_message({"type": 2, "style": 1, "custom_id": "x"}))

    def everything(self, answer: Answer) -> str:
        """All that came with an answer: what can be read, what is behind it, and the files."""
        shown = answer.message or {}
        files = self.scene.server.world.files
        held = [
            file.content.decode(errors="replace")
            for one in shown.get("attachments", ())
            for path, file in files.items()
            if str(one["url"]).endswith(path)
        ]
        opened = [answer.modal.title, answer.modal.components] if answer.modal else []
        return "\n".join([json.dumps([shown, opened], ensure_ascii=False), *held])

    # Within

    def _command(self, kind: int, name: str) -> Json:
        found: list[Json] = self.scene.server.commands.usable(self.scene.general)
        return next(one for one in found if (one["type"], one["name"]) == (kind, name))

    def _own_message(self, component: Json) -> Message:
        """A message of the bot's that only this member sees, with a component under it."""
        server = self.scene.server
        body = {"content": "shown", "components": [{"type": 1, "components": [component]}]}
        message: Message = server.posting.post(self.scene.bot, self.channel, body, (), ephemeral_to=self.user)
        server.interactions.keep_ephemeral(message)
        return message

    def _before(self, kind: int, application: Application, message: Message) -> Json:
        """What an interaction says of the message, and of the one before it, from which it came."""
        pressed: Json = {"interacted_message_id": str(message.id)}
        if kind != MODAL_SUBMIT:
            return pressed
        opener = self.scene.server.interactions.new(COMPONENT, application, self.user, message.channel, {}, None)
        return {"triggering_interaction_metadata": {**opener.metadata, **pressed}}

    async def _sent(
        self, kind: int, data: Json, message: Message | None = None, channel: Channel | None = None
    ) -> Answer:
        """Deliver it, and wait for the bot's answer; a failure where there is none within Discord's time."""
        server, since = self.scene.server, len(self.scene.stage.exchanges)
        application = self.scene.stage.trial.application
        opened = server.interactions.new(kind, application, self.user, channel or self.channel, data, None)
        opened.message = message
        if message is not None:
            opened.metadata |= self._before(kind, application, message)
        server.interactions.open(opened)
        async with asyncio.timeout(SECONDS):
            while True:
                if opened.modal is not None:
                    body = {"id": str(opened.id), **opened.modal}
                    modal = Modal.of(body, str(application.id), self.scene.guild.id, opened.channel.id, None)
                    return Answer(str(opened.id), modal=modal)
                for one in self.scene.stage.exchanges[since:]:
                    if opened.token not in one.path or one.status >= HTTPStatus.BAD_REQUEST:
                        continue
                    if not one.path.endswith("/callback"):
                        return Answer(str(opened.id), message=one.response_body)
                    if one.request_body["type"] == SUGGESTIONS:
                        return Answer(str(opened.id), message=one.request_body["data"])
                    if one.request_body["type"] not in _LATER and opened.original is not None:
                        return Answer(str(opened.id), message=serialise.message(opened.original))
                if opened.clock is None and not opened.answered:
                    return Answer(str(opened.id), failure="The application did not respond")
                await asyncio.sleep(0.005)


def _head(command: Json) -> Json:
    return {key: command[key] for key in ("id", "name", "type")}
