"""A channel with messages as an HTML page: Discord's message JSON in, HTML out. Pure; what was written is escaped."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from itertools import groupby
from typing import Any

from docs.controls import modal, rows
from docs.markup import Names, markdown

Json = dict[str, Any]
EPHEMERAL = 1 << 6
IN_A_ROW = 3
"""Inline fields that stand side by side at most."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A message; `by` and `used` are who used which command to get it, empty where nobody did."""

    message: Json
    by: str = ""
    used: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """A modal's title and components, and what is typed into its inputs, by their ids."""

    title: str
    components: Sequence[Json]
    typed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a picture shows: a place, `#` or `@` before its name, and what is seen there from top to bottom."""

    mark: str
    place: str
    parts: Sequence[Shown | Opened]
    names: Names


def page(sheet: Sheet, style: str) -> str:
    """The page of a sheet, with its style sheet inside."""
    parts = "\n".join(_part(one, sheet.names) for one in sheet.parts)
    place = escape(sheet.place)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{place}</title>'
        f"<style>{style}</style></head><body><header><i>{escape(sheet.mark)}</i>{place}</header>"
        f"<main>{parts}</main></body></html>"
    )


def _part(one: Shown | Opened, names: Names) -> str:
    if isinstance(one, Opened):
        return modal(one.title, one.components, one.typed, names)
    return _message(one, names)


def _message(one: Shown, names: Names) -> str:
    post = one.message
    content = f'<div class="content">{markdown(post["content"], names)}</div>' if post["content"] else ""
    files = "".join(_file(each, names) for each in post.get("attachments", ()))
    embeds = "".join(_embed(embed, names) for embed in post["embeds"])
    return (
        f"<article>{_used(one)}{_avatar(post['author'])}"
        f'<div class="body">{_author(post)}{content}{files}{embeds}{rows(post.get("components", ()), names)}'
        f"{_dismiss(post)}</div></article>"
    )


def _used(one: Shown) -> str:
    """The line above an answer that says who used what."""
    if not one.used:
        return ""
    return f'<div class="used"><i></i><b>{escape(one.by)}</b> used <b class="command">{escape(one.used)}</b></div>'


def _avatar(author: Json) -> str:
    if author.get("bot"):
        return '<div class="avatar">§</div>'
    name = str(author["username"])
    return f'<div class="avatar member hue-{sum(map(ord, name)) % 5}">{escape(name[:1].upper())}</div>'


def _author(post: Json) -> str:
    app = '<span class="app">APP</span>' if post["author"].get("bot") else ""
    sent = datetime.fromisoformat(post["timestamp"])
    return f'<div class="author">{escape(post["author"]["username"])}{app}<time>Today at {sent:%H:%M}</time></div>'


def _dismiss(post: Json) -> str:
    """The line below what only one member sees."""
    if not post.get("flags", 0) & EPHEMERAL:
        return ""
    return '<div class="alone">👁 Only you can see this · <a>Dismiss message</a></div>'


def _file(one: Json, names: Names) -> str:
    """A picture, or the card of another file."""
    content = names.files.get(one["url"])
    if content is not None and str(one.get("content_type", "")).startswith("image/png"):
        coded = b64encode(content).decode()
        return f'<img src="data:image/png;base64,{coded}" alt="{escape(one.get("description") or "")}">'
    return f'<div class="file">📄 <a>{escape(one["filename"])}</a> <i>{int(one["size"]):,} bytes</i></div>'


def _embed(embed: Json, names: Names) -> str:
    footer = escape(embed.get("footer", {}).get("text", ""))
    if stamp := embed.get("timestamp"):
        footer += f" · Today at {datetime.fromisoformat(stamp):%H:%M}" if footer else ""
    colour = f"#{int(embed['color']):06x}" if embed.get("color") else "#1e1f22"
    parts = (
        ("h2", markdown(embed.get("title") or "", names)),
        ("div", markdown(embed.get("description") or "", names)),
        ("aside", "".join(_fields(embed.get("fields", ()), names))),
        ("footer", footer),
    )
    inner = "".join(f"<{tag}>{text}</{tag}>" for tag, text in parts if text)
    return f'<section style="border-color: {colour}">{inner}</section>'


def _fields(fields: Iterable[Json], names: Names) -> Iterator[str]:
    """Fields below each other; inline ones that follow each other side by side."""
    for inline, group in groupby(fields, lambda one: bool(one.get("inline"))):
        found = list(group)
        width = IN_A_ROW if inline else 1
        for at in range(0, len(found), width):
            cells = "".join(_field(one, names) for one in found[at : at + width])
            yield f'<div class="fields {"inline" if inline else "wide"}">{cells}</div>'


def _field(one: Json, names: Names) -> str:
    return f"<div><h3>{markdown(one['name'], names)}</h3>{markdown(one['value'], names)}</div>"
