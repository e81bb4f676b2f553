"""What `lawspeaker doctor` says of the key under which members' words are sealed."""

from __future__ import annotations

import asyncio
import stat

from bot.cli.finding import Finding
from bot.settings import Settings
from bot.store import Store, StoreError, schema
from bot.store.content_keys import read_seal
from bot.store.engine import sqlite_file

_NAME = "content key"


def look_at_content_key(settings: Settings) -> Finding:
    """Whether members' words are sealed, and the key is its owner's alone."""
    file = settings.content_key_file
    try:
        left = asyncio.run(_left(settings))
    except StoreError as error:
        return Finding(_NAME, False, str(file) if file else "not set", str(error))
    if file is None:
        advice = "Recommended: `lawspeaker db new-key` makes a key under which they are sealed."
        return Finding(_NAME, True, "not set: members' words can be read by whoever has the database's files", advice)
    if file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return Finding(_NAME, False, f"{file}, which others may read", f"Run `chmod 600 {file}`.")
    if left:
        advice = "`lawspeaker db seal`, while the bot is stopped, seals them."
        return Finding(_NAME, True, f"{file}; records that its first key does not seal: {left:,}", advice)
    return Finding(_NAME, True, str(file))


async def _left(settings: Settings) -> int:
    """How many records are not sealed with the first key, 0 where there is none; StoreError for the keys alone."""
    read_seal(settings.content_key_file)
    if not await _is_usable(settings.database):
        return 0
    store = Store(settings.database, settings.chain_key, settings.content_key_file)
    try:
        await store.sealing.check()
        return await store.sealing.remaining() if settings.content_key_file is not None else 0
    finally:
        await store.close()


async def _is_usable(url: str) -> bool:
    """Whether there is a database to look into; what is amiss with it is told apart."""
    try:
        file = sqlite_file(url)
        if file is not None and not file.exists():
            return False
        await schema.check(url)
    except StoreError:
        return False
    return True
