"""What can be said in SQL of columns that are sealed."""

from __future__ import annotations

import pytest

from bot.store import tables
from bot.store.sealed_columns import SealedJson, SealedText, sealed_columns


def test_a_comparison_that_would_find_nothing_is_refused() -> None:
    row = tables.Submission
    assert row.text != ""
    for wrong in (lambda: row.text == "words", lambda: row.text.like("w%"), lambda: row.context == [["ana", "words"]]):
        with pytest.raises(TypeError, match="sealed"):
            wrong()


def test_no_index_holds_words() -> None:
    found = list(sealed_columns(tables.Base.metadata.sorted_tables))
    assert len(found) == 6
    for table, columns in found:
        indexed = [column for index in table.indexes for column in index.columns]
        indexed += [column for constraint in table.constraints for column in getattr(constraint, "columns", ())]
        assert not set(indexed) & set(columns)


@pytest.mark.parametrize("kind", [SealedText, SealedJson])
def test_the_types_in_the_database_are_those_of_plain_columns(kind: type[SealedText | SealedJson]) -> None:
    assert kind().impl_instance.__class__.__name__ in {"Text", "JSON"}
