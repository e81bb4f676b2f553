"""The sandbox's own routes for its scenes: what can be replayed, beginning and ending it."""

from __future__ import annotations

from bot.sandbox.errors import ApiError
from bot.sandbox.rest.call import Call, Reply, Route
from bot.sandbox.scenes import Scene, Scenes, shown

SCENES = "/sandbox/scenes"
REPLAY = SCENES + "/{name}/replay"


class ScenesApi:
    """Routes that only the page uses; a user sees the scenes of their own guilds."""

    def __init__(self, scenes: Scenes) -> None:
        """Over the scenes of one server."""
        self._scenes = scenes

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            Route("GET", SCENES, self.all),
            Route("POST", REPLAY, self.replay),
            Route("DELETE", REPLAY, self.stop),
        ]

    async def all(self, call: Call) -> Reply:
        """The scenes of the caller's guilds."""
        _require_person(call)
        return Reply(200, [shown(one) for one in self._scenes.of(call.user)])

    async def replay(self, call: Call) -> Reply:
        """Begin; what follows is told at the gateway."""
        scene = self._scene(call)
        self._scenes.replay(scene)
        return Reply(202, shown(scene))

    async def stop(self, call: Call) -> Reply:
        """End."""
        self._scenes.stop(self._scene(call))
        return Reply()

    def _scene(self, call: Call) -> Scene:
        _require_person(call)
        return self._scenes.named(call.parameters["name"], call.user)


def _require_person(call: Call) -> None:
    if call.user.bot:
        raise ApiError(403, 20001, "Bots cannot use this endpoint")
