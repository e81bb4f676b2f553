"""`lawspeaker guild`: a server's settings from the shell, in the records that the slash commands write."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from bot.cli.common import (
    AsJson,
    CliError,
    ensure_database,
    existing_store,
    print_json,
    read_policy,
    say,
    settings_for_command,
)
from bot.cli.ids import GuildId, snowflake
from bot.discord_io.text import terminal
from bot.domain.access import AccessChange, Group, read_access
from bot.domain.audit import THE_SHELL
from bot.domain.calibration_words import ended_line, shift_line
from bot.domain.decision import Mode
from bot.domain.guild import GuildSettings
from bot.domain.ladder import show_ladder
from bot.domain.lawbook import changed_laws
from bot.domain.lint import lint
from bot.domain.policy import Policy
from bot.domain.policy_text import parse_policy
from bot.domain.records import PolicyVersion
from bot.domain.setting_fields import FIELDS, read_change
from bot.domain.setting_kinds import Change
from bot.domain.setting_values import SettingError
from bot.pipeline.calibrating import shifts_ended, shifts_to_publish
from bot.settings import Settings
from bot.store import Store

app = typer.Typer(help="Set up a server from the shell, or look at its settings.", no_args_is_help=True)


def _change(text: str) -> Change:
    """Read `NAME=VALUE`; CliError."""
    try:
        return read_change(text)
    except SettingError as error:
        raise CliError(str(error)) from None


def _access(text: str) -> AccessChange:
    """Read `ROLE_ID.GROUP=given|refused|default`; CliError."""
    try:
        return read_access(text)
    except SettingError as error:
        raise CliError(str(error)) from None


class _ManyAfterOne(TyperCommand):
    """Lets one of some options take several values: `--watch 1 2` is `--watch 1 --watch 2`."""

    many = frozenset({"--watch", "--exempt-role", "--set", "--access"})

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Repeat the option before each further id, but leave the first word alone: it is the server's id."""
        spread: list[str] = []
        option = ""
        for word in args:
            if word.startswith("-"):
                option = word if word in self.many and spread else ""
            elif option and spread[-1] != option:
                spread.append(option)
            spread.append(word)
        return super().parse_args(ctx, spread)


@app.command("set", cls=_ManyAfterOne)
def set_guild(
    guild_id: GuildId,
    policy: Annotated[Path | None, typer.Option("--policy", metavar="FILE", help="Publish this policy.")] = None,
    watch: Annotated[
        list[int] | None,
        typer.Option("--watch", metavar="CHANNEL_ID...", parser=snowflake, help="Watch these channels too."),
    ] = None,
    exempt_role: Annotated[
        list[int] | None,
        typer.Option("--exempt-role", metavar="ROLE_ID...", parser=snowflake, help="Exempt these roles too."),
    ] = None,
    log: Annotated[
        int | None, typer.Option("--log", metavar="CHANNEL_ID", parser=snowflake, help="Where cases are posted.")
    ] = None,
    mode: Annotated[
        Mode | None, typer.Option("--mode", help="Do nothing, look only, or act.", show_default=False)
    ] = None,
    others: Annotated[
        list[Change] | None,
        typer.Option("--set", metavar="NAME=VALUE...", parser=_change, help=f"Any of {', '.join(FIELDS)}."),
    ] = None,
    access: Annotated[
        list[AccessChange] | None,
        typer.Option(
            "--access",
            metavar="ROLE_ID.GROUP=given|refused|default...",
            parser=_access,
            help=f"Let roles use groups of commands, or not: {', '.join(Group)}.",
        ),
    ] = None,
) -> None:
    """Change a server's settings; what is not named stays. A running bot takes them up with the next message."""
    read = read_policy(policy) if policy is not None else None
    for finding in lint(read) if read is not None else ():
        say(f"{policy}: {finding.severity.value}: {terminal(finding.message)}")
    given = _Given(read, watch or [], exempt_role or [], log, mode, others or [], access or [])
    facts = asyncio.run(_set(settings_for_command(), guild_id, given))
    _print_in_words(facts)


@app.command()
def show(guild_id: GuildId, as_json: AsJson = False) -> None:
    """Show a server's settings. The exit status is 1 where it has none yet, and the defaults are shown."""
    facts = asyncio.run(_show(settings_for_command(), guild_id))
    if as_json:
        print_json(facts)
    else:
        _print_in_words(facts)
    if not facts["known"]:
        say(f"The server {guild_id} has no settings yet: these are the defaults.")
        raise typer.Exit(1)


@dataclass(frozen=True, slots=True)
class _Given:
    """All that `set` is given, read and checked."""

    policy: Policy | None
    watch: Sequence[int]
    exempt_roles: Sequence[int]
    log: int | None
    mode: Mode | None
    others: Sequence[Change]
    access: Sequence[AccessChange]


async def _set(settings: Settings, guild_id: int, given: _Given) -> dict[str, Any]:
    """Write what is given, in an order in which nothing is judged by a policy or mode about to be replaced."""
    await ensure_database(settings)
    async with existing_store(settings) as store:
        if given.policy is not None:
            await _require_fit(store, guild_id, given.policy)
        if given.exempt_roles:
            await store.guilds.exempt(guild_id, "role", *given.exempt_roles)
        if given.log is not None:
            await store.guilds.update(guild_id, log_channel_id=given.log)
        if given.policy is not None:
            await _publish(store, guild_id, given.policy)
        for change in given.others:
            await store.guilds.change(guild_id, change)
        for said in given.access:
            await store.guilds.set_access(guild_id, said)
        if given.mode is not None:
            await store.guilds.update(guild_id, mode=given.mode)
        for channel_id in given.watch:
            kept = (await store.guilds.get(guild_id)).watched.get(channel_id)
            await store.guilds.watch(guild_id, channel_id, kept)
        return await _facts(store, guild_id)


async def _require_fit(store: Store, guild_id: int, policy: Policy) -> None:
    """PolicyError where the policy of a channel or category that extends the server's would no longer fit to it."""
    book = await store.policies.lawbook(guild_id)
    new = PolicyVersion(guild_id, 0, policy.source, policy.digest, THE_SHELL, "", datetime.now(UTC), None)
    changed_laws(book, book.with_live(new), {})


async def _publish(store: Store, guild_id: int, policy: Policy) -> None:
    """Make the policy the law, unless it is already; a draft that moderators are writing stays theirs."""
    live = await store.policies.live(guild_id)
    if live is not None and live.digest == policy.digest:
        return
    theirs = await store.policies.draft(guild_id)
    draft = await store.policies.save_draft(guild_id, policy.source, THE_SHELL)
    shifts = await shifts_to_publish(store, draft)
    why = "published from the shell"
    version = await store.policies.publish(guild_id, draft.digest, THE_SHELL, why, shifts=shifts)
    lines = [shift_line(one, terminal(one.rule)) for one in shifts]
    if live is not None:
        gone = await shifts_ended(store, live, version)
        lines += [ended_line(terminal(key), live.number) for key in gone]
    for line in lines:
        typer.echo(line, err=True)
    if theirs is not None and theirs.digest != policy.digest:
        await store.policies.save_draft(guild_id, theirs.source, theirs.author_id)


async def _show(settings: Settings, guild_id: int) -> dict[str, Any]:
    async with existing_store(settings) as store:
        return await _facts(store, guild_id)


async def _facts(store: Store, guild_id: int) -> dict[str, Any]:
    known = guild_id in await store.guilds.known()
    waiting = (await store.journal.backlog()).get(guild_id, 0)
    settings, book = await store.guilds.get(guild_id), await store.policies.lawbook(guild_id)
    return {
        **_settings_json(settings),
        "policy": _policy_json(book.live),
        "place_policies": [
            {
                "place_id": str(place.place_id),
                "kind": place.kind.value,
                "how": place.how.value,
                "policy": _policy_json(place.live),
            }
            for place in book.places.values()
        ],
        "waiting": waiting,
        "known": known,
    }


def _settings_json(settings: GuildSettings) -> dict[str, Any]:
    """A server's settings by their names in GuildSettings; ids are strings, as in Discord's own JSON."""
    table = settings.thresholds
    return {
        "guild_id": str(settings.guild_id),
        "mode": settings.mode.value,
        "watched": [
            {"channel_id": str(channel_id), "mode": mode.value if mode else None}
            for channel_id, mode in sorted(settings.watched.items())
        ],
        "warning_template": settings.warning_template,
        "help_lines": settings.help_lines,
        "language": settings.language,
        "log_channel_id": _id(settings.log_channel_id),
        "review_channel_id": _id(settings.review_channel_id),
        "exempt_role_ids": _ids(settings.exempt_role_ids),
        "exempt_user_ids": _ids(settings.exempt_user_ids),
        "exempt_channel_ids": _ids(settings.exempt_channel_ids),
        "exempt_category_ids": _ids(settings.exempt_category_ids),
        "moderator_role_ids": _ids(settings.moderator_role_ids),
        "escalation_role_id": _id(settings.escalation_role_id),
        "judge_moderators": settings.judge_moderators,
        "judge_bots": settings.judge_bots,
        "thresholds": {
            "act_at": table.default.act_at,
            "review_at": table.default.review_at,
            "rules": {key: {"act_at": one.act_at, "review_at": one.review_at} for key, one in table.by_rule.items()},
        },
        "ladder": {
            "default": show_ladder(settings.ladder.default),
            "rules": {key: show_ladder(one) for key, one in settings.ladder.by_rule.items()},
        },
        "keep_case_days": settings.keep_case_days,
        "keep_allowed_days": settings.keep_allowed_days,
        "brake_actions": settings.brake_actions,
        "brake_seconds": settings.brake_seconds,
        "backfill_minutes": settings.backfill_minutes,
        "access": [
            {"role_id": str(one.role_id), "group": one.group.value, "given": one.is_given}
            for one in sorted(settings.access)
        ],
    }


def _policy_json(live: PolicyVersion | None) -> dict[str, Any] | None:
    if live is None:
        return None
    policy = parse_policy(live.source)
    return {
        "version": live.number,
        "digest": live.digest,
        "title": policy.title,
        "rules": len(policy.rules),
        "author_id": str(live.author_id),
        "published_at": live.published_at.isoformat() if live.published_at else None,
    }


def _id(value: int | None) -> str | None:
    return None if value is None else str(value)


def _ids(values: frozenset[int]) -> list[str]:
    return [str(value) for value in sorted(values)]


def _print_in_words(facts: dict[str, Any]) -> None:
    live, thresholds = facts["policy"], facts["thresholds"]
    watched = [one["channel_id"] + (f" ({one['mode']})" if one["mode"] else "") for one in facts["watched"]]
    rows = {
        "server": facts["guild_id"],
        "mode": facts["mode"],
        "policy": f"version {live['version']}, {_rules(live['rules'])}: {terminal(live['title'])}" if live else "none",
        "of their own": ", ".join(_place_in_words(one) for one in facts["place_policies"]) or "none",
        "watched channels": ", ".join(watched) or "none",
        "mod log": facts["log_channel_id"] or "none",
        "reviews": facts["review_channel_id"] or "in the mod log",
        "exempt roles": ", ".join(facts["exempt_role_ids"]) or "none",
        "exempt users": ", ".join(facts["exempt_user_ids"]) or "none",
        "exempt channels": ", ".join(facts["exempt_channel_ids"]) or "none",
        "exempt categories": ", ".join(facts["exempt_category_ids"]) or "none",
        "acts from": thresholds["act_at"],
        "reviews from": thresholds["review_at"],
        "ladder": facts["ladder"]["default"],
        "rules' ladders": " | ".join(f"{terminal(key)}: {one}" for key, one in facts["ladder"]["rules"].items())
        or "none",
        "keeps": f"cases {facts['keep_case_days']} days, allowed messages {facts['keep_allowed_days']} days",
        "brake": f"{facts['brake_actions']} actions in {facts['brake_seconds']} s",
        "back-fill": f"{facts['backfill_minutes']} minutes back" if facts["backfill_minutes"] else "none",
        "access": ", ".join(map(_access_words, facts["access"])) or "by default",
        "waiting": f"{facts['waiting']} messages",
    }
    for name, value in rows.items():
        print(f"{name:<18}{value}")
    if live is None or not watched:
        lacking = "--policy FILE" if live is None else "--watch CHANNEL_ID"
        say(f"Nothing is judged yet: give {lacking} to `lawspeaker guild set {facts['guild_id']}`.")


def _access_words(one: dict[str, Any]) -> str:
    return f"{one['role_id']} {'has' if one['given'] else 'has not'} {one['group']}"


def _place_in_words(place: dict[str, Any]) -> str:
    version = f"version {place['policy']['version']}" if place["policy"] else "nothing published"
    return f"{place['kind']} {place['place_id']} ({place['how']}, {version})"


def _rules(count: int) -> str:
    return "1 rule" if count == 1 else f"{count} rules"
