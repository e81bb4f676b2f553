"""Members come, are changed, and go; the audit log keeps who did it. Everyone who sees them is told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bot.sandbox import serialise
from bot.sandbox.errors import missing_permissions, unknown
from bot.sandbox.hub import Hub, Intent
from bot.sandbox.model import AuditEntry, Guild, Member, Role, User
from bot.sandbox.permissions import ADMINISTRATOR, in_guild, outranks
from bot.sandbox.posting import Posting
from bot.sandbox.world import World

Json = dict[str, Any]
KICK, BAN, UNBAN, MEMBER_UPDATE, MEMBER_ROLE_UPDATE = 20, 22, 23, 24, 25
CHANNEL_CREATE, CHANNEL_UPDATE, CHANNEL_DELETE = 10, 11, 12
OVERWRITE_CREATE, OVERWRITE_UPDATE, OVERWRITE_DELETE = 13, 14, 15
ROLE_CREATE, ROLE_UPDATE, ROLE_DELETE = 30, 31, 32
MESSAGE_DELETE, MESSAGE_BULK_DELETE = 72, 73
THREAD_CREATE, THREAD_UPDATE, THREAD_DELETE = 110, 111, 112


class Moderation:
    """Changes to who is in a guild and what they may do."""

    def __init__(self, world: World, hub: Hub, posting: Posting) -> None:
        """Over one world."""
        self._world = world
        self._hub = hub
        self._posting = posting

    def record(
        self,
        guild: Guild,
        actor: User,
        action: int,
        target_id: int | None,
        reason: str | None = None,
        *,
        changes: list[Json] | None = None,
        options: dict[str, str] | None = None,
    ) -> None:
        """Write a line of the audit log and tell those who may read it."""
        entry = AuditEntry(self._world.new_id(), action, actor.id, target_id, reason, changes or [], options or {})
        guild.audit_log.append(entry)
        body = serialise.audit_entry(entry) | {"guild_id": str(guild.id)}
        self._hub.tell_guild(guild, "GUILD_AUDIT_LOG_ENTRY_CREATE", body, Intent.MODERATION)

    def require_above(self, guild: Guild, actor: Member, target: Member) -> None:
        """Missing Permissions (50013) unless the actor's highest role is above the target's."""
        if not outranks(guild, actor, target):
            raise missing_permissions()

    def create_role(self, guild: Guild, name: str, permissions: int = 0) -> Role:
        """A new role above all others."""
        role = self._world.add_role(guild, name, permissions)
        self.tell_role(guild, role, "CREATE")
        return role

    def tell_role(self, guild: Guild, role: Role, event: str) -> None:
        """Tell of a role: `CREATE` or `UPDATE`."""
        body = {"guild_id": str(guild.id), "role": serialise.role(role)}
        self._hub.tell_guild(guild, f"GUILD_ROLE_{event}", body)

    def delete_role(self, guild: Guild, role: Role) -> None:
        """Take a role away from the guild, its members and the overwrites of its channels."""
        del guild.roles[role.id]
        for member in guild.members.values():
            member.roles.discard(role.id)
        for channel in guild.channels.values():
            channel.overwrites.pop(role.id, None)
        self._hub.tell_guild(guild, "GUILD_ROLE_DELETE", {"guild_id": str(guild.id), "role_id": str(role.id)})

    def join(self, guild: Guild, user: User, *roles: Role) -> Member:
        """A user becomes a member; a bot is told of its new guild."""
        member = self._world.join(guild, user, roles)
        body = serialise.member(member) | {"guild_id": str(guild.id)}
        self._hub.tell_guild(guild, "GUILD_MEMBER_ADD", body, Intent.MEMBERS)
        return member

    def time_out(self, guild: Guild, actor: User, member: Member, until: datetime | None, reason: str | None) -> None:
        """Silence a member until a time, or let them speak again. Administrators cannot be (50013)."""
        if until is not None and in_guild(guild, member, self._world.now()) & ADMINISTRATOR:
            raise missing_permissions()
        change: Json = {"key": "communication_disabled_until"}
        for side, moment in (("old_value", member.timed_out_until), ("new_value", until)):
            if moment is not None:
                change[side] = serialise.stamp(moment)
        member.timed_out_until = until
        self.record(guild, actor, MEMBER_UPDATE, member.user.id, reason, changes=[change])
        self.tell_changed(guild, member)

    def set_roles(self, guild: Guild, actor: User, member: Member, roles: set[int], reason: str | None) -> None:
        """Give a member exactly these roles."""
        added, removed = roles - member.roles, member.roles - roles
        member.roles = roles
        changes = [
            {"key": key, "new_value": [{"id": str(one), "name": guild.roles[one].name} for one in sorted(ids)]}
            for key, ids in (("$add", added), ("$remove", removed))
            if ids
        ]
        if changes:
            self.record(guild, actor, MEMBER_ROLE_UPDATE, member.user.id, reason, changes=changes)
            self.tell_changed(guild, member)

    def rename(self, guild: Guild, actor: User, member: Member, nick: str | None, reason: str | None) -> None:
        """Give a member another nickname, or none."""
        if nick == member.nick:
            return
        change: Json = {"key": "nick"}
        change |= {key: value for key, value in (("old_value", member.nick), ("new_value", nick)) if value is not None}
        member.nick = nick
        self.record(guild, actor, MEMBER_UPDATE, member.user.id, reason, changes=[change])
        self.tell_changed(guild, member)

    def tell_changed(self, guild: Guild, member: Member) -> None:
        """Tell of a changed member: those with the members intent, and the member themselves."""
        body = serialise.member(member) | {"guild_id": str(guild.id)}
        for session in list(self._hub.sessions.values()):
            if session.user.id in guild.members and (session.wants(Intent.MEMBERS) or session.user is member.user):
                session.tell("GUILD_MEMBER_UPDATE", body)

    def kick(self, guild: Guild, actor: User, member: Member, reason: str | None) -> None:
        """Remove a member."""
        self.record(guild, actor, KICK, member.user.id, reason)
        self._remove(guild, member.user)

    def leave(self, guild: Guild, user: User) -> None:
        """A member goes of their own accord."""
        self._remove(guild, user)

    def ban(self, guild: Guild, actor: User, user: User, delete_seconds: int, reason: str | None) -> None:
        """Ban a user, member or not, and take away what they wrote in the last seconds."""
        guild.bans[user.id] = reason
        self.record(guild, actor, BAN, user.id, reason)
        self._hub.tell_guild(guild, "GUILD_BAN_ADD", _banned(guild, user), Intent.MODERATION)
        if user.id in guild.members:
            self._remove(guild, user)
        since = self._world.now() - timedelta(seconds=delete_seconds)
        for channel in list(guild.channels.values()) if delete_seconds else []:
            recent = [one.id for one in channel.messages if one.author is user and one.created_at >= since]
            self._posting.delete_many(channel, recent)

    def unban(self, guild: Guild, actor: User, user: User, reason: str | None) -> None:
        """Lift a ban; Unknown Ban where there is none."""
        if user.id not in guild.bans:
            raise unknown("ban")
        del guild.bans[user.id]
        self.record(guild, actor, UNBAN, user.id, reason)
        self._hub.tell_guild(guild, "GUILD_BAN_REMOVE", _banned(guild, user), Intent.MODERATION)

    def _remove(self, guild: Guild, user: User) -> None:
        body = {"guild_id": str(guild.id), "user": serialise.user(user)}
        self._hub.tell_guild(guild, "GUILD_MEMBER_REMOVE", body, Intent.MEMBERS)
        self._hub.tell_user(user, "GUILD_DELETE", {"id": str(guild.id)}, Intent.GUILDS)
        del guild.members[user.id]
        for thread in guild.threads():
            if thread.thread is not None:
                thread.thread.members.pop(user.id, None)
        for role in [one for one in guild.roles.values() if user.bot and one.managed_by == user.id]:
            self.delete_role(guild, role)


def _banned(guild: Guild, user: User) -> Json:
    return {"guild_id": str(guild.id), "user": serialise.user(user)}
