"""People as moderators write them: ids are told from names, and no name is taken for another."""

from __future__ import annotations

import pytest

from bot.discord_io.refusal import RefusedError
from bot.domain.audit import THE_SHELL
from bot.web.console.called import MOST_NAMED, Candidate, folded, id_in, meant, together

AN_ID = 812345678901234567


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("17", 17),
        ("0", 0),
        ("<@17>", 17),
        ("<@!17>", 17),
        (f"@{AN_ID}", AN_ID),
        (f"Bo ({AN_ID})", AN_ID),
        ("@1984", None),
        ("Bo (7)", None),
        ("Bo", None),
        ("9" * 40, None),
        ("１７", None),
    ],
)
def test_an_id_is_told_from_a_name(given: str, found: int | None) -> None:
    assert id_in(given) == found


@pytest.mark.parametrize("shown", ["Bo", "Bo (17)", "(", f"x ({AN_ID - 1})", "<@17>"])
def test_what_a_field_holds_is_read_as_the_same_person(shown: str) -> None:
    assert id_in(Candidate(AN_ID, shown, "bo").written) == AN_ID


def test_who_sits_at_the_machine_is_written_without_an_id() -> None:
    assert Candidate(THE_SHELL, "the operator").written == "the operator"


def test_case_width_blanks_and_what_cannot_be_seen_do_not_count() -> None:
    assert folded(" @Ｂo\u200b   SMITH\u202e ") == folded("bo smith")


def test_nobody_is_guessed_at() -> None:
    bo, bob = Candidate(1, "Bo", "b-1"), Candidate(2, "Bob", "b-2")
    assert meant("bo", [bo, bob]) is bo
    with pytest.raises(RefusedError, match=r"do you mean Bo \(@b-1, 1\), Bob \(@b-2, 2\)\?"):
        meant("b", [bo, bob])
    for nothing in ("@", "\u200b", "bobby"):
        with pytest.raises(RefusedError, match="Nobody here is called"):
            meant(nothing, [bo, bob])


def test_a_sentence_names_only_some_of_many() -> None:
    many = [Candidate(number, "Bo", f"b-{number}") for number in range(MOST_NAMED + 3)]
    with pytest.raises(RefusedError, match="and 3 more; write the @name"):
        meant("Bo", many)


def test_who_is_known_twice_is_one_person_with_all_names() -> None:
    (one,) = together([Candidate(1, "New", "b-1")], [Candidate(1, "Old")])
    assert (one.shown, one.account) == ("New", "b-1")
    assert meant("old", [one]) is one
