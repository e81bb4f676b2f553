"""Each setting is described once: named as in GuildSettings, within Discord's limits, read or refused in words."""

from __future__ import annotations

import pytest

from bot.discord_io.limits import CHOICE_NAME, MODAL_TITLE
from bot.domain.decision import Mode, Thresholds
from bot.domain.guild import GuildSettings
from bot.domain.ladder import read_ladder
from bot.domain.setting_fields import FIELDS, PAGES, read_change
from bot.domain.setting_kinds import Field, Kind
from bot.domain.setting_values import MOST_ROLES, SettingError, read_probability, read_thresholds

DEFAULTS = GuildSettings(1)
ROWS = 5


@pytest.mark.parametrize("one", FIELDS.values(), ids=FIELDS)
def test_every_setting_shows_its_default_and_reads_it_again(one: Field) -> None:
    value = one.value_in(DEFAULTS)
    assert one.show(value)
    assert hasattr(DEFAULTS, one.name)
    if one.kind in {Kind.CHOICE, Kind.TYPED, Kind.PER_RULE}:
        assert one.read("/".join(one.typed(value))) == value


@pytest.mark.parametrize("one", FIELDS.values(), ids=FIELDS)
def test_every_setting_is_named_and_explained_within_discords_limits(one: Field) -> None:
    assert len(one.title) <= MODAL_TITLE
    assert len(one.meaning) <= 100
    assert len(one.how) <= 100
    assert one.meaning.endswith(".")
    assert all(len(label) <= MODAL_TITLE for label in one.inputs)
    assert all(len(f"{one.title}: {words}") <= CHOICE_NAME for words in one.choices.values())


def test_every_page_fits_discords_rows() -> None:
    for page in PAGES:
        buttons = sum(one.kind is Kind.TYPED for one in page.fields)
        assert buttons <= ROWS
        assert 1 + (buttons > 0) + len(page.fields) - buttons <= ROWS


@pytest.mark.parametrize(
    ("typed", "share"),
    [
        ("85", 0.85),
        ("0.85", 0.85),
        ("85 %", 0.85),
        ("85%", 0.85),
        ("0,85", 0.85),
        (" 1 ", 1.0),
        ("1 %", 0.01),
        ("0", 0.0),
        ("100", 1.0),
        ("99.5", 0.995),
        ("0.5 %", 0.005),
    ],
)
def test_a_probability_is_read_however_it_is_typed(typed: str, share: float) -> None:
    assert read_probability(typed) == pytest.approx(share)


@pytest.mark.parametrize("typed", ["", "101", "100.1 %", "-1", "nan", "inf", "1e1", "85 percent", "٨٥", "0x1", "8 5"])
def test_what_is_no_probability_gets_a_sentence_that_shows_one(typed: str) -> None:
    with pytest.raises(SettingError, match=r"as 85, 0\.85 or 85 %"):
        read_probability(typed)


def test_thresholds_are_given_in_pairs_and_in_order() -> None:
    assert read_thresholds("90/60 %") == Thresholds(0.9, 0.6)
    assert read_thresholds("70/70") == Thresholds(0.7, 0.7)
    assert read_thresholds("/") is None
    with pytest.raises(SettingError, match="60 % is above"):
        read_thresholds("50/60")
    for given in ("50", "50/", "/50", "1/2/3"):
        with pytest.raises(SettingError, match="Give both"):
            read_thresholds(given)


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("mode=enforce", Mode.ENFORCE),
        ("judge_bots=Yes", True),
        ("log_channel_id=<#12>", 12),
        ("log_channel_id=none", None),
        ("escalation_role_id=", None),
        ("moderator_role_ids=1, <@&2>", frozenset({1, 2})),
        ("keep_case_days=14 days", 14),
        ("keep_allowed_days=0", 0),
        ("brake_seconds=60 s", 60),
        ("backfill_minutes=0", 0),
        ("backfill_minutes=10080 minutes", 10_080),
        ("thresholds=85/50", Thresholds(0.85, 0.5)),
    ],
)
def test_the_shell_writes_a_setting_as_name_and_value(given: str, value: object) -> None:
    change = read_change(given)
    assert (change.value, change.rule) == (value, "")


def test_a_ladder_is_written_for_all_rules_or_for_one_and_none_is_another_thing_than_nothing() -> None:
    steps = read_ladder("3 cases in 7 days: timeout 1h; 5 in 30 days: ban")
    general = read_change("ladder=3 in 7d: timeout 1h; 5 in 30d: ban")
    assert (general.field.name, general.rule, general.value) == ("ladder", "", steps)
    of_rule = read_change("ladder.2=none")
    assert (of_rule.rule, of_rule.value) == ("2", ())
    assert read_change("ladder.2=").value is None


def test_a_rules_thresholds_are_named_with_the_rule() -> None:
    change = read_change("thresholds.SP2.a=90/60")
    assert (change.field.name, change.rule, change.value) == ("thresholds", "SP2.a", Thresholds(0.9, 0.6))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("colour=red", "where NAME is one of mode,"),
        ("mode", "write NAME=VALUE"),
        ("mode.2=off", "write NAME=VALUE"),
        ("thresholds.=85/50", "write NAME=VALUE"),
        ("mode=loud", "one of off, shadow, enforce"),
        ("judge_bots=maybe", "one of yes, no"),
        ("keep_case_days=0", "a whole number of days from 1 to 365"),
        ("keep_case_days=366", "a whole number of days from 1 to 365"),
        ("keep_allowed_days=1.5", "a whole number of days from 0 to 90"),
        ("backfill_minutes=10081", "a whole number of minutes from 0 to 10,080"),
        ("backfill_minutes=-1", "a whole number of minutes from 0 to 10,080"),
        ("brake_actions=0", "a whole number of actions from 1 to 10,000"),
        ("log_channel_id=general", "no id of Discord's"),
        ("ladder=3 strikes", "written as ladder=3 in 7d: timeout 1h; 5 in 30d: ban: “3 strikes” is no step"),
        ("ladder.=none", "write NAME=VALUE"),
        (f"log_channel_id={2**63}", "no id of Discord's"),
        ("moderator_role_ids=" + ",".join(map(str, range(1, MOST_ROLES + 2))), "at most 25"),
    ],
)
def test_a_value_that_cannot_be_used_gets_a_sentence_that_says_what_to_write(given: str, sentence: str) -> None:
    with pytest.raises(SettingError, match=sentence):
        read_change(given)
