"""Tables as CSV that no spreadsheet takes a formula from. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

# What makes a spreadsheet take a cell for a formula (OWASP, "CSV Injection"); the wide forms do so in some.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def csv_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A header and rows as CSV, every cell quoted; one that would be a formula has an apostrophe before it."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return file.getvalue()


def _harmless(cell: str) -> str:
    # Blanks before it do not keep every spreadsheet from taking a formula for one.
    return f"'{cell}" if cell.startswith(_FORMULA) or cell.lstrip().startswith(_FORMULA) else cell
