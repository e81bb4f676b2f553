"""Texts and JSON lines as people hand them to a command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bot.cli.common import CliError


def read_text(path: Path, option: str) -> str:
    """A file's text, its line ends as they are; CliError where the file named with `option` is none in UTF-8."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise CliError(f"There is no file {path}: check the path given to {option}.") from None
    except UnicodeDecodeError:
        raise CliError(f"{path} is no text in UTF-8: save it as UTF-8.") from None


def json_object(line: str) -> dict[str, Any] | None:
    """The JSON object that a line holds; None where it holds none."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def encodable(text: str) -> str:
    """`text` with what is no character (half a surrogate pair, a byte that was no UTF-8) as a question mark."""
    return text.encode("utf-8", "replace").decode()
