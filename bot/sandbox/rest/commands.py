"""Registering application commands."""

from __future__ import annotations

from typing import Any

from bot.sandbox.commands import Commands, Place
from bot.sandbox.errors import missing_access, unknown
from bot.sandbox.rest.call import Call, Reply, Route, own_application
from bot.sandbox.world import World

Json = dict[str, Any]
_EVERYWHERE = "/applications/{application_id}/commands"
_IN_GUILD = "/applications/{application_id}/guilds/{guild_id}/commands"


class CommandsApi:
    """The routes for commands, for everywhere and for one guild."""

    def __init__(self, world: World, commands: Commands) -> None:
        """Over one world."""
        self._world = world
        self._commands = commands

    def routes(self) -> list[Route]:
        """The routes."""
        found = []
        for place in (_EVERYWHERE, _IN_GUILD):
            found += [
                Route("GET", place, self.all),
                Route("PUT", place, self.replace),
                Route("POST", place, self.create),
                Route("GET", f"{place}/{{command_id}}", self.get),
                Route("PATCH", f"{place}/{{command_id}}", self.edit),
                Route("DELETE", f"{place}/{{command_id}}", self.delete),
            ]
        return [
            *found,
            Route("GET", f"{_IN_GUILD}/permissions", self.all_permissions),
            Route("GET", f"{_IN_GUILD}/{{command_id}}/permissions", self.permissions),
        ]

    async def all(self, call: Call) -> Reply:
        """The commands of a place."""
        return Reply(200, self._commands.listed(self._place(call)))

    async def replace(self, call: Call) -> Reply:
        """Register these and no others."""
        return Reply(200, self._commands.replace(self._place(call), call.body))

    async def create(self, call: Call) -> Reply:
        """Register one."""
        command, new = self._commands.create(self._place(call), call.json)
        return Reply(201 if new else 200, command)

    async def get(self, call: Call) -> Reply:
        """One command."""
        return Reply(200, self._commands.get(self._place(call), call.id("command_id")))

    async def edit(self, call: Call) -> Reply:
        """Change one."""
        return Reply(200, self._commands.edit(self._place(call), call.id("command_id"), call.json))

    async def delete(self, call: Call) -> Reply:
        """Take one away."""
        self._commands.delete(self._place(call), call.id("command_id"))
        return Reply()

    async def all_permissions(self, call: Call) -> Reply:
        """Who may use which commands in a guild, for those for which that was set."""
        application_id, guild_id = self._place(call)
        commands = [*self._commands.listed((application_id, guild_id)), *self._commands.listed((application_id, None))]
        found = [self._permissions(call, int(one["id"])) for one in commands]
        return Reply(200, [one for one in found if one is not None])

    async def permissions(self, call: Call) -> Reply:
        """Who may use one command in a guild; 10066 where that was not set."""
        self._place(call)
        found = self._permissions(call, call.id("command_id"))
        if found is None:
            raise unknown("application command permissions")
        return Reply(200, found)

    def _permissions(self, call: Call, command_id: int) -> Json | None:
        guild_id = call.id("guild_id")
        entries = self._commands.permitted(guild_id, command_id)
        if entries is None:
            return None
        place = {"application_id": call.parameters["application_id"], "guild_id": str(guild_id)}
        return {"id": str(command_id), **place, "permissions": entries}

    def _place(self, call: Call) -> Place:
        application = own_application(call, self._world.applications)
        if "guild_id" not in call.parameters:
            return application.id, None
        guild = self._world.guild(call.id("guild_id"))
        if application.bot.id not in guild.members:
            raise missing_access()
        return application.id, guild.id
