"""Members: reading, changing, kicking, banning; and the audit log."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.sandbox import serialise
from bot.sandbox.checks.embeds import check_time
from bot.sandbox.checks.form import Form
from bot.sandbox.errors import ApiError, missing_access, missing_permissions, unknown
from bot.sandbox.model import Guild, Member
from bot.sandbox.moderation import Moderation
from bot.sandbox.permissions import (
    BAN_MEMBERS,
    CHANGE_NICKNAME,
    KICK_MEMBERS,
    MANAGE_NICKNAMES,
    MANAGE_ROLES,
    MEMBERS_INTENT,
    MODERATE_MEMBERS,
    VIEW_AUDIT_LOG,
    above_role,
    require_in_guild,
)
from bot.sandbox.rest.call import Call, Reply, Route
from bot.sandbox.world import World

Json = dict[str, Any]
LONGEST_TIMEOUT = timedelta(days=28)
_UNTIL = "communication_disabled_until"
_MEMBER = "/guilds/{guild_id}/members/{user_id}"
_BAN = "/guilds/{guild_id}/bans/{user_id}"


class MembersApi:
    """The routes for a guild's members."""

    def __init__(self, world: World, moderation: Moderation) -> None:
        """Over one world."""
        self._world = world
        self._moderation = moderation

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            Route("GET", _MEMBER, self.get),
            Route("PATCH", _MEMBER, self.change),
            Route("DELETE", _MEMBER, self.kick),
            Route("PUT", f"{_MEMBER}/roles/{{role_id}}", self.add_role),
            Route("DELETE", f"{_MEMBER}/roles/{{role_id}}", self.remove_role),
            Route("GET", "/guilds/{guild_id}/members", self.page),
            Route("GET", "/guilds/{guild_id}/bans", self.bans),
            Route("GET", _BAN, self.get_ban),
            Route("PUT", _BAN, self.ban),
            Route("DELETE", _BAN, self.unban),
            Route("GET", "/guilds/{guild_id}/audit-logs", self.audit_log),
        ]

    async def get(self, call: Call) -> Reply:
        """One member."""
        guild = self._guild(call, 0)
        return Reply(200, serialise.member(self._world.member(guild, call.id("user_id"))))

    async def page(self, call: Call) -> Reply:
        """Members in the order of their ids, for a bot whose application has the intent for them."""
        guild = self._guild(call, 0)
        application = self._world.applications.get(call.user.id)
        if application is None or not application.intents & MEMBERS_INTENT:
            raise missing_access()
        limit, after = call.number("limit", 1, 1000, 1), call.snowflake("after") or 0
        found = [guild.members[one] for one in sorted(guild.members) if one > after]
        return Reply(200, [serialise.member(one) for one in found[:limit]])

    async def change(self, call: Call) -> Reply:
        """Time out, rename, or give other roles."""
        guild, body = self._guild(call, 0), call.json
        actor = guild.members[call.user.id]
        member = self._world.member(guild, call.id("user_id"))
        form = Form()
        form.text(body.get("nick"), "nick", 32)
        given = form.items(body.get("roles"), "roles", 250)
        named = [form.snowflake(one, f"roles.{index}") for index, one in enumerate(given)]
        until = check_time(form, _UNTIL, body.get(_UNTIL))
        if until is not None and until - self._world.now() > LONGEST_TIMEOUT:
            reason = "Timeout can't be longer than 28 days from now"
            form.wrong(_UNTIL, "MEMBER_COMMUNICATION_DISABLED_TOO_LONG", reason)
        form.refuse()
        roles = {one for one in named if one is not None}
        # All is asked before anything is changed: a refused request has no effect.
        if "nick" in body:
            self._require_may_rename(guild, actor, member)
        if "roles" in body:
            require_in_guild(guild, call.user, MANAGE_ROLES, self._world.now())
            self._require_may_give(guild, actor, roles ^ member.roles)
        if _UNTIL in body:
            require_in_guild(guild, call.user, MODERATE_MEMBERS, self._world.now())
            self._moderation.require_above(guild, actor, member)
            until = until if until is not None and until > self._world.now() else None
            self._moderation.time_out(guild, call.user, member, until, call.reason)
        if "roles" in body:
            self._moderation.set_roles(guild, call.user, member, roles, call.reason)
        if "nick" in body:
            self._moderation.rename(guild, call.user, member, body["nick"] or None, call.reason)
        return Reply(200, serialise.member(member))

    async def add_role(self, call: Call) -> Reply:
        """Give a role."""
        return self._one_role(call, given=True)

    async def remove_role(self, call: Call) -> Reply:
        """Take a role."""
        return self._one_role(call, given=False)

    async def kick(self, call: Call) -> Reply:
        """Remove a member of lower rank."""
        guild = self._guild(call, KICK_MEMBERS)
        member = self._world.member(guild, call.id("user_id"))
        self._moderation.require_above(guild, guild.members[call.user.id], member)
        self._moderation.kick(guild, call.user, member, call.reason)
        return Reply()

    async def bans(self, call: Call) -> Reply:
        """Everyone banned."""
        guild = self._guild(call, BAN_MEMBERS)
        limit = call.number("limit", 1, 1000, 1000)
        after, before = call.snowflake("after") or 0, call.snowflake("before")
        found = [one for one in sorted(guild.bans) if one > after and (before is None or one < before)]
        # Before an id the nearest ones count, so they are cut at the other end.
        found = found[:limit] if before is None else found[-limit:]
        return Reply(200, [self._ban(guild, one) for one in found])

    async def get_ban(self, call: Call) -> Reply:
        """One ban."""
        guild = self._guild(call, BAN_MEMBERS)
        user_id = call.id("user_id")
        if user_id not in guild.bans:
            raise unknown("ban")
        return Reply(200, self._ban(guild, user_id))

    async def ban(self, call: Call) -> Reply:
        """Ban a user; a member only if of lower rank. Once banned, again changes nothing."""
        guild = self._guild(call, BAN_MEMBERS)
        user = self._world.user(call.id("user_id"))
        if user.id in guild.members:
            self._moderation.require_above(guild, guild.members[call.user.id], guild.members[user.id])
        form = Form()
        form.integer(call.json.get("delete_message_seconds"), "delete_message_seconds", 0, 604_800)
        form.refuse()
        seconds = call.number("delete_message_seconds", 0, 604_800, call.json.get("delete_message_seconds") or 0)
        if user.id not in guild.bans:
            self._moderation.ban(guild, call.user, user, seconds, call.reason)
        return Reply()

    async def unban(self, call: Call) -> Reply:
        """Lift a ban."""
        guild = self._guild(call, BAN_MEMBERS)
        self._moderation.unban(guild, call.user, self._world.user(call.id("user_id")), call.reason)
        return Reply()

    async def audit_log(self, call: Call) -> Reply:
        """Who did what, newest first."""
        guild = self._guild(call, VIEW_AUDIT_LOG)
        limit = call.number("limit", 1, 100, 50)
        before, after = call.snowflake("before"), call.snowflake("after")
        user_id, kind = call.snowflake("user_id"), call.snowflake("action_type")
        found = [
            one
            # From an id on the oldest come first, else the newest.
            for one in (reversed(guild.audit_log) if after is None else guild.audit_log)
            if (before is None or one.id < before)
            and (after is None or one.id > after)
            and (user_id is None or one.user_id == user_id)
            and (kind is None or one.action == kind)
        ][:limit]
        people = sorted({one.user_id for one in found} | {one.target_id or 0 for one in found})
        return Reply(
            200,
            {
                "audit_log_entries": [serialise.audit_entry(one) for one in found],
                "users": [serialise.user(self._world.users[one]) for one in people if one in self._world.users],
                "integrations": [],
                "webhooks": [],
                "guild_scheduled_events": [],
                "threads": [],
                "application_commands": [],
                "auto_moderation_rules": [],
            },
        )

    def _guild(self, call: Call, bits: int) -> Guild:
        guild = self._world.guild(call.id("guild_id"))
        require_in_guild(guild, call.user, bits, self._world.now())
        return guild

    def _ban(self, guild: Guild, user_id: int) -> Json:
        return {"user": serialise.user(self._world.users[user_id]), "reason": guild.bans[user_id]}

    def _one_role(self, call: Call, *, given: bool) -> Reply:
        guild = self._guild(call, MANAGE_ROLES)
        member = self._world.member(guild, call.id("user_id"))
        role = {call.id("role_id")}
        self._require_may_give(guild, guild.members[call.user.id], role)
        wanted = member.roles | role if given else member.roles - role
        self._moderation.set_roles(guild, call.user, member, wanted, call.reason)
        return Reply()

    def _require_may_rename(self, guild: Guild, actor: Member, member: Member) -> None:
        bit = CHANGE_NICKNAME if actor is member else MANAGE_NICKNAMES
        require_in_guild(guild, actor.user, bit, self._world.now())
        if actor is not member:
            self._moderation.require_above(guild, actor, member)

    def _require_may_give(self, guild: Guild, actor: Member, role_ids: set[int]) -> None:
        """Roles are given and taken below the actor's own highest; @everyone's and those of bots are not."""
        for role_id in role_ids:
            role = guild.roles.get(role_id)
            if role is None:
                raise unknown("role")
            if role is guild.everyone:
                raise ApiError(400, 50028, "Invalid role")
            if role.managed_by is not None or not above_role(guild, actor, role):
                raise missing_permissions()
