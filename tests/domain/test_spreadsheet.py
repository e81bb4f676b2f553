"""Tables as CSV: every cell comes back, and none is a formula."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.spreadsheet import csv_table


def read(table: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(table, newline="")))


def as_written(cell: str) -> str:
    """A cell without the apostrophes that keep it, or a part of it, from being a formula."""
    return re.sub("'(?=[=+@\uff1d\uff0b\uff0d\uff20-])", "", cell.removeprefix("'"))


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "  =1", "\uff1d1"])
def test_a_cell_that_would_be_a_formula_gets_an_apostrophe(cell: str) -> None:
    assert read(csv_table(["text"], [[cell]])) == [["text"], [f"'{cell}"]]


@pytest.mark.parametrize("between", [";", "\t", "\n", "\r\n", "; ", ';"', ";''", '\n "'])
@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\uff1d1"])
def test_a_part_that_a_spreadsheet_with_another_separator_would_cut_off_is_no_formula(
    between: str, formula: str
) -> None:
    ((_,), (cell,)) = read(csv_table(["text"], [[f"words{between}{formula}"]]))
    assert cell == f"words{between}'{formula}"


@pytest.mark.parametrize("before", ["\t", "\n", ";", "\r\n"])
def test_a_formula_behind_a_separator_at_the_beginning_is_none_either(before: str) -> None:
    ((_,), (cell,)) = read(csv_table(["text"], [[f"{before}=1"]]))
    assert cell.removeprefix("'") == f"{before}'=1"


def test_a_long_text_takes_no_long_time() -> None:
    assert len(csv_table(["text"], [["\n" * 200_000 + "words" + ';"' * 200_000]])) > 800_000


def test_ordinary_text_stays_as_it_is() -> None:
    for text in ("a - b, -5 + 6 = 1", "me@mail.example; you too", "1;2;3", 'said "no"\nand left'):
        assert read(csv_table(["text"], [[text]])) == [["text"], [text]]


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r")), min_size=2, max_size=2)))
def test_every_other_cell_comes_back_as_it_was(rows: list[list[str]]) -> None:
    back = read(csv_table(["a", "b"], rows))[1:]
    assert [[as_written(cell) for cell in row] for row in back] == [[as_written(cell) for cell in row] for row in rows]
    assert not [cell for row in back for cell in row if cell.lstrip().startswith(("=", "+", "-", "@"))]
