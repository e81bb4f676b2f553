"""What Discord refuses in an application command (its documentation, "Application Commands")."""

from __future__ import annotations

import re
from typing import Any

from bot.sandbox.checks.components import CHANNEL_TYPES
from bot.sandbox.checks.form import Form, is_integer
from bot.sandbox.errors import ApiError

SLASH, USER_MENU, MESSAGE_MENU = 1, 2, 3
SUBCOMMAND, GROUP = 1, 2
STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = 3, 4, 5, 6, 7, 8, 9, 10, 11
MAX_OF_TYPE = {SLASH: 100, USER_MENU: 5, MESSAGE_MENU: 5}
MAX_CHARACTERS = 8_000
_LARGEST = 2**53
# Discord's pattern also allows the letters of Devanagari and Thai with their marks; \w has the letters.
_SLASH_NAME = re.compile(r"[-_'\w\u0900-\u097F\u0E00-\u0E7F]{1,32}")


def check_command(command: dict[str, Any]) -> None:
    """Refuse one command that Discord would refuse, with `ApiError` 50035."""
    form = Form()
    _check_command(form, "", command)
    form.refuse()


def check_commands(commands: Any) -> None:
    """Refuse a bulk overwrite: each command, their names (unique for a type) and their number."""
    if not isinstance(commands, list) or not all(isinstance(one, dict) for one in commands):
        raise ApiError(
            400,
            50035,
            "Invalid Form Body",
            {"_errors": [{"code": "LIST_TYPE_CONVERT", "message": "Only lists of commands"}]},
        )
    form = Form()
    seen: set[tuple[int, str]] = set()
    for index, command in enumerate(commands):
        _check_command(form, f"{index}.", command)
        key = (command_type(command), str(command.get("name")))
        if key in seen:
            form.wrong(str(index), "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
        seen.add(key)
    form.refuse()
    for kind, high in MAX_OF_TYPE.items():
        refuse_too_many(kind, sum(command_type(one) == kind for one in commands), high)


def refuse_too_many(kind: int, number: int, high: int | None = None) -> None:
    """Refuse more commands of a type than an application may have in one place (30032)."""
    high = MAX_OF_TYPE[kind] if high is None else high
    if number > high:
        raise ApiError(400, 30032, f"Maximum number of application commands reached ({high}).")


def command_type(command: dict[str, Any]) -> int:
    """The type of a command; a slash command unless it says otherwise."""
    kind = command.get("type")
    return kind if is_integer(kind) else SLASH


def _check_command(form: Form, prefix: str, command: dict[str, Any]) -> None:
    kind = command_type(command)
    if not form.choice(kind, f"{prefix}type", frozenset(MAX_OF_TYPE)):
        return
    if kind == SLASH:
        _check_name(form, f"{prefix}name", command.get("name"))
        form.text(command.get("description"), f"{prefix}description", 100, 1)
        _check_options(form, f"{prefix}options", command.get("options"), nested=0)
        if _characters(command) > MAX_CHARACTERS:
            message = f"Command exceeds maximum size ({MAX_CHARACTERS})"
            form.wrong(f"{prefix}name", "APPLICATION_COMMAND_TOO_LARGE", message)
    else:
        form.text(command.get("name"), f"{prefix}name", 32, 1)
        if command.get("description"):
            message = "Context menu commands cannot have description"
            form.wrong(f"{prefix}description", "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION", message)
        if command.get("options"):
            message = "Context menu commands cannot have options"
            form.wrong(f"{prefix}options", "APPLICATION_COMMAND_CONTEXT_MENU_OPTIONS", message)
    if command.get("default_member_permissions") is not None:
        form.snowflake(command["default_member_permissions"], f"{prefix}default_member_permissions")
    form.flag(command.get("nsfw"), f"{prefix}nsfw")
    form.flag(command.get("dm_permission"), f"{prefix}dm_permission")
    for field, high in (("contexts", 3), ("integration_types", 2)):
        values = form.items(command.get(field), f"{prefix}{field}", high, 1) if command.get(field) is not None else []
        for index, value in enumerate(values):
            form.choice(value, f"{prefix}{field}.{index}", frozenset(range(high)))


def _check_name(form: Form, path: str, name: Any) -> None:
    if form.text(name, path, 32, 1) and not (_SLASH_NAME.fullmatch(name) and name == name.lower()):
        form.wrong(path, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def _check_options(form: Form, path: str, options: Any, *, nested: int) -> None:
    """Check the options of a command (`nested` 0), of a group (1) or of a subcommand (2)."""
    seen: set[str] = set()
    optional = False
    kinds: set[bool] = set()
    for index, option in enumerate(form.items(options, path, 25)):
        where = f"{path}.{index}"
        if not form.record(option, where) or not form.choice(option.get("type"), f"{where}.type", _allowed(nested)):
            continue
        _check_name(form, f"{where}.name", option.get("name"))
        form.text(option.get("description"), f"{where}.description", 100, 1)
        if str(option.get("name")) in seen:
            form.wrong(where, "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", "Option names must be unique")
        seen.add(str(option.get("name")))
        kinds.add(option["type"] in (SUBCOMMAND, GROUP))
        if option["type"] in (SUBCOMMAND, GROUP):
            _check_options(form, f"{where}.options", option.get("options"), nested=1 if option["type"] == GROUP else 2)
            continue
        if option.get("required") and optional:
            message = "Required options must be placed before non-required options"
            form.wrong(where, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)
        optional = optional or not option.get("required")
        _check_value_option(form, where, option)
    if len(kinds) == 2:
        message = "Sub-command and sub-command group option types are mutually exclusive to all other types"
        form.wrong(path, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message)


def _allowed(nested: int) -> frozenset[int]:
    if nested == 0:
        return frozenset(range(1, 12))
    return frozenset({SUBCOMMAND}) if nested == 1 else frozenset(range(3, 12))


def _check_value_option(form: Form, path: str, option: dict[str, Any]) -> None:
    kind = option["type"]
    form.flag(option.get("required"), f"{path}.required")
    form.flag(option.get("autocomplete"), f"{path}.autocomplete")
    choices = form.items(option.get("choices"), f"{path}.choices", 25)
    if choices and option.get("autocomplete"):
        message = "Options with choices cannot have autocomplete"
        form.wrong(path, "APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID", message)
    if (choices or option.get("autocomplete")) and kind not in (STRING, INTEGER, NUMBER):
        message = "Only options for texts and numbers have choices or autocomplete"
        form.wrong(path, "APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID", message)
    for index, choice in enumerate(choices):
        check_choice(form, f"{path}.choices.{index}", choice, kind)
    if kind == STRING:
        form.integer(option.get("min_length"), f"{path}.min_length", 0, 6_000)
        form.integer(option.get("max_length"), f"{path}.max_length", 1, 6_000)
    if kind == CHANNEL:
        for index, channel_type in enumerate(form.items(option.get("channel_types"), f"{path}.channel_types", 25)):
            form.choice(channel_type, f"{path}.channel_types.{index}", CHANNEL_TYPES)
    for bound in ("min_value", "max_value"):
        if option.get(bound) is not None and not _is_value(option[bound], kind):
            form.wrong(f"{path}.{bound}", "NUMBER_TYPE_COERCE", f'Value "{option[bound]}" is not valid.')


def check_choice(form: Form, path: str, choice: Any, kind: int) -> None:
    """Check one choice of an option or of an autocomplete's answer: its name, and its value by the option's type."""
    if not form.record(choice, path):
        return
    form.text(choice.get("name"), f"{path}.name", 100, 1)
    value = choice.get("value")
    if kind == STRING:
        form.text(value, f"{path}.value", 100, 1)
    elif not _is_value(value, kind):
        form.wrong(f"{path}.value", "NUMBER_TYPE_COERCE", f'Value "{value}" is not valid.')


def _is_value(value: Any, kind: int) -> bool:
    if kind == INTEGER:
        return is_integer(value) and abs(value) <= _LARGEST
    return kind == NUMBER and (is_integer(value) or isinstance(value, float)) and abs(value) <= _LARGEST


def _characters(command: dict[str, Any]) -> int:
    """The characters that count towards a command's size: names, descriptions and the values of choices."""
    total = len(str(command.get("name") or "")) + len(str(command.get("description") or ""))
    options = command.get("options")
    for option in options if isinstance(options, list) else []:
        if isinstance(option, dict):
            total += _characters(option)
            choices = option.get("choices")
            for choice in choices if isinstance(choices, list) else []:
                if isinstance(choice, dict):
                    total += len(str(choice.get("name", ""))) + len(str(choice.get("value", "")))
    return total
