"""What a policy comes to that extends another: that one with its rules added. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from bot.domain.policy import MAX_POLICY_CHARACTERS, MAX_RULES, Example, Policy, PolicyError, Rule
from bot.domain.policy_render import written_policy
from bot.domain.policy_text import layout_of, marker_of
from bot.language import tr


@dataclass(frozen=True, slots=True)
class Effect:
    """The keys of the rules that a policy adds to the one it extends, and of those that it puts in place of others."""

    added: tuple[str, ...]
    replaced: tuple[str, ...]


def compose(policies: Sequence[Policy]) -> Policy:
    """What is in force where each policy extends the one before it; a single one is itself, with its own text.

    A rule takes the place of the one with the same number or label, whose examples go with it; any other is added, and
    one that is written without a number gets the next free one. Fine things and examples are added; where both have an
    example, the later policy's counts. Sections that say how to answer, or what words mean, are not taken over.

    Raises PolicyError where that is too many rules or characters, or cannot be written as one policy. ValueError where
    there is no policy.
    """
    if not policies:
        raise ValueError("nothing to compose")
    return reduce(_extended, policies)


def effect(base: Policy, own: Policy) -> Effect:
    """What a policy makes of the one that it extends."""
    keys, known = _keys(base, own), {rule.key for rule in base.rules}
    return Effect(
        tuple(key for key in keys.values() if key not in known), tuple(key for key in keys.values() if key in known)
    )


def next_number(policy: Policy) -> int:
    """The smallest number above those of all rules of a policy."""
    return max((int(rule.key) for rule in policy.rules if rule.key.isdecimal()), default=0) + 1


def _extended(base: Policy, own: Policy) -> Policy:
    keys = _keys(base, own)
    theirs = {keys[rule.key]: _renamed(rule, keys[rule.key]) for rule in own.rules}
    replaced = {rule.key for rule in base.rules if rule.key in theirs}
    rules = [theirs.get(rule.key, rule) for rule in base.rules]
    rules += [rule for key, rule in theirs.items() if key not in replaced]
    if len(rules) > MAX_RULES:
        raise PolicyError(
            tr(
                "Together with what it extends it would have {number} rules, and {most} is the most: take some "
                "out of either.",
                number=len(rules),
                most=MAX_RULES,
            )
        )
    added = [Example(one.text, keys.get(one.rule, one.rule) if one.rule is not None else None) for one in own.examples]
    overruled = {_same(one.text) for one in added}
    kept = [one for one in base.examples if one.rule not in replaced and _same(one.text) not in overruled]
    there = {_same(text) for text in base.fine}
    fine = [*base.fine, *(text for text in own.fine if _same(text) not in there)]
    written = _length(rules, fine, [*kept, *added])
    if written > MAX_POLICY_CHARACTERS:
        raise PolicyError(
            tr(
                "Together with what it extends it would have more than {most:,} characters, which is the "
                "most: shorten either.",
                most=MAX_POLICY_CHARACTERS,
            )
        )
    preamble = "\n".join(part for part in (_preamble(base), _preamble(own)) if part)
    # What is said before the rules is left out where only that is too much: no rule is lost by it.
    room = MAX_POLICY_CHARACTERS - written - len(base.title or own.title)
    return written_policy(
        base.title or own.title, preamble if len(preamble) <= room else "", rules, fine, [*kept, *added]
    )


def _keys(base: Policy, own: Policy) -> dict[str, str]:
    """The keys of a policy's rules, each with its key in what they come to."""
    lines, places = own.source.splitlines(), layout_of(own.source).rules
    numbered = {key for key, place in places.items() if marker_of(lines[place.start]).key is not None}
    free = max(next_number(base), max((int(key) + 1 for key in numbered if key.isdecimal()), default=1))
    keys: dict[str, str] = {}
    for rule in own.rules:
        if rule.key in numbered:
            keys[rule.key] = rule.key
        else:
            keys[rule.key] = str(free)
            free += 1
    return keys


def _renamed(rule: Rule, key: str) -> Rule:
    return Rule(key, rule.text, rule.actions, rule.has_own_actions)


def _preamble(policy: Policy) -> str:
    """What a policy says before its rules; of plain prose that is the rule itself."""
    return policy.preamble if layout_of(policy.source).rules else ""


def _length(rules: Sequence[Rule], fine: Sequence[str], examples: Sequence[Example]) -> int:
    """About how many characters the parts take: never less than they do."""
    actions = sum(len(str(action)) + 2 for rule in rules for action in rule.actions)
    words = sum(len(rule.text) + len(rule.key) + 6 for rule in rules) + sum(len(text) + 3 for text in fine)
    said = sum(len(one.text) + len(one.rule or "") + 14 for one in examples)
    return actions + words + said + 60


def _same(text: str) -> str:
    """What makes two texts the same to a reader."""
    return " ".join(text.casefold().split())
