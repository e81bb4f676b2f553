"""Examples learned from what moderators answered, and the policy with them added. Pure.

They stand beside the published text and never in it. The judge is handed one text that holds both, which has a digest
of its own: so it compiles another card as soon as an example comes or goes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from bot.domain.policy import MAX_POLICY_CHARACTERS, Example, Policy, PolicyError
from bot.domain.policy_text import parse_policy, read_example
from bot.domain.records import CaseRecord, CaseStatus
from bot.domain.submission import Submission

MOST_CHARACTERS = 300
"""Longer messages are not made examples of: a card goes by what a whole message is like."""
MOST_ADDED = 30
"""So many examples are added to a policy at most: the model reads each one when the card is compiled."""
MOST_ADDED_CHARACTERS = 6_000
"""So much text they are at most: a judge that reasons has to read it with the policy."""
MOST_MORE = 5
"""Of a rule's examples those on one side, breaking or fine, are at most so many more than those on the other."""
_HEADING = "\n\n## Examples\n"


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a moderator says of a message: that it breaks a rule, or is fine beside it.

    `rule` is the rule's key and `words` its text at that time. It holds for the rule that has these words, whatever its
    number is by then; a rule that is worded anew is another one.
    """

    rule: str
    words: str
    breaks: bool


@dataclass(frozen=True, slots=True)
class LearnedExample:
    """A lesson with the text it was given about, on one line.

    `case_number` is None where the text was no case. `author_id` is the member who wrote it and `channel_id` where;
    both are None for a pack's message.
    """

    id: int
    lesson: Lesson
    text: str
    case_number: int | None
    author_id: int | None
    channel_id: int | None
    moderator_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Used:
    """A learned example that is added to a policy, and how it reads there."""

    learned: LearnedExample
    example: Example


def example_text(text: str) -> str | None:
    """A message on one line, as an example quotes it; None where it is empty, too long or would be read otherwise."""
    line = " ".join(text.replace("\x00", "").split())
    if not line or len(line) > MOST_CHARACTERS:
        return None
    return line if _is_read_back(Example(line, None)) and _is_read_back(Example(line, "1")) else None


def lesson_of(case: CaseRecord, words: Mapping[str, str]) -> Lesson | None:
    """What a moderator's answer to a case says of its text; `words` are the rules' of the version judged by, by key.

    None where it was neither confirmed nor overturned, where no rule was named, where the text fits no example, and
    where its words may not be shown.
    """
    if case.only_linked or case.status not in {CaseStatus.CONFIRMED, CaseStatus.OVERTURNED}:
        return None
    rule = case.decision.rule
    if rule is None or rule not in words or example_text(judged_text(case.submission)) is None:
        return None
    return Lesson(rule, words[rule], case.status is CaseStatus.CONFIRMED)


def judged_text(submission: Submission) -> str:
    """What the judge read of a submission, which is what an example of it must be like."""
    return submission.normalised or submission.text


def used(policy: Policy, learned: Iterable[LearnedExample]) -> tuple[Used, ...]:
    """Which examples are added to a policy, oldest first.

    Those of rules it does not have are left out, and texts that it gives as examples itself. The rest is taken newest
    first, the rules and both sides of each in turn, as far as MOST_MORE, MOST_ADDED and the room in a policy allow.
    """
    of_rule = _by_rule(policy, learned)
    own = Counter(example.rule for example in policy.examples)
    sides: list[list[Used]] = []
    for key, (breaking, fine) in of_rule.items():
        sides += [breaking[: len(fine) + MOST_MORE], fine[: own[key] + len(breaking) + MOST_MORE]]
    room = min(MOST_ADDED_CHARACTERS, MAX_POLICY_CHARACTERS - len(policy.source) - len(_HEADING))
    taken: list[Used] = []
    for one in _in_turn(sides):
        room -= len(_line(one.example)) + 1
        if room < 0 or len(taken) == MOST_ADDED:
            break
        taken.append(one)
    return tuple(sorted(taken, key=lambda one: one.learned.id))


def with_learned(policy: Policy, learned: Iterable[LearnedExample]) -> Policy:
    """The policy with the examples that `used` names; the policy itself where there are none.

    Nothing else of it is read in another way: a policy of which that cannot be said stays as it is.
    """
    added = tuple(one.example for one in used(policy, learned))
    if not added:
        return policy
    source = policy.source.rstrip() + _HEADING + "\n".join(map(_line, added)) + "\n"
    try:
        made = parse_policy(source)
    except PolicyError:
        return policy
    kept = (policy.title, policy.preamble, policy.rules, policy.fine, (*policy.examples, *added))
    return made if (made.title, made.preamble, made.rules, made.fine, made.examples) == kept else policy


def _by_rule(policy: Policy, learned: Iterable[LearnedExample]) -> dict[str, tuple[list[Used], list[Used]]]:
    """By the key of a rule of the policy what breaks it and what is fine beside it, each text once, newest first."""
    found: defaultdict[str, tuple[list[Used], list[Used]]] = defaultdict(lambda: ([], []))
    seen = {example.text.casefold() for example in policy.examples}
    for one in sorted(learned, key=lambda one: one.id, reverse=True):
        key = policy.key_with_words(one.lesson.rule, one.lesson.words)
        if key is None or one.text.casefold() in seen:
            continue
        example = Example(one.text, key if one.lesson.breaks else None)
        if _is_read_back(example):
            seen.add(one.text.casefold())
            breaking, fine = found[key]
            (breaking if one.lesson.breaks else fine).append(Used(one, example))
    return found


def _in_turn(sides: Iterable[list[Used]]) -> Iterator[Used]:
    return (one for row in zip_longest(*sides) for one in row if one is not None)


def _line(example: Example) -> str:
    return f'- "{example.text}" ' + ("is fine" if example.rule is None else f"breaks {example.rule}")


def _is_read_back(example: Example) -> bool:
    return read_example(_line(example)) == example
