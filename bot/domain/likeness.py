"""Likeness: when a message of a raid may be told what messages nearly the same were told a moment before. Pure.

The words say which messages are like each other; case, punctuation, layout, mentions, emoji, numbers and random letters
do not count among them. What was left out may well matter, so two like messages never share a verdict. A precedent is
a like message that was judged itself, on the same server, by the same policy, and it takes several that agree:

- Whatever lies between the lowest and the highest probability of each rule among them, and a margin beyond, comes to
  one decision. What is told is the lowest: likeness is never harsher than the mildest judgement it rests on.
- They stood behind different messages. What was said before all of them may be why they were told so.
- They differed where this message does. Then what they lack or have in common with it did not matter, but for:
- numbers. Where the rule that decides speaks of any ("nobody under 13"), and wherever one stands between words ("I am
  14 years old"), only a number between two that were told alike is told the same: a rule draws one line. A number at
  either end of a message is a raid's own count otherwise.
- what is fine. An emoji or a strange word can make an insult of it, so it must have been in a precedent; what breaks a
  rule is not mended by one.

A message of few words is like no other: "yes, 12" means something only behind a question. Nor is one that hides words
behind spoiler bars, which rules may be about.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.domain.calibration import shifted
from bot.domain.decision import Decision, Outcome, ThresholdTable, decide
from bot.domain.normalise import at_first_sight
from bot.domain.policy import Policy
from bot.domain.randomness import is_random
from bot.domain.verdict import Method, Verdict
from bot.language import tr

FEWEST_PRECEDENTS = 3
CLEAR = 0.3
"""In log-odds: so far from a threshold must a probability be, as 0.88 is from 0.85."""
# Bytes of UTF-8, for a letter of Chinese says more than one of English.
_FEWEST_BYTES = 16
_MOST_CHARACTERS = 4_000
_MOST_DIGITS = 4
# More than a raid's sender puts beside the words, and all of it is remembered for a while.
_MOST_MARKS = 20

_CALL = re.compile("@member|@role|#channel")
_NAMED_EMOJI = re.compile(r":\w{2,32}:")
_SIGN = re.compile(r"[^\w\s]|_")
_APOSTROPHES = "'’"
_NUMBER = "0"
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Marks:
    """What was left out of a message's words: numbers between them, numbers around them, and the rest.

    The rest are emoji, words of letters and digits, long numbers and random letters.
    """

    between: tuple[int, ...] = ()
    around: tuple[int, ...] = ()
    rest: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Likeness:
    """A message's words as likeness goes by them, with the shape they are in, and what was left out of them."""

    words: str
    marks: Marks


@dataclass(frozen=True, slots=True)
class Precedent:
    """A like message that was judged itself: what it was told, its marks, and the messages before it, by any names."""

    verdict: Verdict
    marks: Marks
    before: frozenset[str] = frozenset()


def likeness(text: str, normalised: str, name: Callable[[str], str] = str) -> Likeness | None:
    """The likeness of a message; None where it is like no other. `name` names what is left out."""
    if len(normalised) > _MOST_CHARACTERS or at_first_sight(text) != text:
        return None
    rest: set[str] = set(_NAMED_EMOJI.findall(normalised))
    plain = _NAMED_EMOJI.sub(" ", _CALL.sub(" ", normalised))
    tokens = _SIGN.sub(lambda sign: _plain(sign.group(), rest), plain).casefold().split()
    first, last = _ends(tokens)
    kept: list[str] = []
    between: list[int] = []
    around: list[int] = []
    for place, token in enumerate(tokens):
        if _is_number(token):
            (between if first <= place < last else around).append(int(token))
            kept += [_NUMBER] * (first <= place < last)
        elif first <= place < last and not _has_digit(token):
            kept.append(token)
        else:
            rest.add(token)
    words = " ".join(kept)
    if len(words.encode("utf-8", "replace")) < _FEWEST_BYTES or len(between) + len(around) + len(rest) > _MOST_MARKS:
        return None
    marks = Marks(tuple(between), tuple(around), frozenset(map(name, rest)))
    return Likeness(f"{_shape(text, normalised, words)} {words}", marks)


def in_common(precedents: Sequence[Precedent]) -> frozenset[str]:
    """The messages that stood before each of some precedents."""
    return frozenset.intersection(*(one.before for one in precedents)) if precedents else frozenset()


def lacking(precedents: Sequence[Precedent], marks: Marks) -> int:
    """How many more messages must be judged before precedents may say anything of one with these marks."""
    seen = {one.marks for one in precedents}
    fewest = max(FEWEST_PRECEDENTS - len(precedents), 1 if in_common(precedents) else 0)
    return fewest if marks in seen else max(fewest, FEWEST_PRECEDENTS - len(seen))


def agreed(precedents: Sequence[Precedent], policy: Policy, thresholds: ThresholdTable) -> Decision | None:
    """The decision that precedents clearly come to, each and all; None where they do not, or where they are too few."""
    if len(precedents) < FEWEST_PRECEDENTS or in_common(precedents):
        return None
    verdicts = [one.verdict for one in precedents]
    low, high = _extreme(verdicts, min, -CLEAR), _extreme(verdicts, max, CLEAR)
    decision = decide(low, policy, thresholds)
    own = {key: low.probabilities[key] for key in low.probabilities if key == decision.rule}
    nearest = replace(high, probabilities={**high.probabilities, **own})
    return decision if all(decide(one, policy, thresholds) == decision for one in (high, nearest)) else None


def covers(precedents: Sequence[Precedent], marks: Marks, decision: Decision, policy: Policy) -> bool:
    """Whether what precedents were told holds for a message with these marks too."""
    seen = {one.marks for one in precedents}
    if marks in seen:
        return True
    if len(seen) < FEWEST_PRECEDENTS or not _lies_among(marks.between, [one.between for one in seen]):
        return False
    if _speak_of_numbers(policy, decision) and not _lies_among(marks.around, [one.around for one in seen]):
        return False
    return decision.outcome is not Outcome.ALLOW or marks.rest <= frozenset().union(*(one.rest for one in seen))


def told_alike(precedents: Sequence[Precedent]) -> Verdict:
    """What is told by precedents: the lowest probability of each rule, and in words that it is not the judge's own."""
    lowest = _extreme([one.verdict for one in precedents], min, 0.0)
    why = tr(
        "Not judged by itself: it is much like {n} messages judged just before it, which were all told the same.",
        n=len(precedents),
    )
    return Verdict(
        lowest.rule,
        lowest.probabilities,
        lowest.policy_digest,
        lowest.model,
        lowest.model_digest,
        Method.ALIKE,
        why,
        timings_ms={"total": 0.0},
    )


def _plain(sign: str, rest: set[str]) -> str:
    """What stands for a sign among the words: accents that no letter has built in stay, and emoji are put apart."""
    category = unicodedata.category(sign)
    if category in {"Mn", "Mc"}:
        return sign
    if category == "So":
        rest.add(sign)
    return "" if category == "Cf" or sign in _APOSTROPHES else " "


def _ends(tokens: Sequence[str]) -> tuple[int, int]:
    """The place of the first word and that after the last, without what a raid puts around them."""
    words = [place for place, token in enumerate(tokens) if not (_has_digit(token) or is_random(token))]
    return (words[0], words[-1] + 1) if words else (0, 0)


def _has_digit(token: str) -> bool:
    return _DIGIT.search(token) is not None


def _is_number(token: str) -> bool:
    return token.isdecimal() and len(token) <= _MOST_DIGITS


def _shape(text: str, normalised: str, words: str) -> str:
    """What rules on the form of messages go by: capitals, whether anybody is called, and how much stands by the words.

    The last by powers of two: a wall of emoji, mentions, blanks or exclamation marks is like another such wall only.
    """
    capitals = sum(map(str.isupper, normalised))
    shouts = capitals > sum(map(str.islower, normalised))
    bulk = (len(text) // len(words)).bit_length()
    return f"{shouts:d}{_CALL.search(normalised) is not None:d}{bulk}"


def _extreme(verdicts: Sequence[Verdict], of: Callable[..., float], shift: float) -> Verdict:
    """A verdict with the lowest or the highest probability of each rule, shifted in log-odds."""
    first = verdicts[0]
    said = {key: shifted(of(one.probabilities[key] for one in verdicts), shift) for key in first.probabilities}
    rule = max(said, key=lambda key: (said[key], key == first.rule), default=None)
    return Verdict(rule, said, first.policy_digest, first.model, first.model_digest)


def _lies_among(numbers: tuple[int, ...], others: Sequence[tuple[int, ...]]) -> bool:
    """Whether each number lies between two of the others in its place, or is one of them."""
    if any(len(one) != len(numbers) for one in others):
        return False
    columns = zip(numbers, zip(*others, strict=True), strict=True)
    return all(min(column) <= number <= max(column) for number, column in columns)


def _speak_of_numbers(policy: Policy, decision: Decision) -> bool:
    """Whether the words that a decision rests on have a number among them; where all is fine, those of any rule."""
    rules = [rule.text for rule in policy.rules if decision.rule in {None, rule.key}]
    return any(map(_has_digit, [policy.preamble, *policy.fine, *rules]))
