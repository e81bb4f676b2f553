"""The text to judge: everything a message shows, on lines of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePath

import aiohttp
import discord

MOST_CHARACTERS = 40_000
MOST_FILE_BYTES = 32 * 1024
_TEXT_ENDINGS = frozenset({".txt", ".md", ".log", ".csv", ".json", ".py", ".ini", ".cfg", ".yml", ".yaml", ".html"})

Shown = discord.Message | discord.MessageSnapshot


async def text_of(message: discord.Message) -> str:
    """The text to judge of a message, with its small text files read; at most MOST_CHARACTERS."""
    files = [text for shown in _shown(message) for text in [await _read(file) for file in shown.attachments] if text]
    return "\n".join([*_parts(message), *files])[:MOST_CHARACTERS]


def _shown(message: discord.Message) -> Iterator[Shown]:
    """The message and what it forwards."""
    yield message
    yield from message.message_snapshots


def _parts(message: discord.Message) -> Iterator[str]:
    for shown in _shown(message):
        yield from _nonempty([shown.content])
        for embed in shown.embeds:
            yield from _nonempty(_embed_parts(embed))
        for file in shown.attachments:
            yield from _nonempty([file.filename, file.description])
        yield from _nonempty(sticker.name for sticker in shown.stickers)
    if message.poll is not None:
        yield from _nonempty([message.poll.question, *(answer.text for answer in message.poll.answers)])


def _embed_parts(embed: discord.Embed) -> Iterator[str | None]:
    yield from (embed.author.name, embed.title, embed.description)
    for field in embed.fields:
        yield from (field.name, field.value)
    yield embed.footer.text


def _nonempty(texts: Iterable[str | None]) -> Iterator[str]:
    return (text for text in texts if text and text.strip())


def is_small_text(file: discord.Attachment) -> bool:
    """Whether an attachment is a text file small enough to be read."""
    kind = (file.content_type or "").casefold()
    textual = kind.startswith("text/") or PurePath(file.filename).suffix.casefold() in _TEXT_ENDINGS
    return textual and 0 < file.size <= MOST_FILE_BYTES


async def _read(file: discord.Attachment) -> str:
    """A small text file's content; empty where it is none, or cannot be fetched or decoded."""
    if not is_small_text(file):
        return ""
    try:
        content = await file.read()
    except (discord.HTTPException, aiohttp.ClientError, TimeoutError):
        return ""
    return content[:MOST_FILE_BYTES].decode("utf-8", "replace")
