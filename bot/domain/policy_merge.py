"""Merge a template's rules into a policy, with what it calls fine and its examples. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.policy import MAX_RULES, Example, Policy, PolicyError, Rule
from bot.domain.policy_edit import add_rule, line_break
from bot.domain.policy_render import example_line, written_policy
from bot.domain.policy_text import layout_of, parse_policy
from bot.language import mark, tr

_UNCLEAR = mark("The template cannot be merged without other parts being read in another way: use /policy edit.")


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged text, the keys of the rules added to it, and those of the rules that had the same words already."""

    source: str
    added: tuple[str, ...]
    there_already: tuple[str, ...]


def merge(source: str, template: Policy, least: int = 1) -> Merged:
    """The text with a template's rules after its own, and its fine things and examples under their headings.

    Numbers follow on, and examples name the new ones. Rules, fine things and examples that are there already, whatever
    their spaces and capitals, are left out. All other bytes stay. An empty text becomes the template's. New
    numbers are at least `least`, as where smaller ones are those of a policy that this one extends. Raises
    PolicyError where nothing is left to add, there would be too many rules or characters, or the text is plain prose.
    """
    if not source.strip():
        begun = template if least == 1 else _numbered_from(least, template)
        return Merged(begun.source, tuple(rule.key for rule in begun.rules), ())
    before = parse_policy(source)
    known = {_same(rule.text): rule.key for rule in before.rules}
    new = [rule for rule in template.rules if _same(rule.text) not in known]
    if not new:
        raise PolicyError(tr("All rules of this template are in the policy already."))
    if len(before.rules) + len(new) > MAX_RULES:
        raise PolicyError(
            tr(
                "With this template the policy would have {number} rules, and {most} is the most: take some out first.",
                number=len(before.rules) + len(new),
                most=MAX_RULES,
            )
        )
    merged = source
    for rule in new:
        merged = add_rule(merged, rule.text, _actions(rule), least)
        known[_same(rule.text)] = parse_policy(merged).rules[-1].key
    keys = {rule.key: known[_same(rule.text)] for rule in template.rules}
    fine = _fine(before, template)
    examples = _examples(before, template, keys)
    merged = _under(merged, layout_of(merged).last_fine, "## Fine", [f"- {text}" for text in fine])
    merged = _under(merged, layout_of(merged).last_example, "## Examples", [example_line(one) for one in examples])
    added = tuple(keys[rule.key] for rule in new)
    _check(before, parse_policy(merged), len(new), fine, examples)
    return Merged(merged, added, tuple(keys[rule.key] for rule in template.rules if rule not in new))


def has_all(source: str, template: Policy) -> bool:
    """Whether a text has all rules of a template already, whatever their spaces and capitals; PolicyError where it is
    no policy.
    """
    there = {_same(rule.text) for rule in parse_policy(source).rules} if source.strip() else set()
    return all(_same(rule.text) in there for rule in template.rules)


def _same(text: str) -> str:
    """What makes two texts the same to a reader."""
    return " ".join(text.casefold().split())


def _actions(rule: Rule) -> str:
    return ", ".join(str(action) for action in rule.actions) if rule.has_own_actions else ""


def _fine(before: Policy, template: Policy) -> list[str]:
    there = {_same(text) for text in before.fine}
    return [text for text in template.fine if _same(text) not in there]


def _examples(before: Policy, template: Policy, keys: Mapping[str, str]) -> list[Example]:
    """The template's examples under the policy's own keys, without those that it has in some way."""
    there = {_same(one.text) for one in before.examples}
    return [
        Example(one.text, None if one.rule is None else keys.get(one.rule, one.rule))
        for one in template.examples
        if _same(one.text) not in there
    ]


def _numbered_from(least: int, template: Policy) -> Policy:
    """A template with other numbers for its rules."""
    keys = {rule.key: str(number) for number, rule in enumerate(template.rules, least)}
    rules = [replace(rule, key=keys[rule.key]) for rule in template.rules]
    examples = [replace(one, rule=keys.get(one.rule or "", one.rule)) for one in template.examples]
    return written_policy(template.title, template.preamble, rules, template.fine, examples)


def _under(source: str, last: int | None, heading: str, new: Sequence[str]) -> str:
    """The text with new lines after the line numbered `last`, or at its end under a heading where there is none."""
    if not new:
        return source
    end = line_break(source)
    lines = source.splitlines(keepends=True)
    if last is None:
        new, last = ["", heading, *new], len(lines) - 1
    # Only the last line of a text may have no line break; it then keeps having none.
    is_closed = lines[last] != lines[last].splitlines()[0]
    added = "".join(f"{line}{end}" if is_closed else f"{end}{line}" for line in new)
    return "".join([*lines[: last + 1], added, *lines[last + 1 :]])


def _check(before: Policy, after: Policy, rules: int, fine: Sequence[str], examples: Sequence[Example]) -> None:
    """PolicyError where anything is read in another way than it was, or is meant."""
    kept = (before.title, before.preamble, before.rules, sorted([*before.fine, *fine]), (*before.examples, *examples))
    found = (after.title, after.preamble, after.rules[:-rules], sorted(after.fine), after.examples)
    if found != kept:
        raise PolicyError(tr(_UNCLEAR))
