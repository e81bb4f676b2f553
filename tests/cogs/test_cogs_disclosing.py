"""The files of an export: each within the limit, each readable by itself, nothing lost between them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from bot.discord_io.refusal import RefusedError
from cogs.disclosing import MOST_FILES, Files
from cogs.members import person_meant

AT = datetime(2026, 1, 2, tzinfo=UTC)


def test_records_over_the_limit_go_into_several_files_that_each_fit_and_are_json() -> None:
    files = Files(1, 2, AT, 5_000)
    for number in range(40):
        files.add("messages", {"id": number, "text": "é" * 200})
    files.add("settings", {"exempt_from_judging": True})
    texts = files.texts()
    assert len(texts) > 1
    assert all(len(text.encode()) <= 5_000 for text in texts)
    read: list[dict[str, Any]] = [json.loads(text) for text in texts]
    assert [one["id"] for part in read for one in part["messages"]] == list(range(40))
    assert [(part["part"], part["parts"]) for part in read] == [(n, len(read)) for n in range(1, len(read) + 1)]
    assert {(part["server_id"], part["member_id"]) for part in read} == {("1", "2")}
    assert read[-1]["settings"] == [{"exempt_from_judging": True}]


def test_more_than_fits_is_refused_with_a_sentence() -> None:
    files = Files(1, 2, AT, 1_500)
    for _ in range(MOST_FILES):
        files.add("messages", {"text": "w" * 400})
    with pytest.raises(RefusedError, match=f"More is on record about them than fits {MOST_FILES} files"):
        files.add("messages", {"text": "w" * 400})


@pytest.mark.parametrize("given", ["123456789012345678", " <@123456789012345678> ", "<@!123456789012345678>"])
def test_somebody_who_left_is_named_by_id(given: str) -> None:
    assert person_meant(None, given) == 123456789012345678


@pytest.mark.parametrize("given", ["", "ana", "12", "-123456789012345678", "9" * 20, "12345678901234567८"])
def test_what_is_no_users_id_gets_a_sentence(given: str) -> None:
    with pytest.raises(RefusedError, match="That is no user's id"):
        person_meant(None, given)


def test_one_of_member_and_id_is_given() -> None:
    for member, user_id in ((None, None), (SimpleNamespace(id=5), "123456789012345678")):
        with pytest.raises(RefusedError, match="one of the two"):
            person_meant(member, user_id)  # type: ignore[arg-type]
