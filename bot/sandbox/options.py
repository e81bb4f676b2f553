"""The options that a member gives to a command: held against the command, and what they name resolved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from bot.sandbox import serialise
from bot.sandbox.checks.commands import (
    ATTACHMENT,
    BOOLEAN,
    CHANNEL,
    GROUP,
    INTEGER,
    MENTIONABLE,
    NUMBER,
    ROLE,
    STRING,
    SUBCOMMAND,
    USER,
)
from bot.sandbox.checks.form import Form, is_integer
from bot.sandbox.model import Attachment, Guild, Message, User
from bot.sandbox.permissions import in_channel, in_guild
from bot.sandbox.snowflake import parse
from bot.sandbox.world import World

Json = dict[str, Any]
RESOLVED = "resolved"
"""The key of what an interaction names."""


class Resolver:
    """Gathers what an interaction names (users, roles, channels, messages, files), in Discord's shapes."""

    def __init__(self, world: World, guild: Guild | None, files: Sequence[Attachment] = ()) -> None:
        """For an interaction in a guild, or in direct messages (None), with the files that came along."""
        self._world = world
        self._guild = guild
        self._files = files
        self.found: dict[str, Json] = {}

    def user(self, user_id: int) -> bool:
        """Take a user in, with the membership where there is one."""
        user = self._world.users.get(user_id)
        if user is None:
            return False
        self._add("users", user_id, serialise.user(user))
        member = self._guild.members.get(user_id) if self._guild else None
        if member is not None and self._guild is not None:
            bits = in_guild(self._guild, member, self._world.now())
            self._add("members", user_id, {**serialise.bare_member(member), "permissions": str(bits)})
        return True

    def role(self, role_id: int) -> bool:
        """Take a role in."""
        role = self._guild.roles.get(role_id) if self._guild else None
        if role is None:
            return False
        self._add("roles", role_id, serialise.role(role))
        return True

    def channel(self, channel_id: int, viewer: User, kinds: Sequence[int] = ()) -> bool:
        """Take in a channel that the viewer sees, of one of the types if any are given."""
        channel = self._guild.channels.get(channel_id) if self._guild else None
        if channel is None or (kinds and channel.kind not in kinds):
            return False
        bits = in_channel(channel, viewer, self._world.now())
        if not bits:
            return False
        self._add("channels", channel_id, {**serialise.channel(channel), "permissions": str(bits)})
        return True

    def message(self, message: Message) -> None:
        """Take a message in."""
        self._add("messages", message.id, serialise.message(message))

    def file(self, index: str) -> str | None:
        """Take in a file by its number in the request; its id, or None if there is none."""
        number = parse(index)
        if number is None or number >= len(self._files):
            return None
        attachment = self._files[number]
        self._add("attachments", attachment.id, serialise.attachment(attachment))
        return str(attachment.id)

    def shown(self) -> Json:
        """What was found, under its name in an interaction's `data`; nothing where nothing was: with an empty object
        the client would take a select of texts for one in which nothing was picked.
        """
        return {RESOLVED: self.found} if self.found else {}

    def _add(self, kind: str, snowflake: int, body: Json) -> None:
        self.found.setdefault(kind, {})[str(snowflake)] = body


def check_options(command: Json, given: Any, resolver: Resolver, viewer: User, *, typing: bool) -> list[Json]:
    """The options as the application gets them. Raises `ApiError` 50035 for what does not suit the command.

    While `typing` (autocomplete) required options may still be missing, numbers unfinished, and one is `focused`.
    """
    form = Form()
    options = _Filling(form, resolver, viewer, typing).fill("data.options", command.get("options", []), given)
    form.refuse()
    return options


class _Filling:
    def __init__(self, form: Form, resolver: Resolver, viewer: User, typing: bool) -> None:
        self._form = form
        self._resolver = resolver
        self._viewer = viewer
        self._typing = typing

    def fill(self, path: str, known: list[Json], given: Any) -> list[Json]:
        """The given options of one level, checked."""
        by_name = {option["name"]: option for option in known}
        filled: list[Json] = []
        named: set[str] = set()
        for index, entry in enumerate(self._form.items(given, path, 25)):
            where = f"{path}.{index}"
            if not self._form.record(entry, where):
                continue
            name = str(entry.get("name"))
            option = by_name.get(name)
            if option is None or name in named or entry.get("type") != option["type"]:
                self._form.wrong(where, "APPLICATION_COMMAND_INVALID_OPTION", "The command has no such option")
                continue
            named.add(name)
            filled.append(self._entry(where, option, entry))
        nests = any(option["type"] in (SUBCOMMAND, GROUP) for option in known)
        if nests and len(filled) != 1:
            self._form.wrong(path, "APPLICATION_COMMAND_SUBCOMMAND_REQUIRED", "Exactly one subcommand must be given")
        for option in known:
            if option.get("required") and option["name"] not in named and not self._typing:
                self._form.wrong(
                    path, "APPLICATION_COMMAND_OPTION_REQUIRED", f"The option {option['name']} is required"
                )
        return filled

    def _entry(self, path: str, option: Json, entry: Json) -> Json:
        head: Json = {"type": option["type"], "name": option["name"]}
        if option["type"] in (SUBCOMMAND, GROUP):
            inner = self.fill(f"{path}.options", option.get("options", []), entry.get("options"))
            return {**head, "options": inner}
        if self._typing and entry.get("focused"):
            if not option.get("autocomplete"):
                self._form.wrong(path, "APPLICATION_COMMAND_OPTION_NO_AUTOCOMPLETE", "The option has no autocomplete")
            return {**head, "value": entry.get("value", ""), "focused": True}
        return {**head, "value": self._value(f"{path}.value", option, entry.get("value"))}

    def _value(self, path: str, option: Json, value: Any) -> Any:
        """The value as the application gets it; what is wrong with it goes to the form."""
        kind = option["type"]
        if kind == ATTACHMENT:
            found = self._resolver.file(str(value))
            return found if found is not None else self._unusable(path, "No such file")
        if kind in (USER, ROLE, CHANNEL, MENTIONABLE):
            snowflake = parse(value)
            if snowflake is None or not self._resolve(kind, snowflake, option):
                self._unusable(path, "Nothing usable has this id")
            return str(value)
        right = {
            STRING: lambda: isinstance(value, str) and value != "",
            INTEGER: lambda: is_integer(value) and abs(value) <= 2**53,
            BOOLEAN: lambda: isinstance(value, bool),
            NUMBER: lambda: isinstance(value, int | float) and not isinstance(value, bool),
        }
        if not right[kind]():
            return self._unusable(path, "The value has not the option's type")
        choices = option.get("choices")
        if choices and value not in [choice["value"] for choice in choices]:
            return self._unusable(path, "The value is none of the choices")
        size = len(value) if kind == STRING else value
        low, high = ("min_length", "max_length") if kind == STRING else ("min_value", "max_value")
        if kind != BOOLEAN and not option.get(low, size) <= size <= option.get(high, size if kind != STRING else 6_000):
            return self._unusable(path, "The value is too small or too large")
        return value

    def _resolve(self, kind: int, snowflake: int, option: Json) -> bool:
        tries: dict[int, list[Callable[[], bool]]] = {
            USER: [lambda: self._resolver.user(snowflake)],
            ROLE: [lambda: self._resolver.role(snowflake)],
            CHANNEL: [lambda: self._resolver.channel(snowflake, self._viewer, option.get("channel_types", ()))],
            MENTIONABLE: [lambda: self._resolver.user(snowflake), lambda: self._resolver.role(snowflake)],
        }
        return any(attempt() for attempt in tries[kind])

    def _unusable(self, path: str, reason: str) -> None:
        self._form.wrong(path, "APPLICATION_COMMAND_OPTION_INVALID", reason)
