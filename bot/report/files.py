"""The files of a report: the page and the verdicts, each replaced at once, never left half written."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from bot.domain.spreadsheet import csv_table
from bot.report.content import Evaluation, Row, Way
from bot.report.page import page

PAGE = "index.html"
VERDICTS = "verdicts.csv"


class ReportError(ValueError):
    """A folder that cannot hold the report; the message is one sentence that says what to do."""


def check_folder(folder: Path) -> None:
    """Make the folder where there is none, and try whether files can be written there; ReportError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        draft = _draft(folder / PAGE)
        draft.touch()
        draft.unlink()
    except (FileExistsError, NotADirectoryError):
        raise ReportError(f"--report {folder} is a file, or within one: name a folder.") from None
    except OSError as error:
        raise ReportError(f"--report {folder} cannot be written to ({error.strerror}): name another folder.") from None


def write_report(folder: Path, found: Evaluation) -> Path:
    """Write the page and the verdicts into a folder that `check_folder` has seen; the page's path."""
    _write(folder / VERDICTS, verdicts_csv(found.rows, found.ways))
    _write(folder / PAGE, page(found))
    return folder / PAGE


def verdicts_csv(rows: Iterable[Row], ways: Iterable[Way]) -> str:
    """A row a text: the text, its label, the judge's probability and likeliest rule; empty where not judged.

    A column for each other way of judging follows. No cell is a formula to a spreadsheet: one that would be has an
    apostrophe before it.
    """
    others = list(ways)[1:]
    said = [iter(way.measured.judged) for way in others]
    table: list[list[str]] = []
    for row in rows:
        cells = [row.text, str(int(row.breaks)), "", "", *("" for _ in others)]
        if row.judged is not None:
            cells[2:] = [_number(row.judged.probability), row.judged.likeliest or ""]
            cells += [_number(next(answers).probability) for answers in said]
        table.append(cells)
    return csv_table(["text", "label", "probability", "rule", *(way.key for way in others)], table)


def _number(probability: float) -> str:
    return f"{probability:.6f}"


def _write(path: Path, text: str) -> None:
    draft = _draft(path)
    try:
        draft.write_text(text, "utf-8", newline="")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _draft(path: Path) -> Path:
    """Where a file is written before it takes the place of the one at `path`."""
    return path.with_name(f".{path.name}.{os.getpid()}.tmp")
