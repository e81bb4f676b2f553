"""Who may use what: the groups of commands, and what a server gave or refused each role. Pure.

A new command, menu, button, select or modal gets a line here; what has none is refused to everybody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce

from bot.domain.setting_values import SettingError, one_of, read_id
from bot.language import mark, tr


class Group(StrEnum):
    """Commands that are given or refused together, with their buttons, selects and modals."""

    POLICY = "policy"
    CASES = "cases"
    TRIAL = "trial"
    STATS = "stats"
    SETTINGS = "settings"
    PRIVACY = "privacy"


TITLES: Mapping[Group, str] = {
    Group.POLICY: mark("the policy"),
    Group.CASES: mark("cases and reviews"),
    Group.TRIAL: mark("/why and trying the policy"),
    Group.STATS: mark("figures and health"),
    Group.SETTINGS: mark("settings, channels and modes"),
    Group.PRIVACY: mark("members' data"),
}


class Who(StrEnum):
    """Who may use something unless the server says otherwise: who moderates, who manages the server, or either."""

    MODERATORS = "moderators"
    MANAGERS = "managers"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Use:
    """What somebody is about to use: its group, and who may by default."""

    group: Group
    who: Who


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody may on a server by Discord's own settings, and whether a role the server named moderates."""

    is_administrator: bool
    manages: bool
    moderates: bool
    role_ids: frozenset[int]


@dataclass(frozen=True, slots=True, order=True)
class RoleAccess:
    """What a server said of a role and a group of commands: given, or refused."""

    role_id: int
    group: Group
    is_given: bool


_POLICY, _CASES = Use(Group.POLICY, Who.MODERATORS), Use(Group.CASES, Who.MODERATORS)
_TRIAL, _STATS = Use(Group.TRIAL, Who.MODERATORS), Use(Group.STATS, Who.MODERATORS)
_SETTINGS, _PRIVACY = Use(Group.SETTINGS, Who.MANAGERS), Use(Group.PRIVACY, Who.MANAGERS)
_LOOKED_UP = Use(Group.SETTINGS, Who.BOTH)

WRITES_POLICY = _POLICY
"""What steps of `/setup` take besides: they change the policy."""

COMMANDS: Mapping[str, Use | None] = {
    "policy": _POLICY,
    "policy test": _TRIAL,
    "case": _CASES,
    "queue": _CASES,
    "why": _TRIAL,
    "Why?": _TRIAL,
    "Check against policy": _TRIAL,
    "stats": _STATS,
    "health": Use(Group.STATS, Who.BOTH),
    "watch": _SETTINGS,
    "watch list": _LOOKED_UP,
    "exempt": _SETTINGS,
    "exempt list": _LOOKED_UP,
    "mode": _SETTINGS,
    "settings": _SETTINGS,
    "setup": _SETTINGS,
    "access": _SETTINGS,
    "access list": _LOOKED_UP,
    "privacy": _PRIVACY,
    "Report to moderators": None,
}
"""By a command's name, or that of the group of commands it is in; None for what is every member's own."""

CONTROLS: Mapping[str, Use | None] = {
    "lawspeaker:publish": _POLICY,
    "lawspeaker:template": _POLICY,
    "lawspeaker:edit": _POLICY,
    "lawspeaker:learned": _POLICY,
    "lawspeaker:line": _POLICY,
    "lawspeaker:calibrate": _POLICY,
    "lawspeaker:case": _CASES,
    "lawspeaker:learn": _CASES,
    "lawspeaker:queue": _CASES,
    "lawcases": _CASES,
    "lawspeaker:settings": _SETTINGS,
    "lawspeaker:setup": _SETTINGS,
    "lawspeaker:forget": _PRIVACY,
    "lawspeaker:appeal": None,
}
"""Buttons, selects and modals, by how their `custom_id`s begin."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a group, by name, and who may use most of it by default."""

    names: tuple[str, ...]
    who: Who


def _contents(group: Group) -> Contents:
    uses = {name: use for name, use in COMMANDS.items() if use is not None and use.group is group}
    return Contents(tuple(uses), next(use.who for use in uses.values()))


CONTENTS: Mapping[Group, Contents] = {group: _contents(group) for group in Group}


def use_of_command(name: str) -> Use | None:
    """What a command is, by its whole name, as `policy rule add`; KeyError where nobody said."""
    words = name.split(" ")
    for count in range(len(words), 0, -1):
        if (begun := " ".join(words[:count])) in COMMANDS:
            return COMMANDS[begun]
    raise KeyError(name)


def use_of_control(custom_id: str) -> Use | None:
    """What a button, select or modal is; KeyError where nobody said."""
    parts = custom_id.split(":")
    return CONTROLS[parts[0] if parts[0] in CONTROLS else ":".join(parts[:2])]


def may_use(use: Use, standing: Standing, access: Iterable[RoleAccess]) -> bool:
    """Whether somebody may use something now.

    Administrators always may, so that no server locks itself out. Else it counts that one of their roles was given
    the group; then that one was refused it; then who may by default.
    """
    if standing.is_administrator:
        return True
    said = {one.is_given for one in access if one.group is use.group and one.role_id in standing.role_ids}
    if said:
        return True in said
    by_default = {Who.MODERATORS: standing.moderates, Who.MANAGERS: standing.manages}
    return by_default.get(use.who, standing.moderates or standing.manages)


def refusal(use: Use, standing: Standing, access: Collection[RoleAccess], moderator_role_ids: Collection[int]) -> str:
    """What somebody is told who may not: why, and which role would let them or whom to ask. Roles are mentions."""
    given = [one.role_id for one in sorted(access) if one.group is use.group and one.is_given]
    refused = [
        one.role_id
        for one in sorted(access)
        if one.group is use.group and not one.is_given and one.role_id in standing.role_ids
    ]
    holders = _mentions(given)
    if refused:
        commands, roles = tr(TITLES[use.group]), _mentions(refused)
        if not given:
            return tr(
                "This server refuses the commands for {commands} to {roles}: ask an administrator.",
                commands=commands,
                roles=roles,
            )
        return tr(
            "This server refuses the commands for {commands} to {roles}: ask somebody with {others}, or an "
            "administrator.",
            commands=commands,
            roles=roles,
            others=holders,
        )
    if use.who is Who.MANAGERS:
        if not given:
            return tr("This needs the permission Manage Server.")
        return tr("This needs the permission Manage Server, or the role {roles}.", roles=holders)
    roles = _mentions([*given, *sorted(set(moderator_role_ids) - set(given))])
    if not roles:
        return tr("Only moderators may do this: it needs Manage Messages or a role this server named.")
    return tr(
        "Only moderators may do this: it needs Manage Messages or a role this server named, which is {roles}.",
        roles=roles,
    )


def _mentions(role_ids: Collection[int]) -> str:
    """Roles to choose from, as `A or B or C`; empty where there are none."""
    mentions = [f"<@&{role_id}>" for role_id in list(role_ids)[:10]]
    return reduce(lambda roles, role: tr("{roles} or {role}", roles=roles, role=role), mentions) if mentions else ""


@dataclass(frozen=True, slots=True)
class AccessChange:
    """What a role is to be told of a group from now on; `is_given` is None where the default is to hold again."""

    role_id: int
    group: Group
    is_given: bool | None


_WRITTEN = f"Access is written as ROLE_ID.GROUP=given|refused|default, where GROUP is one of {', '.join(Group)}"
_WORDS: Mapping[str, bool | None] = {"given": True, "refused": False, "default": None}


def read_access(text: str) -> AccessChange:
    """Read `ROLE_ID.GROUP=given|refused|default` as the shell is given it; SettingError."""
    role, _, rest = text.partition(".")
    group, _, word = rest.partition("=")
    try:
        role_id = read_id(role)
        named, is_given = Group(one_of(*Group)(group)), _WORDS[one_of(*_WORDS)(word)]
    except SettingError as error:
        raise SettingError(f"{_WRITTEN}: {error}") from None
    if role_id is None:
        raise SettingError(f"{_WRITTEN}: name a role by its id.")
    return AccessChange(role_id, named, is_given)
