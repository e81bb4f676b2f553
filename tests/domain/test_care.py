"""Where someone may hurt themselves help is offered: which rules are about that is said by them, or by their words."""

from __future__ import annotations

import pytest

from bot.domain.care import offers_help, read_as, with_help
from bot.domain.decision import Outcome, Thresholds, ThresholdTable, decide
from bot.domain.help_lines import MOST_CHARACTERS, read_help_lines
from bot.domain.policy_text import parse_policy, read_rule
from bot.domain.setting_values import SettingError
from bot.domain.verdict import Verdict
from bot.packs import load_packs

TABLE = ThresholdTable(Thresholds(0.8, 0.5))
POLICY = parse_policy(
    "1. No insults. [delete]\n"
    "2. Someone may hurt themselves: bring a human. [escalate]\n"
    "3. Hilfe gesucht. [flag, help]\n"
)


def decided(lines: str | None, **probabilities: float) -> tuple[Outcome, list[str]]:
    """What is decided where rules seem so likely, with these help lines."""
    verdict = Verdict("1", {key.lstrip("r"): one for key, one in probabilities.items()}, POLICY.digest, "m", "d")
    decision = with_help(decide(verdict, POLICY, TABLE), verdict, POLICY, TABLE, lines)
    return decision.outcome, [str(one) for one in decision.actions]


@pytest.mark.parametrize(
    "text",
    [
        "Someone may hurt themselves: bring a human. [escalate]",
        "Somebody may hurt or kill themselves [escalate, delete]",
        "Talk of suicide [escalate]",
        "Self-harm, or a danger to oneself [escalate]",
        "A member who wants to die [escalate]",
        "Threats to end their own life [escalate]",
        "Wer sich etwas antun will [help]",
        "Crisis [flag, help]",
    ],
)
def test_a_rule_offers_help_by_the_word_or_where_it_calls_a_human_for_who_may_hurt_themselves(text: str) -> None:
    assert offers_help(read_rule("1", text))


@pytest.mark.parametrize(
    "text",
    [
        "No telling people to kill themselves [delete, ban]",
        "No threats to hurt other members [escalate]",
        "Members who need a moderator [escalate]",
        "No selfies [escalate]",
    ],
)
def test_other_rules_do_not(text: str) -> None:
    assert not offers_help(read_rule("1", text))


def test_of_the_packs_only_the_one_about_self_harm_offers_help() -> None:
    assert {pack.name for pack in load_packs() if any(map(offers_help, pack.policy.rules))} == {"selfharm"}


def test_moderators_see_what_a_rules_words_make_of_it_where_it_does_not_say_so() -> None:
    assert [read_as(rule) for rule in POLICY.rules] == [(), ("about self-harm: offers help lines",), ()]


def test_help_is_offered_where_the_bot_acts_where_it_asks_a_human_and_beside_another_rule() -> None:
    assert decided("000", r2=0.9) == (Outcome.ACT, ["escalate", "help"])
    assert decided("000", r2=0.6) == (Outcome.REVIEW, ["escalate", "help"])
    assert decided("000", r1=0.95, r2=0.9) == (Outcome.ACT, ["delete", "escalate", "help"])
    assert decided("000", r3=0.9) == (Outcome.ACT, ["flag", "help"])
    assert decided("000", r3=0.6) == (Outcome.REVIEW, ["help"])


def test_help_is_not_offered_where_no_rule_about_it_is_reached() -> None:
    assert decided("000", r1=0.9, r2=0.7) == (Outcome.ACT, ["delete"])
    assert decided("000", r2=0.4) == (Outcome.ALLOW, [])


def test_without_help_lines_only_what_the_policy_says_itself_is_left() -> None:
    assert decided(None, r2=0.9) == (Outcome.ACT, ["escalate"])
    assert decided(None, r3=0.9) == (Outcome.ACT, ["flag", "help"])


def test_help_lines_are_the_servers_words_up_to_a_thousand_characters() -> None:
    assert read_help_lines("  call 000\r\nor 111 ") == "call 000\nor 111"
    assert read_help_lines(" ") is None
    with pytest.raises(SettingError, match=r"have 1,001 characters: shorten them to 1,000 or fewer"):
        read_help_lines("x" * (MOST_CHARACTERS + 1))
