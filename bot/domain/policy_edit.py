"""Change one rule of a policy's text and nothing else. Pure.

Each function rewrites the rule's own lines and leaves every other byte as it was written. The result is read again:
where anything but that rule would be read in another way, the change is refused with a PolicyError.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.action_text import parse_actions
from bot.domain.policy import Policy, PolicyError, Rule
from bot.domain.policy_text import (
    Marker,
    layout_of,
    marker_of,
    parse_policy,
    read_rule,
    split_actions,
)
from bot.language import mark, tr

PROSE = mark(
    "This policy is plain prose and read as one rule: change it with /policy edit, and number its rules there to "
    "change them one by one."
)
_LABELLED = mark(
    "The rules of this policy have labels of their own, which no number follows on: add one with /policy edit."
)
_UNCLEAR = mark("These words would be read as something else than one rule: say them plainly, or use /policy edit.")
_COUNTED = mark(
    "Without rule {key} other parts of the policy would be read in another way, as rules without numbers are counted: "
    "do it with /policy edit."
)
_BREAK = re.compile(r"(?:\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029])$")


@dataclass(frozen=True, slots=True)
class _Written:
    """A rule as it stands: its marker, what comes after that as it was written, and the line break at the end."""

    marker: Marker
    body: str
    ending: str


def add_rule(source: str, words: str, actions: str = "", least: int = 1) -> str:
    """The text with a rule after the last one, numbered on and marked as that one is.

    `actions` is as `delete, timeout 1h`; the words may name them in brackets instead. An empty text becomes a policy of
    this one rule. A number is at least `least`, as where smaller ones are those of a policy that this one extends.
    Raises PolicyError where the rule cannot be added alone.
    """
    if not source.strip():
        parse_policy(made := f"{least}. {_said(words, actions, str(least))}\n")
        return made
    before, places = parse_policy(source), layout_of(source).rules
    if not places:
        raise PolicyError(tr(PROSE))
    lines = source.splitlines(keepends=True)
    last = list(places.values())[-1]
    marker = marker_of(_bare(lines[last.start])[0])
    key = next_key(before, marker, least)
    said, asked = split_actions(_said(words, actions, key))
    body = f"{said}{_closing(marker)}{asked}"
    line = f"{_numbered(marker, key)}{body}"
    ending = _bare(lines[last.stop - 1])[1]
    new = f"{line}{ending}" if ending else f"{line_break(source)}{line}"
    after = "".join([*lines[: last.stop], new, *lines[last.stop :]])
    return _checked(before, after, [*before.rules, read_rule(key, body)], tr(_UNCLEAR))


def edit_rule(source: str, key: str, words: str = "", actions: str = "") -> str:
    """The text with another wording or other actions for a rule; what is not given stays as it was written.

    Raises PolicyError where there is no such rule, or it cannot be changed alone.
    """
    before, place = _found(source, key)
    if not words.strip() and not actions.strip():
        raise PolicyError(tr("Say what to change: the rule's words, its actions, or both."))
    lines = source.splitlines(keepends=True)
    old = _written(lines[place.start : place.stop])
    said, asked = split_actions(old.body)
    if words.strip():
        given, asked_anew = split_actions(_said(words, actions, key))
        said, asked = f"{given}{_closing(old.marker)}", asked_anew or asked
    else:
        asked = f" [{_actions(actions, key)}]"
    body = f"{said.rstrip()}{asked}"
    lines[place.start : place.stop] = [f"{old.marker.text}{body}{old.ending}"]
    rule = read_rule(key, " ".join(part.strip() for part in body.splitlines()))
    rules = [rule if one.key == key else one for one in before.rules]
    return _checked(before, "".join(lines), rules, tr(_UNCLEAR))


def remove_rule(source: str, key: str) -> str:
    """The text without a rule; raises PolicyError where there is no such rule, or it cannot be taken out alone."""
    before, place = _found(source, key)
    if len(before.rules) == 1:
        raise PolicyError(tr("Rule {rule} is the only one, and a policy needs a rule: change it instead.", rule=key))
    lines = source.splitlines(keepends=True)
    del lines[place.start : place.stop]
    rules = [one for one in before.rules if one.key != key]
    return _checked(before, "".join(lines), rules, tr(_COUNTED, key=key))


def next_key(policy: Policy, marker: Marker, least: int = 1) -> str:
    """The key of a rule that follows the last one, whose marker it is; PolicyError where no number follows.

    A number that is written is at least `least`.
    """
    if marker.key is None:
        return str(len(policy.rules) + 1)
    if not marker.is_numbered:
        raise PolicyError(tr(_LABELLED))
    return str(max(least, *(int(rule.key) + 1 for rule in policy.rules if rule.key.isdecimal())))


def line_break(source: str) -> str:
    """The line break that a text uses: that of its first line, else a line feed."""
    lines = source.splitlines(keepends=True)
    return (_bare(lines[0])[1] if lines else "") or "\n"


def _found(source: str, key: str) -> tuple[Policy, range]:
    policy, places = parse_policy(source), layout_of(source).rules
    if not places:
        raise PolicyError(tr(PROSE))
    if key not in places:
        known = ", ".join(places)
        raise PolicyError(tr("There is no rule {rule}: the rules are {known}.", rule=key[:20], known=known))
    return policy, places[key]


def _written(lines: Sequence[str]) -> _Written:
    marker = marker_of(_bare(lines[0])[0])
    text, ending = _bare("".join(lines))
    return _Written(marker, text[len(marker.text) :], ending)


def _bare(line: str) -> tuple[str, str]:
    """A line without its line break, and that."""
    found = _BREAK.search(line)
    return (line[: found.start()], found[0]) if found else (line, "")


def _numbered(marker: Marker, key: str) -> str:
    if marker.key is None:
        return marker.text
    return f"{marker.text[: marker.key.start]}{key}{marker.text[marker.key.stop :]}"


def _closing(marker: Marker) -> str:
    """What ends bold type that the marker begins, as in `**1. No spam.**`."""
    return "**" if marker.text.count("**") % 2 else ""


def _said(words: str, actions: str, key: str) -> str:
    """A rule's text on one line, with its actions in brackets where any are given."""
    text = " ".join(words.split())
    said, asked = split_actions(text)
    if not said.strip("* "):
        raise PolicyError(tr("The rule has no words: say what it forbids."))
    if not actions.strip():
        return text
    if asked:
        raise PolicyError(tr("Name the actions once: in brackets after the words, or as the option actions."))
    return f"{text} [{_actions(actions, key)}]"


def _actions(given: str, key: str) -> str:
    actions = parse_actions(given.strip().removeprefix("[").removesuffix("]"), key)
    if not actions:
        raise PolicyError(tr("Name an action, as delete or timeout 1h."))
    return ", ".join(str(action) for action in actions)


def _checked(before: Policy, source: str, rules: Sequence[Rule], otherwise: str) -> str:
    """The changed text, where it is read as the old one but for its rules, which are these; else PolicyError."""
    after = parse_policy(source)
    kept = (before.title, before.preamble, before.fine, before.examples)
    if after.rules != tuple(rules) or (after.title, after.preamble, after.fine, after.examples) != kept:
        raise PolicyError(otherwise)
    return source
