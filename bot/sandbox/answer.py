"""What a member gets back from the bot, and how a member's app fills in commands and modals; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
EPHEMERAL = 1 << 6
_SUBCOMMAND, _GROUP, _STRING, _ATTACHMENT = 1, 2, 3, 11
_BY_ID = frozenset({6, 7, 8, 9})
_TEXT_INPUT, _LABEL, _TEXT_DISPLAY, _FILE_UPLOAD = 4, 18, 10, 19

File = tuple[str, bytes]
Value = str | list[str] | list[File]
"""What a member gives to an input: a text, what is picked in a select, or files as (name, bytes)."""


class MemberError(Exception):
    """The server refused: HTTP status, Discord's error code and sentence; `errors` is the tree of field errors."""

    def __init__(self, status: int, code: int, message: str, errors: Json | None = None) -> None:
        """A refusal; status and code are 0 where the application did not respond."""
        super().__init__(f"{message} ({status}, code {code})" + (f": {errors}" if errors else ""))
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors or {}

    @classmethod
    def of(cls, status: int, body: Any) -> MemberError:
        """From the body of a refusal."""
        body = body if isinstance(body, dict) else {}
        return cls(status, body.get("code", 0), body.get("message", ""), body.get("errors"))


def walk(components: Sequence[Json] | None) -> Iterator[Json]:
    """Every component, nested ones too, in the order shown."""
    for component in components or ():
        yield component
        yield from walk(component.get("components"))
        yield from walk([component[key] for key in ("accessory", "component") if key in component])


def find_button(message: Json, label_or_custom_id: str) -> Json:
    """The button with this `custom_id`, else this label; LookupError with those there are."""
    buttons = [one for one in walk(message.get("components")) if one["type"] == 2 and "custom_id" in one]
    for key in ("custom_id", "label"):
        for button in buttons:
            if button.get(key) == label_or_custom_id:
                return button
    there = ", ".join(str(button.get("label") or button["custom_id"]) for button in buttons) or "none"
    raise LookupError(f"no button {label_or_custom_id!r}; buttons: {there}")


@dataclass(slots=True)
class Modal:
    """A modal that the application opened for the member."""

    id: str
    custom_id: str
    title: str
    components: list[Json]
    application_id: str
    guild_id: int | str | None
    channel_id: int | str
    message: Json | None
    """The message whose component opened the modal."""

    @classmethod
    def of(
        cls,
        event: Json,
        application_id: str,
        guild_id: int | str | None,
        channel_id: int | str,
        message: Json | None,
    ) -> Modal:
        """From the event INTERACTION_MODAL_CREATE."""
        return cls(
            event["id"],
            event["custom_id"],
            event["title"],
            event["components"],
            application_id,
            guild_id,
            channel_id,
            message,
        )

    @property
    def inputs(self) -> dict[str, Json]:
        """The inputs by label, in the order shown."""
        return {
            part.get("label") or child.get("label") or child["custom_id"]: child
            for part in self.components
            for child in walk([part])
            if "custom_id" in child
        }

    def filled(self, values: Mapping[str, Value]) -> tuple[list[Json], list[File]]:
        """The components of a submission, with values by `custom_id` or label, and the files to send.

        LookupError for an unknown name.
        """
        known = {**self.inputs, **{child["custom_id"]: child for child in self.inputs.values()}}
        for name in values:
            if name not in known:
                raise LookupError(f"no input {name!r}; inputs: {', '.join(self.inputs)}")
        by_id = {known[name]["custom_id"]: value for name, value in values.items()}
        files: list[File] = []
        parts = [part for part in self.components if part["type"] != _TEXT_DISPLAY]
        return [_filled_part(part, by_id, files) for part in parts], files


def _filled_part(part: Json, by_id: Mapping[str, Value], files: list[File]) -> Json:
    if part["type"] == _LABEL:
        return {"type": _LABEL, "component": _filled_input(part["component"], by_id, files)}
    return {"type": part["type"], "components": [_filled_input(child, by_id, files) for child in part["components"]]}


def _filled_input(child: Json, by_id: Mapping[str, Value], files: list[File]) -> Json:
    head = {"type": child["type"], "custom_id": child["custom_id"]}
    if child["type"] == _TEXT_INPUT:
        return {**head, "value": by_id.get(child["custom_id"], child.get("value", ""))}
    if child["type"] == _FILE_UPLOAD:
        given = [one for one in by_id.get(child["custom_id"], ()) if isinstance(one, tuple)]
        numbers = range(len(files), len(files) + len(given))
        files.extend(given)
        return {**head, "values": [str(number) for number in numbers]}
    preset = [option["value"] for option in child.get("options", ()) if option.get("default")]
    return {**head, "values": by_id.get(child["custom_id"], preset)}


@dataclass(slots=True)
class Answer:
    """What came back: a message, a modal, or a failure. A deferred answer is the message it became in the end."""

    interaction_id: str
    message: Json | None = None
    modal: Modal | None = None
    failure: str | None = None

    @property
    def shown(self) -> Json:
        """The message; LookupError with what came instead."""
        if self.message is None:
            raise LookupError(self.failure or ("a modal came" if self.modal else "no message came"))
        return self.message

    @property
    def content(self) -> str:
        """The message's text."""
        return str(self.shown["content"])

    @property
    def embeds(self) -> list[Json]:
        """The message's embeds."""
        return list(self.shown["embeds"])

    @property
    def components(self) -> list[Json]:
        """The message's components as sent, in rows."""
        return list(self.shown["components"])

    @property
    def attachments(self) -> list[Json]:
        """The message's files; their bytes are at `url`."""
        return list(self.shown["attachments"])

    @property
    def ephemeral(self) -> bool:
        """Whether only this member sees the message."""
        return bool(self.shown["flags"] & EPHEMERAL)

    @property
    def buttons(self) -> list[str]:
        """The labels of the message's buttons."""
        return [one.get("label", "") for one in walk(self.components) if one["type"] == 2]

    @property
    def text(self) -> str:
        """All that can be read: the text, embeds line by line, texts of components."""
        lines = [self.content]
        for embed in self.embeds:
            lines += [embed.get("author", {}).get("name", ""), embed.get("title", ""), embed.get("description", "")]
            for field in embed.get("fields", ()):
                lines += [field["name"], field["value"]]
            lines.append(embed.get("footer", {}).get("text", ""))
        lines += [one["content"] for one in walk(self.components) if one["type"] == _TEXT_DISPLAY]
        return "\n".join(line for line in lines if line)


def option_path(
    command: Json, path: Sequence[str], options: Json, focused: str | None = None
) -> tuple[list[Json], list[tuple[str, bytes]]]:
    """An interaction's `options` for a command: the subcommands of `path`, then values by name; and the files to send.

    LookupError for a subcommand or option that the command does not have.
    """
    known = {option["name"]: option for option in command.get("options", ())}
    if path:
        inner = known.get(path[0])
        if inner is None or inner["type"] not in (_SUBCOMMAND, _GROUP):
            raise LookupError(f"{command['name']} has no subcommand {path[0]!r}; it has: {', '.join(known)}")
        filled, files = option_path(inner, path[1:], options, focused)
        return [{"type": inner["type"], "name": inner["name"], "options": filled}], files
    filled, files = [], []
    for name, value in options.items():
        if name not in known:
            raise LookupError(f"{command['name']} has no option {name!r}; it has: {', '.join(known)}")
        kind = known[name]["type"]
        if kind == _ATTACHMENT:
            files.append(value)
            value = str(len(files) - 1)
        elif kind in _BY_ID:
            value = str(value)
        entry = {"type": kind, "name": name, "value": value}
        filled.append(entry | ({"focused": True} if name == focused else {}))
    return filled, files
