"""One rule is changed and nothing else: every other byte stays, and so does how the rest is read."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.policy import Policy, PolicyError
from bot.domain.policy_edit import PROSE, add_rule, edit_rule, remove_rule
from bot.domain.policy_text import layout_of, parse_policy

HOUSE = """# House\r
Be good.\r
\r
## Rules\r
1. No spam,\r
   not even a little. [delete]\r
2) **No ads.** \r
\r
## Fine\r
- Criticism.\r
\r
## Examples\r
- "buy now" breaks 2\r
- "hello" is fine"""
SAFEGUARD = """# Spam policy
## Violations
- **SP2.a** – Bulk messaging: the same text again and again [delete]
- **SP2.b**: Unsolicited promotion
## Output
Answer SP0 or SP2.a only."""
BULLETS = "## Rules\n- No spam.\n- No ads.\n- No cats.\n"

WORDS = st.sampled_from(
    ["No spam", "No ads, however short.", "Kein Hass!", "No **shouting**", "a [b] c", "no\tcats  here"]
)
ACTIONS = st.sampled_from(["", "flag", "delete, timeout 1h", "[warn]", "ban;kick"])
LINES = st.sampled_from(
    [
        "# House", "## Rules", "### Not allowed", "## Fine", "## Examples", "## Output", "", "  ", "Be good.",
        "Members must not:", "1. No spam. [delete]", "2) No ads", "- **3.** No cats. [ban]", "**4. No dogs.** [flag]",
        "   and more of it [warn]", "- No birds.", "* No fish [delete, warn]", "SP2.a: No fakes.", "SP0: all else",
        "- \u201cbuy now\u201d breaks 1", '"hello" is fine', "This does not violate.", "\u0661. No fakes",
    ]
)  # fmt: skip
BREAKS = st.sampled_from(["\n", "\r\n", "\r", "\u2028", "\x0b"])
SOURCES = st.lists(st.tuples(LINES, BREAKS), max_size=14).map(lambda parts: "".join(a + b for a, b in parts))


@st.composite
def houses(draw: st.DrawFn) -> str:
    """A policy in good order, in one of many ways to write it: most changes of it can be made."""
    mark, end = draw(st.sampled_from(["{}. ", "{}) ", "- **{}.** ", "  {}. ", "**{}. "])), draw(BREAKS)
    bodies = draw(st.lists(st.sampled_from(["No {}s", "No {}s, [ban]", "No {}s [delete,", "*No {}s*  "]), max_size=5))
    lines = [draw(st.sampled_from(["# House", "Be good.", ""])), ""]
    for number, body in enumerate(["No spam", *bodies], 1):
        lines.append(mark.format(number) + body.format(number))
        if body.endswith(","):
            lines.append(draw(st.sampled_from(["  flag]", "   warn] "])) if "[" in body else "  and more")
        lines += draw(st.sampled_from([[], [], ["", "Be kind."]]))
    lines += draw(st.sampled_from([[], ["", "## Fine", "- Jokes."], ["", "## Examples", '- "spam" breaks 1']]))
    return end.join(lines) + draw(st.sampled_from(["", end]))


TEXTS = st.one_of(houses(), houses(), SOURCES, SOURCES.map(str.rstrip), st.text(max_size=80))
KEYS = st.sampled_from(["1", "2", "3", "4", "SP2.a", "9"])


def readable(source: str) -> Policy | None:
    with suppress(PolicyError):
        return parse_policy(source)
    return None


def rest(policy: Policy, key: str) -> tuple[object, ...]:
    """All that is read from a policy but the rule of this key."""
    rules = tuple(rule for rule in policy.rules if rule.key != key)
    return rules, policy.title, policy.preamble, policy.fine, policy.examples


def lines_without(source: str, place: range) -> list[str]:
    lines = source.splitlines(keepends=True)
    return [*lines[: place.start], *lines[place.stop :]]


@given(TEXTS, KEYS, WORDS | st.just(""), ACTIONS)
def test_editing_a_rule_leaves_every_other_byte_and_reading_or_is_refused(
    source: str, key: str, words: str, actions: str
) -> None:
    before = readable(source)
    try:
        edited = edit_rule(source, key, words, actions)
    except PolicyError:
        return
    assert before is not None
    after = parse_policy(edited)
    old, new = layout_of(source).rules[key], layout_of(edited).rules[key]
    assert lines_without(edited, new) == lines_without(source, old)
    assert rest(after, key) == rest(before, key)
    assert [rule.key for rule in after.rules] == [rule.key for rule in before.rules]
    if not words.strip():
        assert after.rule(key).text == before.rule(key).text
    if not actions and "[" not in words:
        assert after.rule(key).actions == before.rule(key).actions


@given(TEXTS, WORDS, ACTIONS)
def test_adding_a_rule_inserts_one_line_and_changes_no_other_byte_or_reading_or_is_refused(
    source: str, words: str, actions: str
) -> None:
    before = readable(source)
    try:
        edited = add_rule(source, words, actions)
    except PolicyError:
        return
    after = parse_policy(edited)
    added = after.rules[-1]
    if before is None:
        assert not source.strip()
        return
    assert rest(after, added.key) == rest(before, added.key)
    assert len(after.rules) == len(before.rules) + 1
    common = next((i for i, (a, b) in enumerate(zip(source, edited, strict=False)) if a != b), len(source))
    assert edited.endswith(source[common:])
    assert len(edited) > len(source)


@given(TEXTS, KEYS)
def test_removing_a_rule_takes_out_its_lines_and_nothing_else_or_is_refused(source: str, key: str) -> None:
    before = readable(source)
    try:
        edited = remove_rule(source, key)
    except PolicyError:
        return
    assert before is not None
    assert edited.splitlines(keepends=True) == lines_without(source, layout_of(source).rules[key])
    assert rest(parse_policy(edited), key) == rest(before, key)
    assert key not in [rule.key for rule in parse_policy(edited).rules]


def test_other_words_keep_the_actions_as_they_were_written() -> None:
    edited = edit_rule(HOUSE, "1", words="No spam at all.")
    assert edited == HOUSE.replace("No spam,\r\n   not even a little. [delete]", "No spam at all. [delete]")


def test_other_actions_keep_the_words_as_they_were_written_over_several_lines() -> None:
    edited = edit_rule(HOUSE, "1", actions="delete,timeout 60m")
    assert edited == HOUSE.replace("[delete]", "[delete, timeout 1h]")


def test_a_rule_without_actions_gets_them_behind_its_words() -> None:
    assert "2) **No ads.** [ban]\r\n" in edit_rule(HOUSE, "2", actions="[ban]")


def test_words_may_name_their_actions_in_brackets_but_not_twice() -> None:
    assert "1. No cats. [ban]\r\n" in edit_rule(HOUSE, "1", words="No cats. [ban]")
    with pytest.raises(PolicyError, match="Name the actions once"):
        edit_rule(HOUSE, "1", words="No cats. [ban]", actions="flag")


def test_a_rule_is_added_after_the_last_one_numbered_on_and_marked_like_it() -> None:
    assert add_rule(HOUSE, "No cats.", "flag") == HOUSE.replace(
        "**No ads.** \r\n", "**No ads.** \r\n3) No cats. [flag]\r\n"
    )
    assert add_rule(BULLETS, "No dogs.").endswith("- No cats.\n- No dogs.\n")
    assert add_rule("x\n**7. No cats.** [ban]", "No dogs. [flag]") == (
        "x\n**7. No cats.** [ban]\n**8. No dogs.** [flag]"
    )


@pytest.mark.parametrize("source", ["", " \n"])
def test_the_first_rule_makes_a_policy(source: str) -> None:
    assert add_rule(source, "No cats.", "warn") == "1. No cats. [warn]\n"


def test_a_rule_written_in_safeguards_style_is_changed_at_its_own_line() -> None:
    edited = edit_rule(SAFEGUARD, "SP2.b", words="No promotion.", actions="warn")
    assert edited == SAFEGUARD.replace("Unsolicited promotion", "No promotion. [warn]")
    assert remove_rule(SAFEGUARD, "SP2.a") == "".join(
        line for line in SAFEGUARD.splitlines(keepends=True) if "SP2.a**" not in line
    )


@pytest.mark.parametrize(
    ("source", "change", "sentence"),
    [
        ("Be nice to all.", lambda s: edit_rule(s, "1", "No ads."), PROSE),
        ("Be nice to all.", lambda s: add_rule(s, "No ads."), PROSE),
        ("Be nice to all.", lambda s: remove_rule(s, "1"), PROSE),
        (SAFEGUARD, lambda s: add_rule(s, "No ads."), "labels of their own"),
        (BULLETS, lambda s: remove_rule(s, "2"), "rules without numbers are counted: do it with /policy edit"),
        (HOUSE, lambda s: edit_rule(s, "3", "No ads."), "There is no rule 3: the rules are 1, 2."),
        (HOUSE, lambda s: edit_rule(s, "1"), "Say what to change"),
        (HOUSE, lambda s: edit_rule(s, "1", "[delete]"), "The rule has no words"),
        (HOUSE, lambda s: edit_rule(s, "1", actions="shout"), "Rule 1 asks for “shout”"),
        (HOUSE, lambda s: edit_rule(s, "1", actions=","), "Name an action"),
        ("1. No ads.\n", lambda s: remove_rule(s, "1"), "the only one"),
        ("## Rules\n- No ads.\n", lambda s: add_rule(s, "SP2: cats"), "something else than one rule"),
        ("1. No ads.\n" + "x" * 15_980, lambda s: add_rule(s, "No cats."), "shorten it to 16,000"),
        ("\n".join(f"{n}. No {n}" for n in range(1, 21)), lambda s: add_rule(s, "No cats."), "20 or fewer"),
    ],
)
def test_a_rule_that_cannot_be_changed_alone_gets_one_sentence(
    source: str, change: Callable[[str], str], sentence: str
) -> None:
    with pytest.raises(PolicyError) as refused:
        change(source)
    assert sentence in str(refused.value)


def test_the_last_of_rules_without_numbers_can_be_taken_out() -> None:
    assert remove_rule(BULLETS, "3") == "## Rules\n- No spam.\n- No ads.\n"
