"""`lawspeaker db new-key` and `db seal`: members' words under a key, and what `lawspeaker doctor` says of that."""

from __future__ import annotations

import asyncio
import stat

from bot.cli.common import CliError, existing_store, settings_for_command
from bot.cli.finding import Finding
from bot.cli.stage import bar
from bot.settings import Settings
from bot.store import Store, StoreError, schema
from bot.store.content_keys import add_key, read_seal
from bot.store.engine import sqlite_file
from bot.web.probe import bot_answers

_NAME = "content key"


def new_key() -> None:
    """Make a key under which members' words are sealed from the next start on; older ones go on opening what they did.

    It goes into the file in LAWSPEAKER_CONTENT_KEY_FILE, or into one in the data folder.
    """
    settings = settings_for_command()
    file = settings.new_content_key
    count = add_key(file)
    print(f"A new key is in {file}" + (f", before {count - 1} older." if count > 1 else "."))
    if settings.content_key_file is None:
        print(f"Set LAWSPEAKER_CONTENT_KEY_FILE={file}")
    print("Keep a copy apart from the database and its backups: what is sealed cannot be read without it.")
    print("Then start the bot anew; `lawspeaker db seal`, while it is stopped, seals what was written before.")


def seal() -> None:
    """Seal members' words that stand in the database as they are, or under an older key. Stop the bot first.

    Cut off, it goes on where it was when it is run again.
    """
    settings = settings_for_command()
    if settings.content_key_file is None:
        raise CliError("There is no content key: make one with `lawspeaker db new-key`.")
    if bot_answers(settings.web_host, settings.web_port):
        raise CliError("The bot is running, and may not know the key: stop it, then seal.")
    count = asyncio.run(_seal(settings))
    print(f"Records sealed with the first key in {settings.content_key_file}: {count:,}. None is left.")
    print("Copies of the database from before hold what it held: delete them, or keep older keys to read them.")


async def _seal(settings: Settings) -> int:
    async with existing_store(settings) as store:
        await store.sealing.check()
        with bar("records", await store.sealing.remaining()) as passed:
            return await store.sealing.seal_all(passed)


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
