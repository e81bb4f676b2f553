"""What the commands share: an error for the shell, output, settings, and finding policy, model and store."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.discord_io.text import plain
from bot.domain.policy import MAX_POLICY_CHARACTERS, Policy, PolicyError
from bot.domain.policy_text import parse_policy
from bot.judge.models import ModelFile, resolve_model
from bot.logs import configure_logs
from bot.settings import Settings, load_settings
from bot.store import Store, schema
from bot.store.engine import sqlite_file

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON only.")]

_MOST_POLICY_BYTES = 4 * MAX_POLICY_CHARACTERS  # a character takes at most four in UTF-8


class CliError(Exception):
    """Unusable input; the message is one sentence that says what to do."""


def print_json(value: Any) -> None:
    """Write one JSON value as one line of ASCII on stdout, at once.

    Whatever members wrote is then neither a line break to a reader nor a command to a terminal.
    """
    print(json.dumps(value), flush=True)


def say(line: str) -> None:
    """Write one line on stderr, whatever is quoted in it."""
    print(" ".join(plain(line).split()), file=sys.stderr)


def settings_for_command() -> Settings:
    """The settings of a command that ends by itself: it logs only what is amiss unless told to debug."""
    settings = load_settings()
    configure_logs(settings, "warning" if settings.log_level == "info" else settings.log_level)
    return settings


def read_policy(path: Path) -> Policy:
    """Read and parse a policy file; CliError where the file cannot be used, PolicyError where its text cannot."""
    try:
        with path.open("rb") as file:
            raw = file.read(_MOST_POLICY_BYTES + 1)
    except FileNotFoundError:
        raise CliError(f"There is no policy file {path}: check the path.") from None
    if len(raw) > _MOST_POLICY_BYTES:
        raise CliError(f"{path} is too long for a policy: shorten it to {MAX_POLICY_CHARACTERS:,} characters.")
    try:
        return parse_policy(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise CliError(f"{path} is no text in UTF-8: save it as UTF-8.") from None
    except PolicyError as error:
        raise PolicyError(f"{path}: {error}") from None


def usable_model(settings: Settings) -> ModelFile | None:
    """The model that is set, checked; None where a remote server judges alone.

    ModelError where it, or the reasoner's, is missing or damaged.
    """
    if settings.remote_url is not None and settings.remote_fallback == "none":
        return None
    if settings.reasoner_model is not None:
        resolve_model(settings.reasoner_model, settings.model_dir)
    return local_model(settings)


def local_model(settings: Settings) -> ModelFile:
    """The model on this machine that is set, checked; ModelError where it is missing or damaged."""
    return resolve_model(settings.model, settings.model_dir)


async def ensure_database(settings: Settings) -> None:
    """Make the database where there is none yet; one that is there is left as it is. StoreError."""
    file = sqlite_file(settings.database)
    if file is not None and not file.exists():
        await schema.upgrade(settings.database)


@asynccontextmanager
async def existing_store(settings: Settings) -> AsyncIterator[Store]:
    """The store, open; CliError where there is no database yet, StoreError where it cannot be used."""
    file = sqlite_file(settings.database)
    if file is not None and not file.exists():
        raise CliError(f"There is no database at {file} yet: `lawspeaker run` or `lawspeaker guild set` makes it.")
    store = Store(settings.database, settings.chain_key, settings.content_key_file)
    try:
        await store.check_schema()
        yield store
    finally:
        await store.close()
