"""Labelled texts from a file, CSV or JSON lines, for `lawspeaker eval`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.cli.common import CliError
from bot.cli.textfile import encodable, json_object, read_text

_TRUE = {"1", "true", "yes"}
_FALSE = {"0", "false", "no"}
_MOST_FIELD = 1_000_000  # characters; Python's own limit of a CSV field is less than a long document


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text, whether it breaks the policy, and the key of the rule that it breaks where the data say."""

    text: str
    breaks: bool
    rule: str | None


def read_labelled(path: Path, text_field: str, label_field: str) -> list[Labelled]:
    """Every row of a file, in order; CliError, naming the line, for what is no labelled text."""
    rows = _csv_rows(path) if path.suffix.casefold() == ".csv" else _json_rows(path)
    found = [_labelled(path, line, row, text_field, label_field) for line, row in rows]
    if not found:
        raise CliError(f"{path} holds no texts: write a row with {text_field!r} and {label_field!r} for each.")
    return found


def _labelled(path: Path, line: int, row: Mapping[str, Any], text_field: str, label_field: str) -> Labelled:
    for field in (text_field, label_field):
        if row.get(field) is None:
            raise CliError(f"{path}, line {line}, has no {field!r}: name the fields with --text and --label.")
    text = row[text_field]
    if not isinstance(text, str) or not text.strip():
        raise CliError(f"{path}, line {line}: {text_field!r} holds no text.")
    said = str(row[label_field]).strip().casefold()
    if said not in _TRUE | _FALSE:
        raise CliError(f"{path}, line {line}: {label_field!r} must be 0, 1, true or false.")
    rule = row.get("rule")
    return Labelled(encodable(text), said in _TRUE, encodable(str(rule)) if rule not in (None, "") else None)


def _json_rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(read_text(path, "--data").split("\n"), 1):
        if not line.strip():
            continue
        row = json_object(line)
        if row is None:
            raise CliError(f"{path}, line {number}, is no JSON object: write one a line, or name the file .csv.")
        yield number, row


def _csv_rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    csv.field_size_limit(_MOST_FIELD)
    reader = csv.DictReader(io.StringIO(read_text(path, "--data"), newline=""), strict=True)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise CliError(f"{path}, line {reader.line_num}, is no CSV: {error}.") from None
