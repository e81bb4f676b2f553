"""Roles of a guild: reading, making, changing, ranking and deleting them."""

from __future__ import annotations

from typing import Any

from bot.sandbox import serialise
from bot.sandbox.checks.channel import check_role
from bot.sandbox.checks.form import Form
from bot.sandbox.errors import ApiError, invalid_form, missing_permissions, unknown
from bot.sandbox.model import Guild, Member, Role
from bot.sandbox.moderation import ROLE_CREATE, ROLE_DELETE, ROLE_UPDATE, Moderation
from bot.sandbox.permissions import ALL, MANAGE_ROLES, above_role, in_guild, require_in_guild
from bot.sandbox.rest.call import Call, Reply, Route
from bot.sandbox.world import World

Json = dict[str, Any]
_ALL = "/guilds/{guild_id}/roles"
_ONE = f"{_ALL}/{{role_id}}"


class RolesApi:
    """The routes for roles. Nobody gives a permission that they lack, or touches a role that is not below theirs."""

    def __init__(self, world: World, moderation: Moderation) -> None:
        """Over one world."""
        self._world = world
        self._moderation = moderation

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            Route("GET", _ALL, self.all),
            Route("POST", _ALL, self.create),
            Route("PATCH", _ALL, self.move),
            Route("GET", _ONE, self.get),
            Route("PATCH", _ONE, self.change),
            Route("DELETE", _ONE, self.delete),
        ]

    async def all(self, call: Call) -> Reply:
        """A guild's roles."""
        guild, _ = self._guild(call, 0)
        return Reply(200, [serialise.role(one) for one in guild.roles.values()])

    async def get(self, call: Call) -> Reply:
        """One role."""
        guild, _ = self._guild(call, 0)
        return Reply(200, serialise.role(_role(guild, call.id("role_id"))))

    async def create(self, call: Call) -> Reply:
        """Make a role, which is the lowest but for @everyone; all others move up."""
        guild, actor = self._guild(call, MANAGE_ROLES)
        check_role(call.json)
        role = self._world.add_role(guild, "new role", guild.everyone.permissions)
        role.position = 1
        try:
            self._set(guild, actor, role, call.json)
        except ApiError:
            del guild.roles[role.id]
            raise
        for other in guild.roles.values():
            if other is not role and other is not guild.everyone:
                other.position += 1
        self._moderation.record(guild, call.user, ROLE_CREATE, role.id, call.reason)
        self._moderation.tell_role(guild, role, "CREATE")
        return Reply(200, serialise.role(role))

    async def change(self, call: Call) -> Reply:
        """Change a role."""
        guild, actor = self._guild(call, MANAGE_ROLES)
        role = self._below(guild, actor, call.id("role_id"))
        check_role(call.json)
        self._set(guild, actor, role, call.json)
        self._moderation.record(guild, call.user, ROLE_UPDATE, role.id, call.reason)
        self._moderation.tell_role(guild, role, "UPDATE")
        return Reply(200, serialise.role(role))

    async def move(self, call: Call) -> Reply:
        """Give roles other positions, from and to below the caller's own highest role."""
        guild, actor = self._guild(call, MANAGE_ROLES)
        form = Form()
        wanted: dict[int, int] = {}
        for index, one in enumerate(form.items(call.body, "roles", 250)):
            if form.record(one, f"roles.{index}"):
                role_id = form.snowflake(one.get("id"), f"roles.{index}.id")
                if form.integer(one.get("position"), f"roles.{index}.position", 1, 250) and role_id is not None:
                    wanted[role_id] = one["position"]
        form.refuse()
        moved = [(self._below(guild, actor, one), position) for one, position in wanted.items()]
        highest = max((guild.roles[one].position for one in actor.roles), default=0)
        if guild.owner is not actor.user and any(position >= highest for _, position in moved):
            raise missing_permissions()
        for role, position in moved:
            role.position = position
            self._moderation.tell_role(guild, role, "UPDATE")
        return Reply(200, [serialise.role(one) for one in guild.roles.values()])

    async def delete(self, call: Call) -> Reply:
        """Delete a role; @everyone's and those of bots stay."""
        guild, actor = self._guild(call, MANAGE_ROLES)
        role = self._below(guild, actor, call.id("role_id"))
        if role is guild.everyone or role.managed_by is not None:
            raise ApiError(400, 50028, "Invalid role")
        self._moderation.delete_role(guild, role)
        self._moderation.record(guild, call.user, ROLE_DELETE, role.id, call.reason)
        return Reply()

    def _guild(self, call: Call, bits: int) -> tuple[Guild, Member]:
        guild = self._world.guild(call.id("guild_id"))
        return guild, require_in_guild(guild, call.user, bits, self._world.now())

    def _below(self, guild: Guild, actor: Member, role_id: int) -> Role:
        role = _role(guild, role_id)
        if not above_role(guild, actor, role):
            raise missing_permissions()
        return role

    def _set(self, guild: Guild, actor: Member, role: Role, body: Json) -> None:
        permissions = int(body["permissions"]) & ALL if body.get("permissions") is not None else role.permissions
        if (permissions ^ role.permissions) & ~in_guild(guild, actor, self._world.now()):
            raise missing_permissions()
        if role is guild.everyone and body.keys() - {"permissions"}:
            raise invalid_form("name", "Only the permissions of @everyone can be changed")
        role.permissions = permissions
        role.name = body.get("name") or role.name
        role.color = body["color"] if body.get("color") is not None else role.color
        role.hoist = body["hoist"] if body.get("hoist") is not None else role.hoist
        role.mentionable = body["mentionable"] if body.get("mentionable") is not None else role.mentionable


def _role(guild: Guild, role_id: int) -> Role:
    role = guild.roles.get(role_id)
    if role is None:
        raise unknown("role")
    return role
