"""The files of a report: the page and the verdicts, each replaced at once, never left half written."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable
from pathlib import Path

from bot.report.content import Evaluation, Row, Way
from bot.report.page import page

PAGE = "index.html"
VERDICTS = "verdicts.csv"
# What makes a spreadsheet take a cell for a formula (OWASP, "CSV Injection"); the wide forms do so in some.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


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
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(["text", "label", "probability", "rule", *(way.key for way in others)])
    said = [iter(way.measured.judged) for way in others]
    for row in rows:
        cells = [row.text, str(int(row.breaks)), "", "", *("" for _ in others)]
        if row.judged is not None:
            cells[2:] = [_number(row.judged.probability), row.judged.likeliest or ""]
            cells += [_number(next(answers).probability) for answers in said]
        writer.writerow([_harmless(cell) for cell in cells])
    return file.getvalue()


def _number(probability: float) -> str:
    return f"{probability:.6f}"


def _harmless(cell: str) -> str:
    # Blanks before it do not keep every spreadsheet from taking a formula for one.
    return f"'{cell}" if cell.startswith(_FORMULA) or cell.lstrip().startswith(_FORMULA) else cell


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
