"""A mod-log post as an HTML page: Discord's message JSON in, HTML out. Pure; everything that was written is escaped.

Of Discord's markdown only what the bot's posts use is drawn: escapes, mentions, links, bold text and spoilers, which
are shown revealed, as they look to a moderator who clicked on them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

Json = dict[str, Any]

_TOKEN = re.compile(
    r"\\(?P<escaped>[^0-9A-Za-z\s])"
    r"|<@!?(?P<user>\d+)>"
    r"|<@&(?P<role>\d+)>"
    r"|<#(?P<channel>\d+)>"
    r"|\[(?P<words>[^\]\\]+)\]\((?P<link>https://[^)\s]+)\)"
    r"|(?P<bold>\*\*)"
    r"|(?P<spoiler>\|\|)"
    r"|(?P<line>\n)"
)
# Discord's number for a button among the components of a message; any other in a row is a select.
_BUTTON = 2
_TAGS = {"bold": ("<b>", "</b>"), "spoiler": ('<span class="spoiler">', "</span>")}


@dataclass(frozen=True, slots=True)
class Names:
    """What mentions are shown as, by id."""

    users: Mapping[int, str]
    roles: Mapping[int, str]
    channels: Mapping[int, str]


def page(posts: Sequence[Json], names: Names, style: str, channel: str) -> str:
    """The page: a channel's head and its posts, each a message in Discord's JSON with content and embeds."""
    messages = "\n".join(_message(post, names) for post in posts)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(channel)}</title>'
        f"<style>{style}</style></head><body><header><i>#</i>{escape(channel)}</header>"
        f"<main>{messages}</main></body></html>"
    )


def markdown(text: str, names: Names) -> str:
    """Discord's markdown, as far as the bot uses it, as HTML; a mark without its partner is text."""
    pairs = {name: len(re.findall(re.escape(mark), _unescaped(text))) // 2 * 2 for name, mark in _MARKS.items()}
    seen = dict.fromkeys(_MARKS, 0)
    parts: list[str] = []
    at = 0
    for token in _TOKEN.finditer(text):
        parts.append(escape(text[at : token.start()]))
        at = token.end()
        kind = token.lastgroup or ""
        if kind in _MARKS:
            parts.append(_TAGS[kind][seen[kind] % 2] if seen[kind] < pairs[kind] else escape(token[0]))
            seen[kind] += 1
        else:
            parts.append(_whole(kind, token, names))
    return "".join([*parts, escape(text[at:])])


_MARKS = {"bold": "**", "spoiler": "||"}


def _unescaped(text: str) -> str:
    """The text without what a backslash makes harmless."""
    return re.sub(r"\\[^0-9A-Za-z\s]", "", text)


def _whole(kind: str, token: re.Match[str], names: Names) -> str:
    """A token that stands for itself."""
    if kind == "escaped":
        return escape(token["escaped"])
    if kind == "line":
        return "<br>"
    if kind == "link":
        return f'<a href="{escape(token["link"])}">{escape(token["words"])}</a>'
    mark, known = {
        "user": ("@", names.users),
        "role": ("@", names.roles),
        "channel": ("#", names.channels),
    }[kind]
    return f'<span class="mention">{mark}{escape(known.get(int(token[kind]), "unknown"))}</span>'


def _message(post: Json, names: Names) -> str:
    author = escape(post["author"]["username"])
    sent = datetime.fromisoformat(post["timestamp"])
    content = f'<div class="content">{markdown(post["content"], names)}</div>' if post["content"] else ""
    embeds = "".join(_embed(embed, names) for embed in post["embeds"])
    return (
        '<article><div class="avatar">§</div><div class="body">'
        f'<div class="author">{author}<span class="app">APP</span><time>Today at {sent:%H:%M}</time></div>'
        f"{content}{embeds}{_rows(post.get('components', ()))}</div></article>"
    )


def _rows(rows: Iterable[Json]) -> str:
    """Rows of buttons and selects, as they look before anybody presses them."""
    return "".join(f'<div class="row">{"".join(map(_control, row["components"]))}</div>' for row in rows)


def _control(control: Json) -> str:
    if control["type"] == _BUTTON:
        return f'<span class="button style-{int(control["style"])}">{escape(control.get("label", ""))}</span>'
    return f'<span class="select">{escape(control.get("placeholder", ""))}<i>⌄</i></span>'


def _embed(embed: Json, names: Names) -> str:
    footer = embed.get("footer", {}).get("text", "")
    if stamp := embed.get("timestamp"):
        footer += f" · Today at {datetime.fromisoformat(stamp):%H:%M}"
    return (
        f'<section style="border-color: #{int(embed.get("color") or 0):06x}">'
        f"<h2>{markdown(embed.get('title', ''), names)}</h2>"
        f"<p>{markdown(embed.get('description', ''), names)}</p>"
        f'<div class="fields">{_fields(embed.get("fields", ()), names)}</div>'
        f"<footer>{escape(footer)}</footer></section>"
    )


def _fields(fields: Iterable[Json], names: Names) -> str:
    return "".join(
        f'<div class="{"inline" if field.get("inline") else "field"}">'
        f"<h3>{markdown(field['name'], names)}</h3>{markdown(field['value'], names)}</div>"
        for field in fields
    )
