"""Withholding: what is written about the safety of minors is never posted again, only linked. Pure.

A rule says so itself, by the action `link` in its brackets, in whatever language it is written. Rules written before
there was such a word, as those of the packs, need not be changed: one whose words are, in English, about minors and
something sexual is one too, and so is one that calls a human about minors and pictures, meetings or secrets.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import lru_cache

from bot.domain.decision import REVIEW_AT
from bot.domain.policy import ActionKind, Policy, PolicyError, Rule
from bot.domain.policy_compose import compose
from bot.domain.policy_text import parse_policy
from bot.domain.records import CaseRecord
from bot.domain.verdict import Verdict
from bot.language import mark

NOT_SHOWN = mark("What was written is not shown here, as it may be about the safety of minors: follow the link to it.")
"""Stands in place of a message's words wherever these are withheld: as it is in what is kept and in files."""

_MINORS = re.compile(
    r"\b(?:minors?|child(?:ren)?|kids?|teen(?:s|age\w*)?|under\W?aged?|under (?:thirteen|sixteen|eighteen|1[3-8])"
    r"|young people|boys|girls|pupils)\b",
    re.IGNORECASE,
)
_SEXUAL = re.compile(
    r"\b(?:sex\w*|nud\w*|naked|porn\w*|erotic\w*|lewd\w*|nsfw|abus\w*|exploit\w*|groom\w*|molest\w*|predat\w*)\b",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"\b(?:pictures?|photos?|images?|videos?|meet\w*|befriend\w*|chat\w*|secrets?|address\w*|lur\w+|home alone)\b",
    re.IGNORECASE,
)
_ALWAYS = re.compile(r"\b(?:cs[ae]m|child porn\w*|pa?edophil\w*|lolicon|shotacon|home alone)\b", re.IGNORECASE)


def is_only_linked(rule: Rule) -> bool:
    """Whether a message that the rule is about is only linked, and its words posted nowhere."""
    if any(action.kind is ActionKind.LINK for action in rule.actions) or _ALWAYS.search(rule.text):
        return True
    about = _SEXUAL.search(rule.text) or (rule.escalates and _CONTACT.search(rule.text))
    return bool(about and _MINORS.search(rule.text))


def linked_rules(policy: Policy) -> frozenset[str]:
    """The keys of the rules whose messages are only linked."""
    return frozenset(rule.key for rule in policy.rules if is_only_linked(rule))


@lru_cache(maxsize=256)
def linked_rules_of(*sources: str) -> frozenset[str]:
    """The same of the texts of versions in force together, the outermost first; none of what cannot be read."""
    try:
        return linked_rules(compose([parse_policy(source) for source in sources]))
    except PolicyError:
        return frozenset()


def withholds(linked: Collection[str], rule: str | None, probabilities: Mapping[str, float] | None) -> bool:
    """Whether a message's words are withheld: what is made of it rests on one of the rules `linked`, or it is as likely
    as not to break one, whatever the server's thresholds.
    """
    return rule in linked or any((probabilities or {}).get(key, 0.0) >= REVIEW_AT for key in linked)


def withheld_under(policy: Policy, verdict: Verdict | None, rule: str | None) -> bool:
    """Whether the words of a message with this verdict and decided rule are withheld under its policy."""
    return withholds(linked_rules(policy), rule, verdict.probabilities if verdict else None)


def as_shown(case: CaseRecord) -> CaseRecord:
    """A case as it may be shown: where it is only linked, without the message, and without what may repeat it."""
    if not case.only_linked:
        return case
    submission = replace(case.submission, text="", normalised="", context=())
    verdict = case.verdict and replace(case.verdict, rationale="", quote="", reasoning="")
    return replace(case, submission=submission, verdict=verdict)
