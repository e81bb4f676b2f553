"""What is said of a policy's text while it is typed: what makes it unusable, what the linter finds, and where. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.lint import Finding, Severity, lint
from bot.domain.policy import MAX_POLICY_CHARACTERS, MAX_RULES, Policy, PolicyError
from bot.domain.policy_text import Layout, layout_of, marker_of, parse_policy, read_rule
from bot.language import tr

NEARLY = 0.9
"""From this share of a limit on it is said that little room is left."""


class Grade(StrEnum):
    """How much a remark matters: with an error the text cannot be kept."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to look at, with the number of its line from 1 on; None where it is about the whole text."""

    grade: Grade
    words: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """A text with what is said of it; `policy` is None where it cannot be used. `rules` counts what is read as one."""

    policy: Policy | None
    remarks: tuple[Remark, ...]
    characters: int
    rules: int


def check(source: str) -> Checked:
    """Read a text and look at it; errors first, then warnings, then notes, each in the text's order."""
    layout = layout_of(source)
    try:
        policy = parse_policy(source)
    except PolicyError as error:
        remark = Remark(Grade.ERROR, str(error), _line_of(str(error), source, layout))
        return Checked(None, (remark,), len(source), len(layout.rules))
    found = [_remark(finding, layout) for finding in lint(policy)]
    found += _on_limits(source, policy, layout)
    order = list(Grade)
    found.sort(key=lambda one: (order.index(one.grade), one.line or MAX_POLICY_CHARACTERS))
    return Checked(policy, tuple(found), len(source), len(policy.rules))


def _remark(finding: Finding, layout: Layout) -> Remark:
    grade = Grade.WARNING if finding.severity is Severity.WARNING else Grade.NOTE
    lines = layout.rules.get(finding.rule) if finding.rule is not None else None
    return Remark(grade, finding.message, lines.start + 1 if lines is not None else None)


def _on_limits(source: str, policy: Policy, layout: Layout) -> Iterator[Remark]:
    if not layout.rules:
        yield Remark(
            Grade.NOTE, tr("No line is read as a rule, so all of the text is one: begin each rule with its number.")
        )
    if len(source) >= MAX_POLICY_CHARACTERS * NEARLY:
        yield Remark(
            Grade.NOTE,
            tr("There is room for {number:,} more characters.", number=MAX_POLICY_CHARACTERS - len(source)),
        )
    if len(policy.rules) >= MAX_RULES * NEARLY:
        yield Remark(Grade.NOTE, tr("There is room for {number} more rules.", number=MAX_RULES - len(policy.rules)))


def _line_of(error: str, source: str, layout: Layout) -> int | None:
    """The line of the rule that a text is refused for, where it is one rule's fault."""
    lines = source.splitlines()
    for key, places in layout.rules.items():
        first = lines[places.start]
        said = " ".join([first[len(marker_of(first).text) :], *lines[places.start + 1 : places.stop]])
        try:
            read_rule(key, said)
        except PolicyError as found:
            if str(found) == error:
                return places.start + 1
        if error == tr("Two rules are numbered {rule}: give each a number of its own.", rule=key):
            return places.start + 1
    return None
