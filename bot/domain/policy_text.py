"""Read a policy's text: structure is optional, and what is not understood is left as prose.

Understood are numbered or labelled rules with actions in brackets, the sections *Rules*, *Fine* and
*Examples*, a list of what a message must not contain, and policies in gpt-oss-safeguard's style (headings,
labels such as `SP2.a`, an output section, which is passed over). Anything else is prose: one rule, flagged.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from bot.domain.action_text import parse_actions
from bot.domain.policy import (
    MAX_POLICY_CHARACTERS,
    MAX_RULES,
    Action,
    ActionKind,
    Example,
    Policy,
    PolicyError,
    Rule,
)
from bot.language import tr

# None of these goes back over what it has passed: a line may be as long as a policy.
_HEADING = re.compile(r"^(#{1,6})\s+(.*)$")
_NUMBERED = re.compile(r"^\s{0,3}(?:[-*]\s+)?\**(\d{1,3})[.)]\**\s+(.+)$")
_LABELLED = re.compile(r"^\s{0,6}(?:[-*]\s+)?\**([A-Z]{1,5}\d{1,2}(?:\.[a-z0-9]{1,2})?)\**[\s:.)\-–—]+\**\s*(.+)$")
_BULLET = re.compile(r"^\s{0,6}[-*•]\s+(.+)$")
_OPENING, _CLOSING = frozenset('"“«'), frozenset('"”»')
_BEHIND_EXAMPLE = (
    re.compile(r"\s*(?:is|->|→|:|=)\s*(?P<fine>fine|okay|ok|allowed)\b", re.IGNORECASE),
    re.compile(r"\s*(?:breaks|violates|->|→|:|=)\s*(?:rule\s*)?(?P<rule>[\w.]++)", re.IGNORECASE),
)
_LAST_WORD = re.compile(r"\w(?=\W*$)")
_FORBIDS = re.compile(
    r"violat|not allowed|forbidden|prohibit|must not|do not|don't|banned|break|no(?:t)? (?:permitted|tolerated)",
    re.IGNORECASE,
)
_PERMITS = re.compile(r"\b(?:does|do) not (?:violate|break)", re.IGNORECASE)


class _Section(Enum):
    OPEN = auto()
    RULES = auto()
    FINE = auto()
    EXAMPLES = auto()
    PASSED_OVER = auto()


def _section_of(heading: str, level: int) -> _Section | None:
    """The section a heading opens; None where it is the policy's title."""
    words = heading.casefold()
    if re.search(r"\bexamples?\b", words):
        return _Section.EXAMPLES
    # "Rules for a safe server" are rules; "Exceptions to the rules" are not.
    of_rules = re.search(r"\brules?\b", words) is not None
    if not of_rules and re.search(r"\b(output|answer|response|format|instructions?|definitions?)\b", words):
        return _Section.PASSED_OVER
    fine = r"\b(fine|exceptions?)\b" if of_rules else r"\b(fine|allowed|safe|exceptions?|ok)\b"
    if re.search(fine, words) and "not allowed" not in words:
        return _Section.FINE
    if re.search(r"\b(rules?|violat\w*|forbidden|prohibited|not allowed)\b", words) and level > 1:
        return _Section.RULES
    return None if level == 1 else _Section.OPEN


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things stand in a policy's text; lines are numbered from 0, as `source.splitlines()` gives them.

    `rules` has the lines of each rule that is written as one, by key and in their order: none in a policy of plain
    prose. `last_fine` and `last_example` are the last lines under such a heading that are not blank, None without one.
    """

    rules: Mapping[str, range]
    last_fine: int | None
    last_example: int | None


@dataclass(frozen=True, slots=True)
class _RuleLines:
    """A rule's key, its first line's number, and what each of its lines says."""

    key: str
    start: int
    lines: list[str]


@dataclass
class _Reading:
    """What has been gathered so far, line by line."""

    title: str = ""
    preamble: list[str] = field(default_factory=list)
    rules: list[_RuleLines] = field(default_factory=list)
    fine: list[str] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)
    section: _Section = _Section.OPEN
    listing: bool = False
    last: list[str] | None = None
    number: int = -1
    last_fine: int | None = None
    last_example: int | None = None

    def add_rule(self, key: str, text: str) -> None:
        self.last = [text.strip()]
        self.rules.append(_RuleLines(key, self.number, self.last))

    def read(self, line: str) -> None:
        self.number += 1
        if heading := _HEADING.match(line):
            self._heading(heading.group(2).rstrip("#").rstrip(), len(heading.group(1)))
        elif not line.strip():
            self.last = None
            self.listing = self.listing and not self.rules
        elif self.section is _Section.EXAMPLES:
            self.last_example = self.number
            self._example(line)
        elif self.section is _Section.FINE:
            self.last_fine = self.number
            bullet = _BULLET.match(line)
            self.fine.append((bullet.group(1) if bullet else line).strip())
        elif self.section is not _Section.PASSED_OVER:
            self._rule_line(line)

    def _heading(self, text: str, level: int) -> None:
        self.last, self.listing = None, False
        section = _section_of(text, level)
        if section is None:
            self.title = self.title or text
            self.section = _Section.OPEN
        else:
            self.section = section

    def _example(self, line: str) -> None:
        if example := read_example(line):
            self.examples.append(example)

    def _rule_line(self, line: str) -> None:
        found = _NUMBERED.match(line) or _LABELLED.match(line)
        if found:
            key, text = found.group(1), found.group(2)
            if re.fullmatch(r"[A-Z]+0", key):  # gpt-oss-safeguard's label for what breaks nothing
                self.fine.append(text.strip())
            else:
                self.add_rule(key, text)
            return
        bullet = _BULLET.match(line)
        if bullet and (self.section is _Section.RULES or self.listing):
            self.add_rule(str(len(self.rules) + 1), bullet.group(1))
        elif self.last is not None and line[:1].isspace():
            self.last.append(line.strip())
        else:
            self.last = None
            self._prose(line)

    def _prose(self, line: str) -> None:
        if _PERMITS.search(line):
            self.fine.append(line.strip())
            self.listing = False
        else:
            self.listing = line.rstrip().endswith(":") and _FORBIDS.search(line) is not None
            self.preamble.append(line.strip())


def _plain_key(key: str) -> str:
    return key.rstrip(".") or key


def read_example(line: str) -> Example | None:
    """The example that a line under such a heading gives; None where it is read as none."""
    bullet = _BULLET.match(line)
    text = (bullet.group(1) if bullet else line).strip()
    if "\n" in text or text[:1] not in _OPENING:
        return None
    last_word = _LAST_WORD.search(text)
    said = last_word.end() if last_word else 0
    # The last quotation mark that a verdict stands behind, with no word behind that, closes the example.
    for place in range(len(text) - 1, 1, -1):
        if text[place] not in _CLOSING:
            continue
        for verdict in _BEHIND_EXAMPLE:
            found = verdict.match(text, place + 1)
            if found and found.end() >= said:
                rule = found.groupdict().get("rule")
                return Example(text[1:place], None if rule is None else _plain_key(rule))
    return None


def _read(source: str) -> _Reading:
    reading = _Reading()
    for line in source.splitlines():
        reading.read(line)
    return reading


def layout_of(source: str) -> Layout:
    """Where the parts of a policy stand; of a text that `parse_policy` takes."""
    reading = _read(source)
    rules = {rule.key: range(rule.start, rule.start + len(rule.lines)) for rule in reading.rules}
    return Layout(rules, reading.last_fine, reading.last_example)


@dataclass(frozen=True, slots=True)
class Marker:
    """How a rule's first line begins, up to its words; `key` is where in it the rule's own key stands, if anywhere."""

    text: str
    key: slice | None

    @property
    def is_numbered(self) -> bool:
        """Whether the key is a number that the line itself gives."""
        return self.key is not None and self.text[self.key].isdecimal()


def marker_of(line: str) -> Marker:
    """The marker of a rule's first line, given without its line break."""
    if found := _NUMBERED.match(line) or _LABELLED.match(line):
        return Marker(line[: found.start(2)], slice(*found.span(1)))
    bullet = _BULLET.match(line)
    return Marker(line[: bullet.start(1)] if bullet else "", None)


def split_actions(text: str) -> tuple[str, str]:
    """A rule's text, and from it what asks for actions: the brackets at its end with the space around them."""
    ended = text.rstrip()
    opens = ended.rfind("[") if ended.endswith("]") else -1
    if opens < 0 or "]" in ended[opens:-1]:
        return text, ""
    until = len(text[:opens].rstrip())
    return text[:until], text[until:]


def parse_policy(source: str) -> Policy:
    """Parse a policy; raises PolicyError where it is empty, too long, or asks for an unknown action."""
    if not source.strip():
        raise PolicyError(tr("The policy is empty: write at least one rule."))
    if len(source) > MAX_POLICY_CHARACTERS:
        raise PolicyError(
            tr(
                "The policy has {number:,} characters; shorten it to {most:,} or fewer.",
                number=len(source),
                most=MAX_POLICY_CHARACTERS,
            )
        )
    if "\x00" in source:
        raise PolicyError(tr("The policy contains a NUL character: give it as plain UTF-8 text."))
    reading = _read(source)
    rules = _finish_rules(reading) or (_prose_rule(reading, source),)
    return Policy(
        source=source,
        title=reading.title,
        preamble="\n".join(reading.preamble),
        rules=rules,
        fine=tuple(reading.fine),
        examples=tuple(reading.examples),
    )


def _finish_rules(reading: _Reading) -> tuple[Rule, ...]:
    if len(reading.rules) > MAX_RULES:
        raise PolicyError(
            tr("The policy has {number} rules; keep it to {most} or fewer.", number=len(reading.rules), most=MAX_RULES)
        )
    rules = [read_rule(rule.key, " ".join(rule.lines)) for rule in reading.rules]
    seen: set[str] = set()
    for rule in rules:
        if rule.key in seen:
            raise PolicyError(tr("Two rules are numbered {rule}: give each a number of its own.", rule=rule.key))
        seen.add(rule.key)
    return tuple(rules)


def _prose_rule(reading: _Reading, source: str) -> Rule:
    text = " ".join(reading.preamble) or reading.title or " ".join(source.split())
    return read_rule("1", text)


def read_rule(key: str, text: str) -> Rule:
    """The rule that a text says, with its actions in brackets at the end; raises PolicyError."""
    said, asked = split_actions(text)
    words = said.strip().strip("*").strip()
    if not words:
        raise PolicyError(tr("Rule {rule} has no words: say what it forbids.", rule=key))
    actions = parse_actions(asked.strip()[1:-1], key)
    if not actions:
        return Rule(key, words, (Action(ActionKind.FLAG),), has_own_actions=False)
    return Rule(key, words, actions)
