"""The ladder: repeated violations step up; overturned cases do not count, being no times given to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ladder import (
    MOST_CASES,
    MOST_STEPS,
    Ladder,
    LadderTable,
    Step,
    reached,
    read_ladder,
    show_ladder,
    stepped_up,
)
from bot.domain.policy import Action, ActionKind
from bot.domain.policy_text import parse_policy
from bot.domain.setting_values import SettingError

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ISSUE = "3 flags in 7 days: timeout 1h; 5 in 30 days: ban"
WARN, KICK, BAN = (Action(ActionKind(name)) for name in ("warn", "kick", "ban"))
DELETE, ESCALATE, HELP, LINK = (Action(ActionKind(name)) for name in ("delete", "escalate", "help", "link"))
MILD = {DELETE, ESCALATE, HELP, LINK}

MINUTES = st.integers(1, 28 * 1_440).map(lambda minutes: timedelta(minutes=minutes))
TIMEOUTS = MINUTES.map(lambda duration: Action(ActionKind.TIMEOUT, duration))
FURTHER = st.one_of(st.sampled_from([WARN, KICK, BAN]), TIMEOUTS)
STEPS = st.builds(Step, st.integers(2, MOST_CASES), MINUTES, FURTHER)
LADDERS = st.lists(STEPS, max_size=MOST_STEPS)
TIMES = st.lists(st.integers(-60 * 1_440, 1_440).map(lambda minutes: NOW + timedelta(minutes=minutes)), max_size=60)
PIECES = ["3", "5", "0", "cases", "in", "7d", "30 days", ":", "->", ";", "\n", "timeout", "1h", "ban", "kick", "x"]
OWN = st.lists(st.one_of(FURTHER, st.sampled_from(sorted(MILD, key=str))), max_size=4, unique_by=lambda one: one.kind)


def timeout(duration: timedelta) -> Action:
    return Action(ActionKind.TIMEOUT, duration)


def severity(action: Action | None) -> tuple[int, timedelta]:
    """How severe an action is to its author, worst last; no action is the mildest."""
    if action is None:
        return -1, timedelta()
    return ["warn", "timeout", "kick", "ban"].index(action.kind), action.duration or timedelta()


def brought_by(ladder: Ladder, at: datetime, earlier: list[datetime]) -> Action | None:
    """The action of the step that is reached."""
    found = reached(ladder, at, earlier)
    return found.step.action if found else None


def agos(*hours: float) -> list[datetime]:
    return [NOW - HOUR * number for number in hours]


def test_the_ladder_of_the_issue_is_read_and_shown() -> None:
    ladder = read_ladder(ISSUE)
    assert ladder == (Step(3, 7 * DAY, timeout(HOUR)), Step(5, 30 * DAY, BAN))
    assert show_ladder(ladder) == "3 cases in 7d: timeout 1h; 5 cases in 30d: ban"


@pytest.mark.parametrize(
    "text",
    [
        "5 violations within 30d -> BAN\n3 in 1 week → timeout 60 min",
        " 3 cases in 168 hours : Timeout ;; 5 times in 30 Days: ban ; ",
    ],
)
def test_it_is_read_leniently(text: str) -> None:
    assert read_ladder(text) == read_ladder(ISSUE)


@pytest.mark.parametrize("text", ["", "  ", "none", "None"])
def test_nothing_is_the_empty_ladder(text: str) -> None:
    assert read_ladder(text) == ()
    assert show_ladder(()) == "none"
    assert brought_by((), NOW, agos(*range(50))) is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("ban them", "“ban them” is no step: write it as 3 cases in 7 days: timeout 1h."),
        ("1 in 7d: ban", "A step asks for 2 to 50 cases, not 1: change “1 in 7d: ban”."),
        ("51 in 7d: ban", "A step asks for 2 to 50 cases, not 51: change “51 in 7d: ban”."),
        ("3 in 7 moons: ban", "“7 moons” is no duration in “3 in 7 moons: ban”: write it as 30m, 12h or 7d."),
        ("3 in 2 months: ban", "“2 months” is no duration in “3 in 2 months: ban”: write it as 30m, 12h or 7d."),
        ("3 in 0d: ban", "A step looks back from 1 minute to 365 days: change “3 in 0d: ban”."),
        ("3 in 366d: ban", "A step looks back from 1 minute to 365 days: change “3 in 366d: ban”."),
        ("3 in 7d: delete", "A step brings one of warn, timeout, kick, ban: change “3 in 7d: delete”."),
        ("3 in 7d: escalate", "A step brings one of warn, timeout, kick, ban: change “3 in 7d: escalate”."),
        ("3 in 7d: help", "A step brings one of warn, timeout, kick, ban: change “3 in 7d: help”."),
        ("3 in 7d: link", "A step brings one of warn, timeout, kick, ban: change “3 in 7d: link”."),
        (
            "3 in 7d: ban 7d",
            "Only a timeout has a duration, and a step brings one action: change “3 in 7d: ban 7d”.",
        ),
        ("3 in 7d: timeout 29d", "A timeout lasts from 1 minute to 28 days: change “3 in 7d: timeout 29d”."),
        ("3 in 7d: timeout 0m", "A timeout lasts from 1 minute to 28 days: change “3 in 7d: timeout 0m”."),
        (
            "3 in 7d: ban; 5 in 7d: timeout 1h",
            "“5 cases in 7d: timeout 1h” would change nothing, as “3 cases in 7d: ban” is reached by then and as "
            "severe: take one of them out.",
        ),
        (
            "; ".join(f"{count} in 7d: timeout {count}h" for count in range(2, 11)),
            "A ladder has at most 8 steps, and these are 9: take some out.",
        ),
        ("3 in 7d: ban" + " " * 600 + "x", "A ladder has at most 500 characters, and this has 613: shorten it."),
    ],
)
def test_what_cannot_be_used_gets_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(SettingError) as refused:
        read_ladder(text)
    assert str(refused.value) == sentence


def refusal(text: str) -> str:
    """The sentence a text is refused with; empty where it is read."""
    try:
        read_ladder(text)
    except SettingError as refused:
        return str(refused)
    return ""


@given(st.one_of(st.text(max_size=600), st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join)))
def test_any_text_is_read_or_refused_with_a_short_sentence(text: str) -> None:
    said = refusal(text)
    assert len(said) < 300
    assert said or read_ladder(show_ladder(read_ladder(text))) == read_ladder(text)


@given(LADDERS)
def test_what_is_shown_can_be_typed_again_and_means_the_same(steps: list[Step]) -> None:
    text = "\n".join(map(str, steps))
    if said := refusal(text):
        assert "would change nothing" in said
        return
    assert set(read_ladder(text)) == set(steps)
    assert read_ladder(show_ladder(read_ladder(text))) == read_ladder(text)


def test_the_third_case_within_the_window_is_the_first_that_steps_up_and_the_next_do_too() -> None:
    ladder = read_ladder("3 in 7 days: timeout 1h")
    given_so_far: list[datetime] = []
    brought = []
    for day in range(5):
        at = NOW + day * DAY
        brought.append(brought_by(ladder, at, given_so_far))
        given_so_far.append(at)
    assert brought == [None, None, timeout(HOUR), timeout(HOUR), timeout(HOUR)]


def test_a_case_exactly_a_window_ago_counts_no_longer() -> None:
    ladder = read_ladder("2 in 7 days: kick")
    assert brought_by(ladder, NOW, [NOW - 7 * DAY]) is None
    assert brought_by(ladder, NOW, [NOW - 7 * DAY + timedelta(microseconds=1)]) == KICK


def test_the_severest_step_that_is_reached_counts() -> None:
    ladder = read_ladder("2 in 1h: timeout 7d; 3 in 7d: timeout 1h; 5 in 30d: ban")
    assert brought_by(ladder, NOW, agos(0.5, 2)) == timeout(7 * DAY)
    assert brought_by(ladder, NOW, agos(2, 3)) == timeout(HOUR)
    assert brought_by(ladder, NOW, agos(0.5, 2, 400, 500)) == BAN


def test_it_is_told_how_many_cases_there_are_the_new_one_included() -> None:
    found = reached(read_ladder("3 in 7 days: timeout 1h"), NOW, agos(1, 2, 3, 4, 200))
    assert found is not None
    assert found.count == 5


def test_a_rule_with_a_ladder_of_its_own_is_apart_even_with_an_empty_one() -> None:
    general, own = read_ladder("3 in 7d: ban"), read_ladder("2 in 1d: kick")
    table = LadderTable(general, {"2": own, "3": ()})
    assert [table.of(rule) for rule in ("1", "2", "3", "4")] == [general, own, (), general]
    counted = {(old, new) for old in "1234" for new in "1234" if table.counts(old, new)}
    assert counted == {("1", "1"), ("1", "4"), ("4", "1"), ("4", "4"), ("2", "2"), ("3", "3")}


@given(LADDERS, TIMES)
def test_one_case_less_never_brings_more(steps: list[Step], times: list[datetime]) -> None:
    """Overturning a case takes its time away."""
    ladder: Ladder = tuple(steps)
    before = severity(brought_by(ladder, NOW, times))
    for index in range(len(times)):
        assert severity(brought_by(ladder, NOW, [*times[:index], *times[index + 1 :]])) <= before


@given(LADDERS, TIMES, st.randoms(use_true_random=False))
def test_only_what_came_before_counts_and_in_any_order(
    steps: list[Step], times: list[datetime], random: object
) -> None:
    past, shuffled = [time for time in times if time <= NOW], list(times)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert brought_by(tuple(steps), NOW, shuffled) == brought_by(tuple(steps), NOW, past)


@given(LADDERS, TIMES)
def test_what_is_brought_is_a_step_whose_cases_are_there(steps: list[Step], times: list[datetime]) -> None:
    brought = brought_by(tuple(steps), NOW, times)

    def is_reached(step: Step) -> bool:
        return len([time for time in times if NOW - step.window < time <= NOW]) + 1 >= step.count

    reached = [step.action for step in steps if is_reached(step)]
    assert (brought is None) is (not reached)
    assert brought is None or brought in reached
    assert all(severity(one) <= severity(brought) for one in reached)


@pytest.mark.parametrize(
    ("own", "further", "becomes"),
    [
        ([DELETE], None, [DELETE]),
        ([DELETE], timeout(HOUR), [DELETE, timeout(HOUR)]),
        ([DELETE, timeout(DAY)], timeout(HOUR), [DELETE, timeout(DAY)]),
        ([DELETE, timeout(HOUR)], timeout(DAY), [DELETE, timeout(DAY)]),
        ([WARN, timeout(HOUR)], BAN, [WARN, BAN]),
        ([BAN], timeout(DAY), [BAN]),
        ([timeout(DAY)], WARN, [timeout(DAY), WARN]),
        ([DELETE, WARN], WARN, [DELETE, WARN]),
        ([LINK, timeout(HOUR)], BAN, [LINK, BAN]),
    ],
)
def test_a_rules_own_actions_with_the_ladders(own: list[Action], further: Action | None, becomes: list[Action]) -> None:
    assert stepped_up(own, further) == tuple(becomes)


@pytest.mark.parametrize("asked", ["escalate, delete", "flag, help"])
def test_somebody_who_needs_a_human_or_help_is_not_punished_for_asking_again(asked: str) -> None:
    (rule,) = parse_policy(f"1. Someone may hurt themselves. [{asked}]\n").rules
    assert stepped_up(rule.actions, BAN) == rule.actions


@given(OWN, st.one_of(st.none(), FURTHER))
def test_stepping_up_is_never_milder_and_never_says_a_thing_twice(own: list[Action], further: Action | None) -> None:
    def worst(actions: list[Action] | tuple[Action, ...]) -> tuple[int, timedelta]:
        return max((severity(one) for one in actions if one not in MILD), default=severity(None))

    after = stepped_up(own, further)
    assert worst(after) >= worst(own)
    assert len({one.kind for one in after}) == len(after)
    assert MILD & set(own) <= set(after)
    assert stepped_up(after, further) == after
