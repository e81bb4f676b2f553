"""A member of a scene at their Discord app, for tests of commands, menus, buttons and modals."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

from bot.sandbox.answer import Answer
from bot.sandbox.member import MemberClient
from bot.sandbox.model import Message, User
from tests.stage import Scene


@dataclass(slots=True)
class Hand:
    """What a member does and gets back; an answer that others could see as well fails the test."""

    scene: Scene
    client: MemberClient

    async def slash(self, path: str, **options: Any) -> Answer:
        """Use a slash command in the scene's watched channel."""
        return _own(await self.client.slash(self.scene.guild.id, self.scene.general.id, path, **options))

    async def why(self, message: Message) -> Answer:
        """Open the message menu *Why?*."""
        return await self.menu("Why?", message)

    async def menu(self, name: str, message: Message) -> Answer:
        """Use a command of a message's menu."""
        guild_id, channel_id = self.scene.guild.id, message.channel.id
        return _own(await self.client.menu(guild_id, channel_id, name, message_id=message.id))

    async def editor(self) -> Answer:
        """Open the policy for editing."""
        return await self.slash("policy edit")

    async def submit(self, editor: Answer, text: str) -> Answer:
        """Send off what was typed into an editor that was opened."""
        assert editor.modal is not None
        return _own(await self.client.submit(editor.modal, {"source": text}))

    async def edit(self, text: str) -> Answer:
        """Edit the policy in the editor."""
        return await self.submit(await self.editor(), text)

    async def send(self, text: str | bytes) -> Answer:
        """Import the policy from a file."""
        return await self.slash("policy import", file=("policy.md", text.encode() if isinstance(text, str) else text))

    async def press(self, answer: Answer, label: str = "Publish") -> Answer:
        """Press a button of an answer."""
        return _own(await self.client.press(answer.shown, label))


def _own(answer: Answer) -> Answer:
    assert answer.failure is None
    assert answer.message is None or answer.ephemeral
    return answer


async def hand(scene: Scene, user: User) -> Hand:
    """A member logged in."""
    return Hand(scene, await scene.client(user))


def file_in(scene: Scene, answer: Answer, name: str) -> str:
    """The text of a file of an answer, as Discord serves it."""
    (url,) = [one["url"] for one in answer.attachments if one["filename"] == name]
    found = next(file for path, file in scene.server.world.files.items() if str(url).endswith(path))
    return bytes(found.content).decode()


@contextmanager
def opened_to_all(scene: Scene) -> Iterator[None]:
    """All commands as a server has them that showed them to everyone in its own settings."""
    commands = scene.server.commands.listed((scene.stage.trial.application.id, None))
    before = [command["default_member_permissions"] for command in commands]
    for command in commands:
        command["default_member_permissions"] = None
    try:
        yield
    finally:
        for command, permissions in zip(commands, before, strict=True):
            command["default_member_permissions"] = permissions


@asynccontextmanager
async def nothing_changes(scene: Scene) -> AsyncIterator[None]:
    """Fail where the server's settings or its policy are others afterwards."""
    before = await _all_of(scene)
    yield
    assert await _all_of(scene) == before


async def _all_of(scene: Scene) -> tuple[Any, ...]:
    policies, guild_id = scene.store.policies, scene.guild.id
    return await scene.store.guilds.get(guild_id), await policies.draft(guild_id), await policies.live(guild_id)
