"""Write a policy's parts as a text that is read as these parts. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.policy import Example, Policy, PolicyError, Rule
from bot.domain.policy_text import parse_policy
from bot.language import mark, tr

_UNCLEAR = mark("Its parts cannot be put together without being read in another way: say its rules in plainer words.")


def written_policy(
    title: str, preamble: str, rules: Sequence[Rule], fine: Sequence[str], examples: Sequence[Example]
) -> Policy:
    """The policy of these parts, with the plain text that says them; a preamble becomes one line.

    Raises PolicyError where there are too many rules or characters, or a part would be read in another way.
    """
    parts = [
        "\n".join(line for line in (f"# {title}" if title else "", " ".join(preamble.split())) if line),
        "\n".join(["## Rules", *(rule_line(rule) for rule in rules)]),
        "\n".join(["## Fine", *(f"- {text}" for text in fine)]) if fine else "",
        "\n".join(["## Examples", *(example_line(one) for one in examples)]) if examples else "",
    ]
    policy = parse_policy("\n\n".join(part for part in parts if part) + "\n")
    if (policy.title, policy.rules, policy.fine, policy.examples) != (
        title,
        tuple(rules),
        tuple(fine),
        tuple(examples),
    ):
        raise PolicyError(tr(_UNCLEAR))
    return policy


def rule_line(rule: Rule) -> str:
    """A rule as a line of its own: `2. No ads. [delete]`, or `SP2.a: No ads.` where it has a label."""
    mark = f"{rule.key}." if rule.key.isdecimal() else f"{rule.key}:"
    actions = f" [{', '.join(str(action) for action in rule.actions)}]" if rule.has_own_actions else ""
    return f"{mark} {rule.text}{actions}"


def example_line(example: Example) -> str:
    """An example as a line of its own: `- "buy my cats" breaks 2`."""
    return f'- "{example.text}" ' + ("is fine" if example.rule is None else f"breaks {example.rule}")
