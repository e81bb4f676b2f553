"""What the commands share: errors for the shell, JSON on stdout, the store, and reading a policy file."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.domain.policy import MAX_POLICY_CHARACTERS, Policy, PolicyError
from bot.domain.policy_text import parse_policy
from bot.logs import configure_logs
from bot.settings import Settings, load_settings

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON only.")]

_MOST_BYTES_PER_CHARACTER = 4


class CliError(ValueError):
    """Unusable input; the message is one sentence that says what to do."""


def print_json(value: Any) -> None:
    """Write one JSON value as one line on stdout, at once."""
    print(json.dumps(value, ensure_ascii=False), flush=True)


def say(line: str) -> None:
    """Write one line on stderr."""
    print(" ".join(line.split()), file=sys.stderr)


def settings_for_command() -> Settings:
    """The settings of a command that ends by itself: it logs only what is amiss unless told to debug."""
    settings = load_settings()
    configure_logs(settings, "warning" if settings.log_level == "info" else settings.log_level)
    return settings


def read_policy(path: Path) -> Policy:
    """Read and parse a policy file; CliError where the file cannot be used, PolicyError where its text cannot."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_POLICY_CHARACTERS * _MOST_BYTES_PER_CHARACTER + 1)
        source = raw.decode("utf-8-sig")
    except FileNotFoundError:
        raise CliError(f"There is no policy file {path}: check the path.") from None
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":  # cut off by us: too long in any case
            source = raw.decode("utf-8", "replace")
        else:
            raise CliError(f"{path} is no text in UTF-8: save it as UTF-8.") from None
    except OSError as error:
        raise CliError(f"{path} cannot be read: {error.strerror or error}.") from None
    try:
        return parse_policy(source)
    except PolicyError as error:
        raise PolicyError(f"{path}: {error}") from None
