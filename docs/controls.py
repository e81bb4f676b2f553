"""What can be pressed, picked and typed: rows of buttons and selects, and modals, as HTML. Pure, and escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum
from html import escape
from typing import Any

from docs.markup import Names, markdown

Json = dict[str, Any]


class Kind(IntEnum):
    """Discord's numbers for the kinds of components that are drawn."""

    ROW = 1
    BUTTON = 2
    SELECT = 3
    TEXT_INPUT = 4
    USERS = 5
    ROLES = 6
    ANYBODY = 7
    CHANNELS = 8
    TEXT = 10
    LABEL = 18


_MARKS = {"user": "@", "role": "@", "channel": "#"}
_PARAGRAPH = 2


def rows(components: Iterable[Json], names: Names) -> str:
    """The components of a message, as they look before anybody uses them; ValueError for a kind not known here."""
    return "".join(_component(one, names) for one in components)


def modal(title: str, components: Iterable[Json], typed: Mapping[str, str], names: Names) -> str:
    """A modal with what was typed into its inputs, by their ids, over the darkened page."""
    inputs = "".join(_component(_filled(one, typed), names) for one in components)
    return (
        f'<div class="dimmed"><div class="modal"><h1>{escape(title)}<i>✕</i></h1>{inputs}'
        '<div class="row"><span class="button">Cancel</span><span class="button style-1">Submit</span></div>'
        "</div></div>"
    )


def _filled(part: Json, typed: Mapping[str, str]) -> Json:
    """A part of a modal with the value that was typed into it."""
    if part["type"] == Kind.TEXT_INPUT:
        return part | {"value": typed.get(part["custom_id"], part.get("value") or "")}
    if part["type"] == Kind.LABEL:
        return part | {"component": _filled(part["component"], typed)}
    if part["type"] == Kind.ROW:
        return part | {"components": [_filled(child, typed) for child in part["components"]]}
    return part


def _component(one: Json, names: Names) -> str:
    match one["type"]:
        case Kind.ROW:
            return f'<div class="row">{rows(one["components"], names)}</div>'
        case Kind.BUTTON:
            return _button(one)
        case Kind.SELECT:
            picked = [escape(option["label"]) for option in one["options"] if option.get("default")]
            return _select(one, ", ".join(picked))
        case Kind.TEXT_INPUT:
            return _text_input(one)
        case Kind.USERS | Kind.ROLES | Kind.ANYBODY | Kind.CHANNELS:
            return _select(one, "".join(_chip(value, names) for value in one.get("default_values") or ()))
        case Kind.TEXT:
            return f'<div class="text">{markdown(one["content"], names)}</div>'
        case Kind.LABEL:
            below = f"<p>{escape(one['description'])}</p>" if one.get("description") else ""
            inner = one["component"]
            star = "<em>*</em>" if inner.get("required", True) else ""
            return f'<div class="label"><h3>{escape(one["label"])}{star}</h3>{below}{_component(inner, names)}</div>'
        case kind:
            raise ValueError(f"components of the kind {kind} cannot be drawn yet: add them to docs/controls.py")


def _button(one: Json) -> str:
    name = escape((one.get("emoji") or {}).get("name") or "")
    words = " ".join(part for part in (name, escape(one.get("label") or "")) if part)
    off = " off" if one.get("disabled") else ""
    arrow = " ↗" if "url" in one else ""
    return f'<span class="button style-{int(one["style"])}{off}">{words}{arrow}</span>'


def _select(one: Json, picked: str) -> str:
    """A closed select: what is picked in it, else what it asks for."""
    shown = f'<span class="picked">{picked}</span>' if picked else escape(one.get("placeholder") or "Make a selection")
    return f'<span class="select">{shown}<i></i></span>'


def _chip(value: Json, names: Names) -> str:
    """A channel, role or member that is picked."""
    known = {"user": names.users, "role": names.roles, "channel": names.channels}[value["type"]]
    mark = _MARKS[value["type"]]
    return f'<span class="chip"><i>{mark}</i>{escape(known.get(int(value["id"]), "unknown"))}<i>✕</i></span>'


def _text_input(one: Json) -> str:
    value = one.get("value") or ""
    own = escape(one.get("label") or "")
    head = f"<h3>{own}</h3>" if own else ""
    shown = escape(value) if value else f'<span class="hint">{escape(one.get("placeholder") or "")}</span>'
    kind = " paragraph" if one["style"] == _PARAGRAPH else ""
    most = one.get("max_length")
    left = f"<u>{len(value)}/{most}</u>" if most and kind else ""
    return f'{head}<div class="input{kind}">{shown}{left}</div>'
