"""`lawspeaker db`: the schema and the data."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.chains import check_chains, read_head
from bot.cli.common import CliError, existing_store, say, settings_for_command
from bot.cli.sealing import new_key, seal
from bot.cli.stage import bar
from bot.settings import Settings
from bot.store import StoreError, backups, schema
from bot.store.engine import sqlite_file
from bot.store.lock import InstanceLock
from bot.web.probe import bot_answers

app = typer.Typer(help="Migrate, check, seal, back up and restore the database.", no_args_is_help=True)
app.command("new-key")(new_key)
app.command()(seal)


@app.command()
def upgrade() -> None:
    """Apply pending migrations; a SQLite database is backed up first. Stop the bot before."""
    kept = asyncio.run(_upgrade(settings_for_command()))
    if kept is not None:
        print(f"The database as it was is kept in {kept}.")
    print("The database is up to date.")


async def _upgrade(settings: Settings) -> Path | None:
    """Under a bot that runs the tables must not change; where they would not, it may run."""
    url = settings.database
    if await schema.current(url) == schema.head():
        return None
    async with InstanceLock(url):
        kept = await schema.upgrade(url)
        # Without the key of what is sealed it is left to the bot, which does not start without it.
        with suppress(StoreError):
            await _index_cases(settings)
        return kept


async def _index_cases(settings: Settings) -> None:
    async with existing_store(settings) as store:
        with bar("cases", await store.indexing.remaining()) as passed:
            await store.indexing.index_all(passed)


@app.command()
def check(
    head: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HASH",
            help="A chain's hash as it was posted in the mod log; may be given more than once.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Say whether the database is up to date and whole, and whether what is on record was changed afterwards.

    The bot may run meanwhile. The exit status is 1 where something is wrong.
    """
    heads = [read_head(one) for one in head or ()]
    settings = settings_for_command()
    url = settings.database
    file = sqlite_file(url)
    if file is not None and not file.exists():
        raise CliError(f"There is no database at {file} yet: run `lawspeaker db upgrade` to make it.")
    trouble = asyncio.run(schema.trouble(url))
    for sentence in trouble:
        say(sentence)
    if trouble or not asyncio.run(check_chains(settings, heads)):
        raise typer.Exit(1)
    print("The database is up to date and whole.")


@app.command()
def backup(
    target: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="Where to; beside the database unless given.", show_default=False),
    ] = None,
) -> None:
    """Copy the database, also while the bot runs."""
    kept = asyncio.run(backups.backup(settings_for_command().database, target))
    print(f"The backup is {kept}.")


@app.command()
def restore(source: Annotated[Path, typer.Argument(metavar="FILE", help="A backup.")]) -> None:
    """Put a backup in the database's place; what it replaces is kept. Stop the bot first."""
    settings = settings_for_command()
    if bot_answers(settings.web_host, settings.web_port):
        raise CliError("The bot is running: stop it, then restore the backup.")
    kept = asyncio.run(_restore(settings.database, source))
    if kept is not None:
        print(f"The database as it was is kept in {kept}.")
    print(f"The database is now {source}; `lawspeaker db upgrade` brings an older one up to date.")


async def _restore(url: str, source: Path) -> Path | None:
    async with InstanceLock(url):
        return await backups.restore(url, source)
