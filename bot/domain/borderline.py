"""Borderline texts: those of which the judge is least sure whether they break a rule. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bot.domain.backtest import Sample
from bot.domain.decision import Thresholds, ThresholdTable
from bot.domain.learned import example_text, judged_text
from bot.domain.odds import log_odds
from bot.domain.policy import Policy, Rule
from bot.domain.verdict import Verdict

MOST_SHOWN = 5
"""So many texts are shown for a rule at most."""
MOST_TRIED = 40
"""So many texts are judged for it at most."""
_MOST_OF_PACKS = 16
# How far, in log-odds, a probability may be from a threshold of its rule for the judge to count as unsure: 0.5 is as
# far from 0.82 and from 0.18.
_UNSURE = 1.5
_CLOSEST = 0.001
_LONG_WORD = 4

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PackText:
    """A message that a pack gives, the pack's name, and the words by which the pack's rules are known."""

    pack: str
    text: str
    about: frozenset[str]


@dataclass(frozen=True, slots=True)
class Borderline:
    """A text with the probability that it breaks the rule it is shown for."""

    source: Sample | PackText
    probability: float


def words_of(text: str) -> frozenset[str]:
    """The longer words of a text, by which rules and packs on the same subject find each other."""
    letters = "".join(char if char.isalpha() else " " for char in text.casefold())
    return frozenset(word.removesuffix("s") for word in letters.split() if len(word) >= _LONG_WORD)


def own_candidates(samples: Iterable[Sample], known: Collection[str], thresholds: ThresholdTable) -> list[Sample]:
    """Of a server's messages those worth judging anew: each text once, none that is `known` as an example already.

    First those of which the verdict on record was least sure, at most as many as are judged.
    """
    found: dict[str, Sample] = {}
    for sample in samples:
        text = example_text(judged_text(sample.submission))
        if text is not None and text.casefold() not in known:
            found.setdefault(text.casefold(), sample)
    return sorted(found.values(), key=lambda one: _sureness(one.verdict, thresholds))[:MOST_TRIED]


def pack_candidates(rules: Sequence[Rule], texts: Iterable[PackText], known: Collection[str]) -> list[PackText]:
    """Packs' messages that are on the subjects of the rules, each pack in its turn; of all packs where none is."""
    about = words_of(" ".join(rule.text for rule in rules))
    by_pack: dict[str, list[PackText]] = {}
    for text in texts:
        if text.text.casefold() not in known and example_text(text.text) == text.text:
            by_pack.setdefault(text.pack, []).append(text)
    near = {pack: found for pack, found in by_pack.items() if about & found[0].about}
    return _in_turn(list((near or by_pack).values()), _MOST_OF_PACKS)


def candidates(own: Sequence[Sample], packs: Sequence[PackText]) -> list[Sample | PackText]:
    """What is judged: the packs' messages, and of the server's own as many as there is room for."""
    return [*own[: MOST_TRIED - len(packs)], *packs]


def borderline(
    judged: Iterable[tuple[Sample | PackText, Verdict]], policy: Policy, thresholds: ThresholdTable
) -> dict[str, list[Borderline]]:
    """By a rule's key, in the policy's order, the texts that the judge was least sure of, the least sure first.

    Each text is shown once: for the rule to one of whose thresholds it came nearest.
    """
    found: dict[str, list[tuple[float, Borderline]]] = {rule.key: [] for rule in policy.rules}
    for source, verdict in judged:
        if not verdict.probabilities:
            continue
        distance, key = min((_distance(p, thresholds.of(key)), key) for key, p in verdict.probabilities.items())
        if distance <= _UNSURE and key in found:
            found[key].append((distance, Borderline(source, verdict.probabilities[key])))
    nearest = {key: sorted(some, key=lambda one: one[0])[:MOST_SHOWN] for key, some in found.items()}
    return {key: [one for _, one in some] for key, some in nearest.items() if some}


def _sureness(verdict: Verdict | None, thresholds: ThresholdTable) -> float:
    """How far a verdict was from any rule's threshold; as far as counts as unsure where there is none."""
    if verdict is None:
        return _UNSURE
    return min((_distance(p, thresholds.of(key)) for key, p in verdict.probabilities.items()), default=_UNSURE)


def _distance(probability: float, thresholds: Thresholds) -> float:
    """How far, in log-odds, a probability is from the nearer of a rule's thresholds."""
    return min(
        abs(log_odds(probability, _CLOSEST) - log_odds(at, _CLOSEST))
        for at in (thresholds.act_at, thresholds.review_at)
    )


def _in_turn(lists: Sequence[Sequence[T]], most: int) -> list[T]:
    longest = max(map(len, lists), default=0)
    return [some[place] for place in range(longest) for some in lists if place < len(some)][:most]
