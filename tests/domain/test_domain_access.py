"""Who may use what: the defaults, what a server gave or refused its roles, and what the refused one is told."""

from __future__ import annotations

import pytest

from bot.domain.access import (
    COMMANDS,
    CONTENTS,
    CONTROLS,
    AccessChange,
    Group,
    RoleAccess,
    Standing,
    Use,
    Who,
    may_use,
    read_access,
    refusal,
    use_of_command,
    use_of_control,
)
from bot.domain.setting_values import SettingError

TRAINEE, SENIOR = 7, 8
CASES, POLICY = Use(Group.CASES, Who.MODERATORS), Use(Group.POLICY, Who.MODERATORS)
SETTINGS, LISTS = Use(Group.SETTINGS, Who.MANAGERS), Use(Group.SETTINGS, Who.BOTH)
ACCESS = frozenset({RoleAccess(TRAINEE, Group.CASES, False), RoleAccess(SENIOR, Group.CASES, True)})


def somebody(*role_ids: int, administers: bool = False, manages: bool = False, moderates: bool = False) -> Standing:
    return Standing(administers, manages, moderates, frozenset(role_ids))


@pytest.mark.parametrize(
    ("use", "standing", "may"),
    [
        (CASES, somebody(), False),
        (CASES, somebody(moderates=True), True),
        (CASES, somebody(manages=True), False),
        (SETTINGS, somebody(moderates=True), False),
        (SETTINGS, somebody(manages=True), True),
        (LISTS, somebody(moderates=True), True),
        (LISTS, somebody(manages=True), True),
        (LISTS, somebody(), False),
        (CASES, somebody(TRAINEE, moderates=True), False),
        (POLICY, somebody(TRAINEE, moderates=True), True),
        (CASES, somebody(SENIOR), True),
        (POLICY, somebody(SENIOR), False),
        (CASES, somebody(TRAINEE, SENIOR), True),
        (CASES, somebody(TRAINEE, administers=True), True),
        (SETTINGS, somebody(administers=True), True),
    ],
)
def test_a_role_is_given_or_refused_a_group_and_else_the_default_holds(use: Use, standing: Standing, may: bool) -> None:
    assert may_use(use, standing, ACCESS) is may


@pytest.mark.parametrize(
    ("use", "standing", "parts"),
    [
        (CASES, somebody(TRAINEE, moderates=True), ["refuses", "<@&7>", "somebody with <@&8>, or an administrator"]),
        (CASES, somebody(), ["Only moderators may do this", "Manage Messages", "<@&8> or <@&9>"]),
        (SETTINGS, somebody(), ["This needs the permission Manage Server."]),
    ],
)
def test_the_refused_one_is_told_which_role_would_let_them_or_whom_to_ask(
    use: Use, standing: Standing, parts: list[str]
) -> None:
    told = refusal(use, standing, ACCESS, frozenset({9}))
    assert all(part in told for part in parts), told


def test_a_command_is_in_the_group_of_its_own_name_or_of_the_one_it_is_under() -> None:
    assert use_of_command("policy rule add") == COMMANDS["policy"]
    assert use_of_command("policy test") == COMMANDS["policy test"] != COMMANDS["policy"]
    for unknown in ("policies", "new", ""):
        with pytest.raises(KeyError):
            use_of_command(unknown)


def test_a_control_is_in_the_group_that_its_id_begins_with() -> None:
    assert use_of_control("lawspeaker:case:confirm:1") == CONTROLS["lawspeaker:case"]
    assert use_of_control("lawcases:0:......") == CONTROLS["lawcases"]
    for unknown in ("lawspeaker:cases:1", "lawspeaker", "", "other:case"):
        with pytest.raises(KeyError):
            use_of_control(unknown)


def test_every_group_has_commands_and_a_default() -> None:
    assert all(CONTENTS[group].names for group in Group)


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("7.cases=refused", AccessChange(7, Group.CASES, False)),
        ("<@&7>.Policy = given ", AccessChange(7, Group.POLICY, True)),
        ("7.stats=default", AccessChange(7, Group.STATS, None)),
    ],
)
def test_the_shell_gives_refuses_and_resets(text: str, change: AccessChange) -> None:
    assert read_access(text) == change


@pytest.mark.parametrize("text", ["", "7", "7.cases", "7.cases=yes", "7.bans=given", "x.cases=given", ".cases=given"])
def test_anything_else_gets_a_sentence(text: str) -> None:
    with pytest.raises(SettingError, match="Access is written as"):
        read_access(text)
