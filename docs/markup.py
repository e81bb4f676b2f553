"""Discord's markdown as HTML, as far as the bot's posts use it. Pure; everything that was written is escaped.

Drawn are escapes, mentions, times, links, bold text, code, quotes, small print and spoilers, which are shown
revealed, as they look to a moderator who clicked on them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from itertools import groupby

_TOKEN = re.compile(
    r"\\(?P<escaped>[^0-9A-Za-z\s])"
    r"|<@!?(?P<user>\d+)>"
    r"|<@&(?P<role>\d+)>"
    r"|<#(?P<channel>\d+)>"
    r"|<t:(?P<time>\d+)(?::(?P<style>[tTdDfFR]))?>"
    r"|\[(?P<words>[^\]\\]+)\]\((?P<link>https://[^)\s]+)\)"
    r"|`(?P<code>[^`\n]+)`"
    r"|(?P<bold>\*\*)"
    r"|(?P<spoiler>\|\|)"
    r"|(?P<line>\n)"
)
_FENCE = re.compile(r"```(?:(?P<language>[a-z]+)\n)?\n?(?P<body>.*?)\n?```", re.DOTALL)
_MARKS = {"bold": "**", "spoiler": "||"}
_TAGS = {"bold": ("<b>", "</b>"), "spoiler": ('<span class="spoiler">', "</span>")}
_STARTS = {"> ": "blockquote", "-# ": "small"}
_DIFF = {"+": "added", "-": "removed", "@": "place"}
_SPANS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


@dataclass(frozen=True, slots=True)
class Names:
    """What mentions are shown as, by id; the bytes of files by their address; and the time that it is."""

    users: Mapping[int, str]
    roles: Mapping[int, str]
    channels: Mapping[int, str]
    files: Mapping[str, bytes] = field(default_factory=dict)
    now: datetime = datetime(2000, 1, 1, tzinfo=UTC)


def markdown(text: str, names: Names) -> str:
    """A text as HTML; a mark without its partner is text."""
    parts: list[str] = []
    at = 0
    for block in _FENCE.finditer(text):
        parts += [_lines(text[at : block.start()].removesuffix("\n"), names), _code(block)]
        at = block.end()
    return "".join([*parts, _lines(text[at:].removeprefix("\n") if at else text, names)])


def _code(block: re.Match[str]) -> str:
    """A block of code; the lines of a diff in their colours."""
    lines = block["body"].split("\n")
    if block["language"] != "diff":
        return f"<pre>{escape(block['body'])}</pre>"
    coloured = "\n".join(f'<span class="{_DIFF.get(line[:1], "same")}">{escape(line)}</span>' for line in lines)
    return f"<pre>{coloured}</pre>"


def _lines(text: str, names: Names) -> str:
    """A text without blocks of code: quotes and small print are lines of their own, all else runs on."""
    parts: list[str] = []
    for start, group in groupby(
        text.split("\n"), lambda line: next((key for key in _STARTS if line.startswith(key)), "")
    ):
        written = "\n".join(line.removeprefix(start) for line in group)
        tag = _STARTS.get(start)
        parts.append(f"<{tag}>{_inline(written, names)}</{tag}>" if tag else f"\n{_inline(written, names)}\n")
    # A line that is a block of its own needs no break around it.
    whole = "".join(parts).removeprefix("\n").removesuffix("\n")
    return re.sub(r"\n?(</?(?:blockquote|small)>)\n?", r"\1", whole)


def _inline(text: str, names: Names) -> str:
    pairs = {name: len(re.findall(re.escape(mark), _bare(text))) // 2 * 2 for name, mark in _MARKS.items()}
    seen = dict.fromkeys(_MARKS, 0)
    parts: list[str] = []
    at = 0
    for token in _TOKEN.finditer(text):
        parts.append(escape(text[at : token.start()]))
        at = token.end()
        kind = _kind(token)
        if kind in _MARKS:
            parts.append(_TAGS[kind][seen[kind] % 2] if seen[kind] < pairs[kind] else escape(token[0]))
            seen[kind] += 1
        else:
            parts.append(_whole(kind, token, names))
    return "".join([*parts, escape(text[at:])])


def _kind(token: re.Match[str]) -> str:
    return next(name for name, found in token.groupdict().items() if found is not None and name != "words")


def _bare(text: str) -> str:
    """The text without what a backslash makes harmless, and without code."""
    return re.sub(r"\\[^0-9A-Za-z\s]|`[^`\n]+`", "", text)


def _whole(kind: str, token: re.Match[str], names: Names) -> str:
    """A token that stands for itself."""
    match kind:
        case "escaped":
            return escape(token["escaped"])
        case "line":
            return "<br>"
        case "code":
            return f"<code>{escape(token['code'])}</code>"
        case "link":
            return f'<a href="{escape(token["link"])}">{escape(token["words"])}</a>'
        case "time":
            return f'<span class="time">{_time(int(token["time"]), token["style"] or "f", names.now)}</span>'
    mark, known = {
        "user": ("@", names.users),
        "role": ("@", names.roles),
        "channel": ("#", names.channels),
    }[kind]
    return f'<span class="mention">{mark}{escape(known.get(int(token[kind]), "unknown"))}</span>'


def _time(second: int, style: str, now: datetime) -> str:
    """A moment as Discord writes it in English, in UTC."""
    moment = datetime.fromtimestamp(second, UTC)
    match style:
        case "R":
            return _ago((now - moment).total_seconds())
        case "t" | "T":
            return f"{moment:%H:%M}"
        case "d" | "D":
            return f"{moment.day} {moment:%B %Y}"
        case _:
            return f"{moment.day} {moment:%B %Y %H:%M}"


def _ago(seconds: float) -> str:
    for length, word in _SPANS:
        if (count := int(abs(seconds) // length)) > 0:
            span = f"{count} {word}s" if count > 1 else f"{'an' if word == 'hour' else 'a'} {word}"
            return f"{span} ago" if seconds > 0 else f"in {span}"
    return "a few seconds ago" if seconds >= 0 else "in a few seconds"
