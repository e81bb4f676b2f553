"""Scenes: chats that can be replayed in a guild, one at a time, a line every moment, as its members would write them.

They are no part of Discord. Who runs the sandbox gives them as plain data; people in the guild see how far one is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import structlog

from bot.sandbox.errors import ApiError
from bot.sandbox.hub import Hub, Json
from bot.sandbox.model import Channel, ChannelKind, Guild, User
from bot.sandbox.moderation import Moderation
from bot.sandbox.places import Places
from bot.sandbox.posting import Posting
from bot.sandbox.world import World

log = structlog.get_logger(__name__)

MOST_LINES = 200
LINE_SECONDS = 1.2
"""Between two lines: somebody reads along."""

State = Literal["resting", "preparing", "playing"]


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a chat, by names; the channel is made where the guild has none of the name."""

    author: str
    channel: str
    content: str


@dataclass(slots=True)
class Scene:
    """What can be replayed in a guild. `tries` are sentences that say what else one may try there.

    `prepare` is awaited before the first line, and `preparing` is what is shown meanwhile.
    """

    name: str
    guild: Guild
    about: str
    lines: Sequence[Line]
    tries: Sequence[str] = ()
    prepare: Callable[[], Awaitable[None]] | None = None
    preparing: str = ""
    state: State = field(default="resting", init=False)
    posted: int = field(default=0, init=False)
    channel: Channel | None = field(default=None, init=False)
    """Where the newest line was posted."""

    def __post_init__(self) -> None:
        if len(self.lines) > MOST_LINES:
            raise ValueError(f"a scene has at most {MOST_LINES} lines")


class Scenes:
    """All scenes, and the one that plays. Each change is told to the people in its guild as SANDBOX_SCENE."""

    def __init__(self, world: World, hub: Hub, posting: Posting, places: Places, moderation: Moderation) -> None:
        """None yet."""
        self._world = world
        self._hub = hub
        self._posting = posting
        self._places = places
        self._moderation = moderation
        self._scenes: dict[str, Scene] = {}
        self._people: dict[tuple[int, str], User] = {}
        self._preparations: dict[str, asyncio.Task[None]] = {}
        self._playing: tuple[Scene, asyncio.Task[None]] | None = None
        self.line_seconds = LINE_SECONDS

    def add(self, scene: Scene) -> None:
        """Offer a scene, in place of one of its name."""
        self._scenes[scene.name] = scene

    def of(self, user: User) -> list[Scene]:
        """The scenes of the guilds that somebody is in."""
        return [one for one in self._scenes.values() if user.id in one.guild.members]

    def of_guild(self, guild_id: int) -> Scene | None:
        """The scene of a guild, if it has one."""
        return next((one for one in self._scenes.values() if one.guild.id == guild_id), None)

    def named(self, name: str, user: User) -> Scene:
        """A scene by its name; ApiError 404 where there is none, or the user is not in its guild."""
        scene = self._scenes.get(name)
        if scene is None or user.id not in scene.guild.members:
            raise ApiError(404, 0, "404: Not Found")
        return scene

    def replay(self, scene: Scene) -> None:
        """Begin with a scene; ApiError 409 while one is played."""
        if self._playing is not None:
            raise ApiError(409, 0, f"A chat is being replayed in {self._playing[0].guild.name}: stop it first.")
        task = asyncio.create_task(self._play(scene), name="scene")
        self._playing = scene, task
        task.add_done_callback(lambda _: self._ended(scene))

    def stop(self, scene: Scene) -> None:
        """Post no more of a scene; nothing happens where it is not played."""
        if self._playing is not None and self._playing[0] is scene:
            self._playing[1].cancel()

    def begin_preparing(self, scene: Scene) -> asyncio.Task[None] | None:
        """Have a scene prepared, once; the task that does, or did. None where there is nothing to prepare."""
        if scene.prepare is None:
            return None
        task = self._preparations.get(scene.name)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = self._preparations[scene.name] = asyncio.create_task(self._prepare(scene, scene.prepare))
            task.add_done_callback(lambda ended: _log_failure(ended, "scene_not_prepared", scene))
        return task

    async def close(self) -> None:
        """End what is under way."""
        tasks = [*self._preparations.values(), *([self._playing[1]] if self._playing else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _play(self, scene: Scene) -> None:
        scene.posted, scene.channel = 0, None
        self._change(scene, "playing")
        preparation = self.begin_preparing(scene)
        if preparation is not None:
            self._change(scene, "playing" if preparation.done() else "preparing")
            await asyncio.shield(preparation)
        for line in scene.lines:
            self._say(scene, line)
            scene.posted += 1
            self._change(scene, "playing")
            if scene.posted < len(scene.lines):
                await asyncio.sleep(self.line_seconds)

    def _ended(self, scene: Scene) -> None:
        if self._playing is not None:
            _log_failure(self._playing[1], "scene_failed", scene)
        self._playing = None
        preparation = self._preparations.get(scene.name)
        self._change(scene, "resting" if preparation is None or preparation.done() else "preparing")

    async def _prepare(self, scene: Scene, prepare: Callable[[], Awaitable[None]]) -> None:
        if scene.state == "resting":
            self._change(scene, "preparing")
        try:
            await prepare()
        finally:
            if scene.state == "preparing":
                self._change(scene, "playing" if self._playing and self._playing[0] is scene else "resting")

    def _say(self, scene: Scene, line: Line) -> None:
        """Post a line, whatever became of its author before."""
        author = self._person(scene.guild, line.author)
        if author.id not in scene.guild.members:
            self._moderation.join(scene.guild, author)
        scene.channel = self._channel(scene.guild, line.channel)
        self._posting.post(author, scene.channel, {"content": line.content})

    def _person(self, guild: Guild, name: str) -> User:
        """The account of a name: a member's, or one that was a member, or a new one."""
        place = guild.id, name
        if place not in self._people:
            known = (one.user for one in guild.members.values() if one.user.name == name and not one.user.bot)
            self._people[place] = next(known, None) or self._world.add_user(name)
        return self._people[place]

    def _channel(self, guild: Guild, name: str) -> Channel:
        texts = (one for one in guild.channels.values() if one.kind is ChannelKind.TEXT)
        found = next((one for one in texts if one.name == name), None)
        return found or self._places.create(guild, {"name": name})

    def _change(self, scene: Scene, state: State) -> None:
        scene.state = state
        self._hub.tell_members(scene.guild, "SANDBOX_SCENE", shown(scene))


def _log_failure(task: asyncio.Task[None], event: str, scene: Scene) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.warning(event, scene=scene.name, error=type(error).__name__)


def shown(scene: Scene) -> Json:
    """A scene as clients are told of it."""
    return {
        "name": scene.name,
        "guild_id": str(scene.guild.id),
        "about": scene.about,
        "tries": list(scene.tries),
        "lines": len(scene.lines),
        "posted": scene.posted,
        "channel_id": str(scene.channel.id) if scene.channel is not None else None,
        "state": scene.state,
        "note": scene.preparing if scene.state == "preparing" else "",
    }
