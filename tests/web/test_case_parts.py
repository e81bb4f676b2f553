"""How a case is drawn and asked for on the console: quotes, bars, addresses and names, without a server."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from bot.discord_io.refusal import RefusedError
from bot.domain.audit import THE_SHELL
from bot.domain.decision import Decision, Mode, Outcome, Thresholds, ThresholdTable
from bot.domain.records import CaseRecord, CaseStatus
from bot.domain.submission import Submission
from bot.domain.verdict import Verdict
from bot.web.console.case_parts import Bar, bars, excerpt, parted, pieces, read_as
from bot.web.console.case_query import CaseQuery
from bot.web.console.names import MOST_ASKED, MOST_KEPT, Names, People

NOW = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


# -- the quote -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "quote", "marked"),
    [
        ("come to my shop", "to my", ["to my"]),
        ("come to my shop", "", []),
        ("come to my shop", "elsewhere", []),
        ("Come  to\nmy shop", "come to my", ["Come  to\nmy"]),
        ("a+b (c) a+b", "a+b (c)", ["a+b (c)"]),
        ("shop shop", "shop", ["shop"]),
        ("\u202eshop\u200b here", "shop", ["shop"]),
        ("", "shop", []),
    ],
)
def test_the_quote_is_marked_where_it_stands_and_nothing_is_lost(text: str, quote: str, marked: list[str]) -> None:
    cut = pieces(text, quote)
    assert [piece.text for piece in cut if piece.is_quote] == marked
    assert "".join(piece.text for piece in cut) == text.replace("\u202e", "").replace("\u200b", "")


def test_what_the_judge_read_is_shown_where_it_is_more_than_blanks_away() -> None:
    assert read_as("b u y", "buy") == "buy"
    assert read_as("buy  it\n now", "buy it now") == ""
    assert read_as("buy", "") == ""


def test_an_excerpt_is_one_line_of_bounded_length() -> None:
    assert excerpt("two\nlines \u202e here") == "two lines here"
    assert len(excerpt("w" * 5_000)) == 160


# -- bars ------------------------------------------------------------------------------------------------


def case(verdict: Verdict | None) -> CaseRecord:
    said = Submission(1, 2, 3, 0, 4, "ana", "words", "words", (), NOW)
    return CaseRecord(1, 5, 1, said, verdict, Decision(Outcome.ACT, "2"), Mode.ENFORCE, 1, (), (), NOW, "")


def test_each_rule_has_a_bar_the_likeliest_first_with_its_own_thresholds() -> None:
    verdict = Verdict("2", {"1": 0.1, "2": 0.9, "3": 0.6}, "d", "m", "d")
    table = ThresholdTable(Thresholds(0.85, 0.5), {"3": Thresholds(0.7, 0.65)})
    drawn = bars(case(verdict), {"2": "No ads."}, table)
    assert [(bar.key, bar.reach, bar.is_decided) for bar in drawn] == [
        ("2", "act", True),
        ("3", "none", False),
        ("1", "none", False),
    ]
    assert (drawn[0].text, drawn[0].share, drawn[1].review_at) == ("No ads.", 90.0, 65.0)
    assert Bar("1", "", 55.0, 50.0, 85.0, is_decided=False).reach == "review"


def test_of_many_rules_those_stand_apart_that_reach_nothing_and_are_not_among_the_likeliest() -> None:
    verdict = Verdict("1", {str(key): (21 - key) / 25 for key in range(1, 21)}, "d", "m", "d")
    table = ThresholdTable(Thresholds(0.85, 0.7))
    first, beside = parted(bars(case(verdict), {}, table))
    assert [bar.key for bar in first] == ["1", "2", "3"]
    assert [bar.key for bar in beside] == [str(key) for key in range(4, 21)]
    first, beside = parted(
        bars(case(verdict), {}, ThresholdTable(Thresholds(0.85, 0.7), {"20": Thresholds(0.01, 0.0)}))
    )
    assert [bar.key for bar in first] == ["1", "2", "3", "20"]
    assert "20" not in [bar.key for bar in beside]
    few = bars(case(Verdict("1", {"1": 0.9, "2": 0.1, "3": 0.1, "4": 0.1}, "d", "m", "d")), {}, table)
    assert parted(few) == (few, ())


def test_what_was_not_judged_has_no_bars() -> None:
    assert bars(case(None), {}, ThresholdTable()) == ()


# -- addresses -------------------------------------------------------------------------------------------


def test_an_address_says_what_is_asked_for_and_is_read_back() -> None:
    query = CaseQuery(text="a & b", status="open", member="17")
    assert query.with_() == "cases?text=a+%26+b&status=open&member=17"
    assert query.with_(up_to=5, text="") == "cases?status=open&member=17&up_to=5"
    assert CaseQuery().with_() == "cases"
    assert CaseQuery.read({"text": " a & b ", "status": "open", "member": "17", "other": "x"}) == query
    wanted = query.filter()
    assert (wanted.text, wanted.status, wanted.member_id) == ("a & b", CaseStatus.OPEN, 17)
    assert (CaseQuery(up_to="5").is_narrowed, query.is_narrowed) == (False, True)


@pytest.mark.parametrize("field", ["member", "channel", "moderator", "up_to", "status", "since"])
@pytest.mark.parametrize("given", ["x", "-1", "1.5", "٣", "9" * 40, "<script>"])
def test_what_is_no_such_thing_is_refused_in_one_sentence(field: str, given: str) -> None:
    with pytest.raises(RefusedError) as caught:
        CaseQuery.read({field: given}).filter()
    assert len(str(caught.value)) < 200


# -- names -----------------------------------------------------------------------------------------------


class Guild:
    """A server of which every third member is known to Discord; counts how often it is asked."""

    id = 1

    def __init__(self) -> None:
        self.asked: list[int] = []

    def get_member(self, member_id: int) -> Any:
        return None

    async def fetch_member(self, member_id: int) -> Any:
        self.asked.append(member_id)
        return SimpleNamespace(display_name=f"member-{member_id}\u202e")

    def get_channel_or_thread(self, channel_id: int) -> Any:
        return SimpleNamespace(name="general") if channel_id == 5 else None


def test_a_sentence_of_ours_is_shown_with_names_and_times_in_place_of_markup() -> None:
    names = Names(Guild(), {17: "bo"}, ())  # type: ignore[arg-type]
    said = "Case 4 was confirmed by <@17>, <t:1767323040:R>, in <#5>, after <@!18> and <@0>."
    assert names.sentence(said) == (
        "Case 4 was confirmed by bo, 2026-01-02 03:04 UTC, in #general, after member 18 and "
        "the operator of the bot's machine."
    )
    assert names.sentence("<b> <@x> <t:99999999999999:R>") == "<b> <@x> <t:99999999999999:R>"


async def test_discord_is_asked_once_for_some_minutes_and_for_some_people_of_a_page() -> None:
    now, guild = 0.0, Guild()
    people = People(lambda: now)
    names = await people.names(guild, [17, 17, None, THE_SHELL, 18], {18: "bo"}, hidden=())  # type: ignore[arg-type]
    assert (names.member(17), names.member(18)) == ("member-17", "bo")
    await people.names(guild, [17], hidden=())  # type: ignore[arg-type]
    assert guild.asked == [17]
    now = 601.0
    await people.names(guild, [17], hidden=())  # type: ignore[arg-type]
    assert guild.asked == [17, 17]
    await people.names(guild, range(100, 200), hidden=())  # type: ignore[arg-type]
    assert len(guild.asked) == 2 + MOST_ASKED
    for first in range(1_000, 1_000 + MOST_KEPT + MOST_ASKED, MOST_ASKED):
        await people.names(guild, range(first, first + MOST_ASKED), hidden=())  # type: ignore[arg-type]
    assert len(people._known) == MOST_KEPT
