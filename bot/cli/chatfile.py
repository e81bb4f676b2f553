"""Chats to replay: JSONL files of author, channel and content."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from bot.cli.common import CliError
from bot.cli.textfile import encodable, read_text

MAX_CONTENT = 2_000
"""Characters in a message on Discord."""

_FIELDS = ("author", "channel", "content")


@dataclass(frozen=True, slots=True)
class ChatLine:
    """One message to post, by names."""

    author: str
    channel: str
    content: str


def read_chat(path: Path) -> list[ChatLine]:
    """The messages of a JSONL file; CliError naming the first line that cannot be used."""
    rows = read_text(path, "--replay").split("\n")
    return [_chat_line(path, number, row) for number, row in enumerate(rows, 1) if row.strip()]


def _chat_line(path: Path, number: int, row: str) -> ChatLine:
    where = f"{path}, line {number}"
    try:
        value = json.loads(row)
    except (ValueError, RecursionError):
        raise CliError(f"{where} is no JSON: write one object a line.") from None
    if not isinstance(value, dict) or not all(isinstance(value.get(field), str) for field in _FIELDS):
        raise CliError(f'{where} needs the texts "author", "channel" and "content".')
    line = ChatLine(*(encodable(value[field]) for field in _FIELDS))
    if not line.author.strip() or not line.channel.strip():
        raise CliError(f"{where} names no author or no channel: fill both in.")
    if not line.content.strip() or len(line.content) > MAX_CONTENT:
        raise CliError(f"{where} must have a content of 1 to {MAX_CONTENT:,} characters, as Discord asks.")
    return line
