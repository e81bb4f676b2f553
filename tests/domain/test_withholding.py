"""Content about minors is never posted again, only linked: which rules that is said by them, or by their words."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.domain.care import read_as
from bot.domain.case_csv import cases_csv
from bot.domain.decision import Decision, Mode, Outcome
from bot.domain.policy_text import parse_policy, read_rule
from bot.domain.records import CaseRecord
from bot.domain.submission import ContextMessage, Submission
from bot.domain.verdict import Verdict
from bot.domain.verdict_json import case_json
from bot.domain.withholding import NOT_SHOWN, as_shown, is_only_linked, linked_rules, linked_rules_of, withholds
from bot.packs import load_packs

NOW = datetime(2026, 1, 2, tzinfo=UTC)
SECRET = "what was written"
POLICY = "1. No spam. [delete]\n2. No sexual content involving minors. [delete]\n3. Nichts mit Kindern. [flag, link]\n"


def case(*, only_linked: bool) -> CaseRecord:
    said = Submission(1, 2, 3, 0, 4, "ana", SECRET, SECRET, (ContextMessage("bo", SECRET),), NOW)
    verdict = Verdict("2", {"2": 0.9}, "d", "m", "d", rationale=SECRET, quote=SECRET, reasoning=SECRET)
    decision = Decision(Outcome.ACT, "2")
    return CaseRecord(
        1, 5, 1, said, verdict, decision, Mode.ENFORCE, 1, (), (), NOW, "", only_linked=only_linked
    )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "No sexual content involving minors. [delete, ban]",
        "No sexualising children",
        "CSAM",
        "No pornography with anybody under 18 [ban]",
        "No asking a teenager for pictures: bring a human. [escalate]",
        "Nichts mit Minderjährigen [escalate, link]",
    ],
)
def test_a_rule_is_only_linked_by_the_word_or_where_its_words_are_about_the_safety_of_minors(text: str) -> None:
    assert is_only_linked(read_rule("1", text))


@pytest.mark.parametrize(
    "text",
    [
        "No sexual content. [delete]",
        "Keep the chat friendly: kids read it. [delete]",
        "No kidding about exams [flag]",
        "No insults [delete]",
        "Somebody may hurt themselves [escalate]",
    ],
)
def test_other_rules_are_shown(text: str) -> None:
    assert not is_only_linked(read_rule("1", text))


def test_of_the_packs_all_rules_of_the_one_about_minors_are_only_linked_and_no_other() -> None:
    linked = {pack.name: linked_rules(pack.policy) for pack in load_packs() if linked_rules(pack.policy)}
    assert linked == {"minors": frozenset("12345")}


def test_moderators_see_what_a_rules_words_make_of_it_where_it_does_not_say_so() -> None:
    assert [read_as(rule) for rule in parse_policy(POLICY).rules] == [(), ("about minors: only linked",), ()]


def test_words_are_withheld_where_a_case_rests_on_such_a_rule_or_is_as_likely_as_not_to_break_one() -> None:
    linked = linked_rules_of(POLICY)
    assert linked == {"2", "3"}
    assert withholds(linked, "3", None)
    assert withholds(linked, "1", {"1": 0.99, "2": 0.5})
    assert not withholds(linked, "1", {"1": 0.99, "2": 0.49})
    assert not withholds(linked, None, None)
    assert linked_rules_of("1. No spam. [nonsense]") == frozenset()


def test_a_case_that_is_only_linked_is_shown_without_the_message_and_what_may_repeat_it() -> None:
    assert SECRET not in str(as_shown(case(only_linked=True)))
    assert as_shown(case(only_linked=False)) == case(only_linked=False)


def test_exports_have_a_link_and_say_that_it_is_not_shown() -> None:
    link = "https://discord.com/channels/1/2/3"
    shown = case_json(case(only_linked=True))
    assert SECRET not in json.dumps(shown)
    assert (shown["link"], shown["withheld"]) == (link, NOT_SHOWN)
    table = cases_csv([case(only_linked=True)])
    assert SECRET not in table
    assert f"{NOT_SHOWN} {link}" in table
    other = case_json(case(only_linked=False))
    assert (other["text"], other["withheld"]) == (SECRET, None)
    assert SECRET in cases_csv([replace(case(only_linked=False))])
