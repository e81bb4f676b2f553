"""Policies: whatever a text says, it is a policy or there is one sentence, and it is read in one go."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest

from bot.domain.care import offers_help
from bot.domain.line_diff import line_diff
from bot.domain.lint import lint
from bot.domain.policy import MAX_POLICY_CHARACTERS, PolicyError, Rule
from bot.domain.policy_check import Grade, check
from bot.domain.policy_compose import compose
from bot.domain.policy_edit import add_rule, edit_rule, remove_rule
from bot.domain.policy_text import layout_of, marker_of, parse_policy, read_example, read_rule, split_actions
from bot.domain.withholding import is_only_linked
from bot.judge.harmony import Effort, policy_pieces
from bot.judge.library import Topic, load_library
from bot.judge.remote.questions import policy_text
from bot.judge.topics import topics_of
from tests.fuzz.growth import LENGTHS, Repeated, grows_no_faster_than_the_text, repeated
from tests.fuzz.inputs import is_one_sentence, tried
from tests.fuzz.makers import pick, texts

PIECES = (
    *("# ", "## Rules\n", "## Fine\n", "## Examples\n", "# a", "###### ", "#", "1. ", "2) ", "**3.** ", "- ", "* "),
    *("SP2.a", "**SP2.b** – ", "A1", "AB0 ", "• ", "[delete]", "[", "]", " [timeout 1h]", "[timeout 999999w]", "[,]"),
    *('"', "“", "”", "«", "»", ' "a"', '"=', '"=.', " breaks 2", " breaks rule ", " is fine", " -> ok", ": ", "..."),
    *("must not:", "not allowed", "does not break", "is fine.", "are always ", "hurt ", "themselves", "minors", "sex"),
    *(" ", "  ", "\t", "\n", "\n\n", "\r\n", "\x0b", "\x1e", "\x85", "\u2028", "\xa0", "a", "b ", "!", "!x", "*", "_"),
    *("\x00", "\ud800", "\u202e", "٣. ", "²", "İ", "ß", ".", "—"),
)
POLICIES = texts(PIECES)
ACTIONS = ("", "delete", "timeout 2h, warn", "nothing", "]", "delete]\n[ban")
TOPICS = load_library().topics[:4]


def read_whole(source: str) -> None:
    """All that is read of a policy before it is published."""
    try:
        policy = parse_policy(source)
    except PolicyError as error:
        is_one_sentence(error)
        return
    assert policy.rules
    assert policy.source == source
    assert len({rule.key for rule in policy.rules}) == len(policy.rules)
    for key, lines in layout_of(source).rules.items():
        assert policy.rule(key).text
        assert 0 <= lines.start < lines.stop <= len(source.splitlines())
    lint(policy)
    with suppress(PolicyError):
        compose([policy, policy])
    # What judges are told of it: cards are made of its rules' topics, see below.
    policy_pieces(policy, Effort.LOW)
    policy_text(policy)
    for rule in policy.rules:
        offers_help(rule)
        is_only_linked(rule)


@tried(source=POLICIES)
def test_any_text_is_a_policy_or_gets_one_sentence(source: str) -> None:
    read_whole(source)


@tried(source=POLICIES)
def test_whatever_is_typed_is_looked_at_and_each_remark_is_about_one_of_its_lines(source: str) -> None:
    checked = check(source)
    is_refused = checked.policy is None
    assert is_refused is any(one.grade is Grade.ERROR for one in checked.remarks)
    assert all(one.line is None or 1 <= one.line <= len(source.splitlines()) for one in checked.remarks)
    assert all(one.words for one in checked.remarks)
    assert all(one.text or one.change for one in line_diff("1. No cats.\n", source))


@tried(source=POLICIES, words=texts(PIECES, 6), actions=pick(ACTIONS))
def test_a_rule_is_added_changed_or_taken_out_or_there_is_one_sentence(source: str, words: str, actions: str) -> None:
    edits: tuple[Callable[[], str], ...] = (
        lambda: add_rule(source, words, actions),
        lambda: edit_rule(source, "1", words, actions),
        lambda: remove_rule(source, "1"),
    )
    for edit in edits:
        try:
            parse_policy(edit())
        except PolicyError as error:
            is_one_sentence(error)


@tried(line=texts(PIECES, 12), topic=pick(TOPICS))
def test_any_line_has_a_marker_and_any_rule_its_words_and_actions(line: str, topic: Topic) -> None:
    assert line.startswith(marker_of(line).text)
    words, actions = split_actions(line)
    assert words + actions == line
    example = read_example(line)
    assert example is None or example.text in line
    try:
        rule = read_rule("1", line)
    except PolicyError:
        return
    topics_of(rule, [topic])


@tried(short=100, soak=LENGTHS, text=repeated(PIECES))
def test_a_policy_of_any_length_is_read_in_linear_time(text: Repeated) -> None:
    grows_no_faster_than_the_text(read_whole, text, MAX_POLICY_CHARACTERS)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("# a{}b", " "),
        ("# a{}b", "#"),
        ("1. a{}b", " "),
        ("SP1{}", " "),
        ("- {}!", "["),
        ("## Examples\n\"a\"={}!x", "."),
        ("## Examples\n\"a{}x", '"=.'),
        ("## Examples\n\"a\"{}x", " "),
    ],
)  # fmt: skip
def test_a_line_as_long_as_a_policy_may_be_is_read_in_linear_time(line: str, words: str) -> None:
    head, tail = line.split("{}")
    grows_no_faster_than_the_text(read_whole, Repeated(head, words, tail), MAX_POLICY_CHARACTERS)


@tried(short=25, soak=LENGTHS, text=repeated(PIECES))
def test_the_topics_of_a_rule_are_found_in_linear_time(text: Repeated) -> None:
    grows_no_faster_than_the_text(lambda words: topics_of(Rule("1", words, ()), TOPICS[:1]), text)
