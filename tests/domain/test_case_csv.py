"""Cases as CSV: readable by a spreadsheet, harmless in it."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from bot.domain.case_csv import cases_csv
from tests.cogs.cases.full import full_case


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_taken_for_a_formula(start: str) -> None:
    case = replace(full_case(), notes=())
    text = f'{start}HYPERLINK("https://site.example";"look")'
    said = replace(case.submission, text=text, author_name=f"{start}name")
    (row,) = csv.DictReader(io.StringIO(cases_csv([replace(case, submission=said)])))
    assert (row["text"], row["author"]) == (f"'{text}", f"'{start}name")
    assert not any(cell.startswith(start) for cell in row.values())


def test_a_cell_keeps_line_breaks_quotes_and_commas() -> None:
    case = replace(full_case(), notes=())
    text = 'two\nlines, "quoted"'
    (row,) = csv.DictReader(io.StringIO(cases_csv([replace(case, submission=replace(case.submission, text=text))])))
    assert row["text"] == text
    assert row["message_id"] == str(case.submission.message_id)
