"""Servers and their settings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.access import AccessChange, Group, RoleAccess
from bot.domain.audit import THE_SHELL, changes_between
from bot.domain.decision import Mode, Thresholds, ThresholdTable
from bot.domain.guild import ExemptKind, GuildSettings
from bot.domain.ladder import Ladder, LadderTable
from bot.domain.setting_kinds import Change, Kind
from bot.language import mark, tr
from bot.store import tables
from bot.store.audit import audit_row
from bot.store.engine import StoreError
from bot.store.json_columns import ladder_json, ladder_of, thresholds_json, thresholds_of
from bot.store.plain import Plain
from bot.store.sessions import Sessions, insert_new, on_connection

Value = TypeVar("Value")

_MODERATOR = "moderator"
_NOT_EVERYONE = mark("Everyone has the role @everyone: name a role that moderators alone have.")
_SCALARS = frozenset(
    "mode log_channel_id review_channel_id warning_template help_lines language escalation_role_id judge_moderators "
    "judge_bots thresholds keep_case_days keep_allowed_days brake_actions brake_seconds backfill_minutes".split()
)


class GuildRepository:
    """Reads settings afresh each time: the shell may change them while the bot runs.

    Whatever changes them takes `by`, the member who does, and puts the change on record in the same transaction.
    """

    def __init__(self, sessions: Sessions) -> None:
        """Work with the store's sessions."""
        self._sessions = sessions

    async def get(self, guild_id: int) -> GuildSettings:
        """A server's settings; the defaults where it was never seen."""
        return await self._sessions.read_at_once(lambda connection: read_settings(connection, guild_id))

    async def update(self, guild_id: int, *, by: int = THE_SHELL, **changes: Any) -> GuildSettings:
        """Change scalar settings by their names in GuildSettings; TypeError for any other name.

        StoreError for the role @everyone.
        """
        if unknown := set(changes) - _SCALARS:
            raise TypeError(f"no such setting: {', '.join(sorted(unknown))}")
        if changes.get("escalation_role_id") == guild_id:
            raise StoreError(tr(_NOT_EVERYONE))
        async with self._changing(guild_id, by) as session:
            row = await ensure_guild(session, guild_id)
            if row.mode == Mode.OFF and changes.get("mode", Mode.OFF) is not Mode.OFF:
                await _watch_anew(session, guild_id)
            for name, value in changes.items():
                setattr(row, name, thresholds_json(value) if name == "thresholds" else value)
            await session.flush()
            return await _read(session, guild_id)

    async def change(self, guild_id: int, change: Change, by: int = THE_SHELL) -> GuildSettings:
        """Change one setting and touch no other; StoreError for the role @everyone."""
        match change.field.kind:
            case Kind.ROLES:
                await self.set_moderator_roles(guild_id, change.value, by)
            case Kind.PER_RULE:
                setters: dict[str, Callable[[int, str, Any, int], Awaitable[None]]] = {
                    "thresholds": self.set_thresholds,
                    "ladder": self.set_ladder,
                }
                await setters[change.field.name](guild_id, change.rule, change.value, by)
            case _:
                await self.update(guild_id, by=by, **{change.field.name: change.value})
        return await self.get(guild_id)

    async def set_thresholds(
        self, guild_id: int, rule: str, thresholds: Thresholds | None, by: int = THE_SHELL
    ) -> None:
        """Set a rule's thresholds, or the server's where `rule` is empty; None makes them the default again."""
        async with self._changing(guild_id, by) as session:
            row = await ensure_guild(session, guild_id)
            table = thresholds_of(row.thresholds)
            if not rule:
                table = ThresholdTable(thresholds or Thresholds(), table.by_rule)
            else:
                table = ThresholdTable(table.default, _with(table.by_rule, rule, thresholds))
            row.thresholds = thresholds_json(table)

    async def set_ladder(self, guild_id: int, rule: str, ladder: Ladder | None, by: int = THE_SHELL) -> None:
        """Set a rule's own ladder, or the general one where `rule` is empty; None makes it the default again.

        An empty ladder of a rule's own is another thing: its cases bring nothing and count nowhere else.
        """
        async with self._changing(guild_id, by) as session:
            row = await ensure_guild(session, guild_id)
            table = ladder_of(row.ladder)
            if not rule:
                table = LadderTable(ladder or (), table.by_rule)
            else:
                table = LadderTable(table.default, _with(table.by_rule, rule, ladder))
            row.ladder = ladder_json(table)

    async def watch(self, guild_id: int, channel_id: int, mode: Mode | None = None, *, by: int = THE_SHELL) -> None:
        """Watch a channel, with a mode of its own if given."""
        async with self._changing(guild_id, by) as session:
            await ensure_guild(session, guild_id)
            guild = await session.get_one(tables.Guild, guild_id)
            row = await session.get(tables.WatchedChannel, (guild_id, channel_id))
            if row is None:
                row = tables.WatchedChannel(guild_id=guild_id, channel_id=channel_id, watched_at=datetime.now(UTC))
                session.add(row)
            elif (row.mode or guild.mode) == Mode.OFF and (mode or guild.mode) != Mode.OFF:
                row.watched_at = datetime.now(UTC)
            row.mode = mode

    async def unwatch(self, guild_id: int, channel_id: int, *, by: int = THE_SHELL) -> bool:
        """Watch a channel no longer; False where it was not watched."""
        channel = tables.WatchedChannel
        async with self._changing(guild_id, by) as session:
            result = await session.execute(
                delete(channel)
                .where(channel.guild_id == guild_id, channel.channel_id == channel_id)
                .returning(channel.channel_id)
            )
            return result.first() is not None

    async def exempt(self, guild_id: int, kind: ExemptKind, *target_ids: int, by: int = THE_SHELL) -> None:
        """Judge whoever has these roles, or these users, channels or categories, no longer: all of them or none.

        StoreError for the role @everyone.
        """
        if kind == "role" and guild_id in target_ids:
            raise StoreError(
                tr("Everyone has the role @everyone, so exempting it would leave nobody to judge: set the mode to off.")
            )
        async with self._changing(guild_id, by) as session:
            await _add(session, guild_id, kind, target_ids)

    async def unexempt(self, guild_id: int, kind: ExemptKind, target_id: int, *, by: int = THE_SHELL) -> bool:
        """Judge them again; False where they were not exempt."""
        exemption = tables.Exemption
        async with self._changing(guild_id, by) as session:
            result = await session.execute(
                delete(exemption)
                .where(exemption.guild_id == guild_id, exemption.kind == kind, exemption.target_id == target_id)
                .returning(exemption.target_id)
            )
            return result.first() is not None

    async def set_moderator_roles(self, guild_id: int, role_ids: Iterable[int], by: int = THE_SHELL) -> None:
        """Name the roles that moderate, in place of those named before. StoreError for the role @everyone."""
        named = frozenset(role_ids)
        if guild_id in named:
            raise StoreError(tr(_NOT_EVERYONE))
        exemption = tables.Exemption
        async with self._changing(guild_id, by) as session:
            await session.execute(delete(exemption).where(exemption.guild_id == guild_id, exemption.kind == _MODERATOR))
            await _add(session, guild_id, _MODERATOR, named)

    async def set_access(self, guild_id: int, change: AccessChange, *, by: int = THE_SHELL) -> GuildSettings:
        """Give a role a group of commands, refuse it, or let the default hold again. StoreError for @everyone."""
        if change.role_id == guild_id:
            raise StoreError(tr(_NOT_EVERYONE))
        async with self._changing(guild_id, by) as session:
            await ensure_guild(session, guild_id)
            key = (guild_id, change.role_id, change.group.value)
            if change.is_given is not None:
                row = dict(zip(("guild_id", "role_id", "command_group"), key, strict=True))
                await session.merge(tables.RoleAccess(**row, is_given=change.is_given))
            elif (kept := await session.get(tables.RoleAccess, key)) is not None:
                await session.delete(kept)
            await session.flush()
            return await _read(session, guild_id)

    async def known(self) -> tuple[int, ...]:
        """The ids of all servers with settings."""
        async with self._sessions.read() as session:
            return tuple((await session.scalars(select(tables.Guild.id).order_by(tables.Guild.id))).all())

    @asynccontextmanager
    async def _changing(self, guild_id: int, by: int) -> AsyncIterator[AsyncSession]:
        """A transaction that changes a server's settings: what is another at its end goes on record with it."""
        async with self._sessions.write() as session:
            # One at a time: what another changes meanwhile would else be put down to this member.
            await session.execute(select(tables.Guild.id).where(tables.Guild.id == guild_id).with_for_update())
            before = await _read(session, guild_id)
            yield session
            await session.flush()
            after = await _read(session, guild_id)
            session.add_all(audit_row(one) for one in changes_between(before, after, by, datetime.now(UTC)))


async def _watch_anew(session: AsyncSession, guild_id: int) -> None:
    """The server's mode is off no longer: what was said until now was not judged, and will not be."""
    channel = tables.WatchedChannel
    await session.execute(
        update(channel)
        .where(channel.guild_id == guild_id, channel.mode.is_(None))
        .values(watched_at=datetime.now(UTC)),
        execution_options={"synchronize_session": False},
    )


def _with(by_rule: Mapping[str, Value], rule: str, value: Value | None) -> dict[str, Value]:
    """What single rules have of their own, with a rule's set, or without it where it is None."""
    others = {key: one for key, one in by_rule.items() if key != rule}
    return others if value is None else {**others, rule: value}


async def _add(session: AsyncSession, guild_id: int, kind: str, target_ids: Iterable[int]) -> None:
    await ensure_guild(session, guild_id)
    for target_id in set(target_ids):
        await session.merge(tables.Exemption(guild_id=guild_id, kind=kind, target_id=target_id))


async def ensure_guild(session: AsyncSession, guild_id: int) -> tables.Guild:
    """The server's row, made with the defaults where there is none."""
    row = await session.get(tables.Guild, guild_id)
    if row is None:
        await on_connection(session, lambda connection: add_guild(connection, guild_id))
        row = await session.get_one(tables.Guild, guild_id)
    return row


def add_guild(connection: Connection, guild_id: int) -> None:
    """Make a server's row with the defaults, unless it is there."""
    defaults = GuildSettings(guild_id)
    values = {
        "id": guild_id,
        "mode": defaults.mode,
        "judge_moderators": defaults.judge_moderators,
        "judge_bots": defaults.judge_bots,
        "thresholds": thresholds_json(defaults.thresholds),
        "keep_case_days": defaults.keep_case_days,
        "keep_allowed_days": defaults.keep_allowed_days,
        "brake_actions": defaults.brake_actions,
        "brake_seconds": defaults.brake_seconds,
        "backfill_minutes": defaults.backfill_minutes,
        "last_case": 0,
    }
    connection.execute(insert_new(connection.dialect.name, tables.Guild, ["id"]).values(values))


async def _read(session: AsyncSession, guild_id: int) -> GuildSettings:
    return await session.run_sync(lambda inner: read_settings(inner.connection(), guild_id))


def read_settings(connection: Connection, guild_id: int) -> GuildSettings:
    """A server's settings as a transaction has them; the defaults where it was never seen."""
    row = _OF_GUILD.first(connection, {"guild_id": guild_id})
    if row is None:
        return GuildSettings(guild_id)
    watched = _WATCHED.rows(connection, {"guild_id": guild_id})
    exemptions = _EXEMPTIONS.rows(connection, {"guild_id": guild_id})
    access = _ACCESS.rows(connection, {"guild_id": guild_id})

    def ids(kind: str) -> frozenset[int]:
        return frozenset(exemption.target_id for exemption in exemptions if exemption.kind == kind)

    return GuildSettings(
        guild_id=guild_id,
        mode=Mode(row.mode),
        watched={channel.channel_id: Mode(channel.mode) if channel.mode else None for channel in watched},
        log_channel_id=row.log_channel_id,
        review_channel_id=row.review_channel_id,
        warning_template=row.warning_template,
        help_lines=row.help_lines,
        language=row.language,
        exempt_role_ids=ids("role"),
        exempt_user_ids=ids("user"),
        moderator_role_ids=ids(_MODERATOR),
        exempt_channel_ids=ids("channel"),
        exempt_category_ids=ids("category"),
        escalation_role_id=row.escalation_role_id,
        judge_moderators=row.judge_moderators,
        judge_bots=row.judge_bots,
        thresholds=thresholds_of(row.thresholds),
        ladder=ladder_of(row.ladder),
        keep_case_days=row.keep_case_days,
        keep_allowed_days=row.keep_allowed_days,
        brake_actions=row.brake_actions,
        brake_seconds=row.brake_seconds,
        backfill_minutes=row.backfill_minutes,
        access=frozenset(RoleAccess(one.role_id, Group(one.command_group), one.is_given) for one in access),
    )


_OF_GUILD, _WATCHED, _EXEMPTIONS, _ACCESS = (
    Plain(select(*table.__table__.columns).where(key == bindparam("guild_id")))
    for table, key in (
        (tables.Guild, tables.Guild.id),
        (tables.WatchedChannel, tables.WatchedChannel.guild_id),
        (tables.Exemption, tables.Exemption.guild_id),
        (tables.RoleAccess, tables.RoleAccess.guild_id),
    )
)
