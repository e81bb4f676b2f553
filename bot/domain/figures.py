"""What moderators are told of a server in numbers. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.decision import Outcome
from bot.domain.policy import ActionKind, Policy
from bot.domain.records import ActionOutcome, ReviewKind


@dataclass(frozen=True, slots=True)
class Queue:
    """What is not through yet of one server's submissions.

    `waiting` are to be judged or are being judged, the oldest having come in at `oldest`, None where none waits;
    `unfinished` are cases whose actions or post in the mod log are still to come.
    """

    waiting: int = 0
    oldest: datetime | None = None
    unfinished: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time: from `since` on, up to but without `until`."""

    since: datetime
    until: datetime

    def before(self) -> Span:
        """The stretch just as long that ends where this one begins."""
        return Span(self.since - (self.until - self.since), self.since)

    def days(self) -> list[Span]:
        """Its stretches of 24 hours, oldest first; the last may be shorter."""
        day, found = timedelta(days=1), [self.since]
        while found[-1] + day < self.until:
            found.append(found[-1] + day)
        return [Span(since, min(since + day, self.until)) for since in found]


@dataclass(frozen=True, slots=True)
class Latency:
    """How long verdicts took, in milliseconds: half of them at most `median`, 95 of 100 at most `p95`."""

    median: float
    p95: float


@dataclass(frozen=True, slots=True)
class Work:
    """What was done in a span: messages judged by what was decided, and actions by kind and what became of them.

    A message that could not be judged is not counted as judged. `latency` is None where no time is stored.
    """

    judged: Mapping[Outcome, int] = field(default_factory=dict)
    latency: Latency | None = None
    actions: Mapping[ActionKind, Mapping[ActionOutcome, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answers:
    """Cases, and how many of them moderators answered in which way; of a case the latest review counts."""

    cases: int = 0
    confirmed: int = 0
    overturned: int = 0
    other: int = 0

    def __add__(self, more: Answers) -> Answers:
        """Both together."""
        return Answers(
            self.cases + more.cases,
            self.confirmed + more.confirmed,
            self.overturned + more.overturned,
            self.other + more.other,
        )

    @property
    def agreement(self) -> float | None:
        """The share confirmed of those confirmed or overturned, in [0, 1]; None where there are none.

        Another action says that something had to be done and not that the bot was right about what: it is left out.
        """
        decided = self.confirmed + self.overturned
        return self.confirmed / decided if decided else None


def answers(review: ReviewKind | None, cases: int = 1) -> Answers:
    """So many cases that all got the same answer, or none."""
    return Answers(
        cases,
        confirmed=cases if review is ReviewKind.CONFIRM else 0,
        overturned=cases if review is ReviewKind.OVERTURN else 0,
        other=cases if review is ReviewKind.OTHER else 0,
    )


@dataclass(frozen=True, slots=True)
class Day:
    """24 hours up to `until`: what was judged, by what was decided, and the cases opened with their answers so far."""

    until: datetime
    judged: Mapping[Outcome, int] = field(default_factory=dict)
    answers: Answers = Answers()


@dataclass(frozen=True, slots=True)
class Tally:
    """The cases opened for one rule of one version of a policy; both are None where judging failed.

    `extends` are the versions that this one extended.
    """

    policy_number: int | None
    rule: str | None
    answers: Answers
    extends: tuple[int, ...] = ()

    @property
    def judged_by(self) -> tuple[int, ...]:
        """The numbers of the versions judged by, that of the outermost first."""
        return (*self.extends, self.policy_number) if self.policy_number is not None else ()


@dataclass(frozen=True, slots=True)
class ReviewedCase:
    """A case with a moderator's answer, the latest where there are several.

    `probability` in [0, 1] is that of the rule it was opened for as it counted then, `rule` its key in the version
    `policy_number`; `model_digest` tells what judged.
    """

    number: int
    policy_number: int
    rule: str
    probability: float
    review: ReviewKind
    extends: tuple[int, ...] = ()
    model_digest: str = ""

    @property
    def judged_by(self) -> tuple[int, ...]:
        """The numbers of the versions judged by, that of the outermost first."""
        return (*self.extends, self.policy_number)


@dataclass(frozen=True, slots=True)
class ByRule:
    """Answers by the keys of the live policy's rules.

    `gone` are for rules that were changed or removed since, or that whoever asks cannot see; `unjudged` for messages
    that could not be judged.
    """

    rules: Mapping[str, Answers] = field(default_factory=dict)
    gone: Answers = Answers()
    unjudged: Answers = Answers()

    @property
    def together(self) -> Answers:
        """All of them."""
        return sum(self.rules.values(), self.gone + self.unjudged)


def by_rule(tallies: Iterable[Tally], live: Policy | None, versions: Mapping[tuple[int, ...], Policy]) -> ByRule:
    """Sort tallies by the rules of the live policy; `versions` are the policies they were judged by, by `judged_by`.

    What counts is a rule's words, not its number: a rule that was reworded is judged otherwise and begins anew, one
    that was moved goes on.
    """
    rules: defaultdict[str, Answers] = defaultdict(Answers)
    gone = unjudged = Answers()
    for tally in tallies:
        if tally.rule is None or tally.policy_number is None:
            unjudged += tally.answers
        elif (key := live_key(tally.rule, versions.get(tally.judged_by), live)) is not None:
            rules[key] += tally.answers
        else:
            gone += tally.answers
    return ByRule(dict(rules), gone, unjudged)


def live_key(key: str, then: Policy | None, live: Policy | None) -> str | None:
    """The key that a rule of an earlier policy has in the live one; None where none of its rules has these words."""
    words = next((rule.text for rule in then.rules if rule.key == key), None) if then else None
    return live.key_with_words(key, words) if live is not None and words is not None else None
