"""Tables as CSV that no spreadsheet takes a formula from. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

# What makes a spreadsheet take a cell for a formula (OWASP, "CSV Injection"); the wide forms do so in some.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# Where the list separator is another than the comma, a table in CSV is cut at it, whatever stands between quotes.
_SEPARATORS = frozenset(";\t\r\n")
_BEFORE_A_FORMULA = re.compile("(?<![\\s;\"'])[\\s;\"']++(?=[=+@\uff1d\uff0b\uff0d\uff20-])")


def csv_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A header and rows as CSV, every cell quoted; what would be a formula has an apostrophe before it.

    So has a part of a cell that a spreadsheet would take for a cell of its own.
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return file.getvalue()


def _harmless(cell: str) -> str:
    cell = _BEFORE_A_FORMULA.sub(_kept_apart, cell)
    # Blanks before it do not keep every spreadsheet from taking a formula for one.
    return f"'{cell}" if cell.startswith(_FORMULA) or cell.lstrip().startswith(_FORMULA) else cell


def _kept_apart(between: re.Match[str]) -> str:
    """What stands before a formula, with an apostrophe where a cell could begin in it."""
    return between[0] if _SEPARATORS.isdisjoint(between[0]) else f"{between[0]}'"
