"""`lawspeaker db new-key` and `lawspeaker db seal`: members' words under a key."""

from __future__ import annotations

import asyncio

from bot.cli.common import CliError, existing_store, settings_for_command
from bot.cli.stage import bar
from bot.settings import Settings
from bot.store.content_keys import add_key
from bot.store.lock import InstanceLock
from bot.web.probe import bot_answers


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
    async with existing_store(settings) as store, InstanceLock(settings.database):
        await store.sealing.check()
        with bar("records", await store.sealing.remaining()) as passed:
            return await store.sealing.seal_all(passed)
