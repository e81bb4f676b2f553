"""Like messages: a raid of messages nearly the same costs a few judgements, and not one each.

Of each kind of message the last few that were judged are remembered for a minute, as digests and probabilities, no
words; `bot.domain.likeness` says for which others these hold. A kind is of one server, and of what is in force where
the message stands: another server's verdicts, or those by an earlier policy, are never told. The first of a kind are
judged while the others wait for them, and then one again for so many told, so that a raid which turns into something
else is found out. Where they do not agree each is judged by itself, as if there were none of this.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum, auto

from bot.domain.decision import ThresholdTable
from bot.domain.likeness import (
    Likeness,
    Marks,
    Precedent,
    agreed,
    covers,
    lacking,
    likeness,
    told_alike,
)
from bot.domain.normalise import normalise
from bot.domain.submission import Submission
from bot.domain.verdict import Verdict
from bot.judge.interface import Judge
from bot.pipeline.law import Law, verdict_under
from bot.pipeline.metrics import Metrics

SECONDS = 60.0
"""So long after a judgement it holds for like messages."""
MOST_KINDS = 1_024
MOST_PRECEDENTS = 12
TOLD_FOR_EACH = 4
"""After a judgement so many are told for each message of the kind that there was, and then one is judged again."""
MOST_TOLD = 100
"""So many are told after a judgement at most."""


class _Next(Enum):
    """What comes next for a message that is not told anything yet."""

    JUDGE = auto()
    WAIT = auto()


@dataclass(slots=True)
class _Kind:
    """What is known of messages of one kind: how many there were up to the last that was judged, how many were told
    since, and how many are being judged now.
    """

    judged_at: float
    precedents: deque[Precedent] = field(default_factory=lambda: deque(maxlen=MOST_PRECEDENTS))
    so_far: int = 0
    told: int = 0
    judging: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def may_tell(self) -> bool:
        """Whether another may be told before one is judged again."""
        return self.told < min(TOLD_FOR_EACH * self.so_far, MOST_TOLD)

    def take(self, precedent: Precedent) -> None:
        """Go by one more; those of another model say nothing beside it."""
        if self.precedents and self.precedents[-1].verdict.model_digest != precedent.verdict.model_digest:
            self.precedents.clear()
        self.precedents.append(precedent)
        self.so_far += self.told + 1
        self.told = 0

    def wake(self) -> None:
        """Let those who wait look again."""
        self.changed.set()
        self.changed = asyncio.Event()


class LikeMessages:
    """Judges submissions as `verdict_under` does, but for those of a raid that need not be."""

    def __init__(self, judge: Judge, metrics: Metrics, clock: Callable[[], float]) -> None:
        """Ask `judge`; `clock` tells seconds that never go back."""
        self._judge = judge
        self._metrics = metrics
        self._clock = clock
        # Those used last come last.
        self._kinds: OrderedDict[str, _Kind] = OrderedDict()
        # So that no digest can be compared with that of a word that somebody guesses.
        self._salt = secrets.token_bytes(16)

    async def verdict(self, law: Law, thresholds: ThresholdTable, said: Submission) -> Verdict:
        """What the judge says of a submission, or said of others like it. Raises JudgeError."""
        like = likeness(said.text, said.normalised, self._name)
        if like is None:
            return await verdict_under(law, self._judge, said)
        kind = self._kind(law, said.guild_id, like)
        while (told := _next(kind, like.marks, law, thresholds)) is _Next.WAIT:
            await kind.changed.wait()
        if isinstance(told, Verdict):
            kind.told += 1
            self._metrics.told_alike()
            return told
        return await self._judged(kind, like, law, said)

    async def _judged(self, kind: _Kind, like: Likeness, law: Law, said: Submission) -> Verdict:
        """What the judge says, which is a precedent from then on; whoever waits for it looks again in any case."""
        kind.judging += 1
        try:
            verdict = await verdict_under(law, self._judge, said)
            before = self._before(said, like if kind.precedents else None)
            kind.take(Precedent(replace(verdict, rationale="", quote="", reasoning=""), like.marks, before))
            kind.judged_at = self._clock()
        finally:
            kind.judging -= 1
            kind.wake()
        return verdict

    def _kind(self, law: Law, guild_id: int, like: Likeness) -> _Kind:
        """What is known of a kind of message; nothing where the last judgement of it was too long ago."""
        shifts = sorted((key, one.shift, one.model_digest) for key, one in law.shifts.items())
        key = self._name(json.dumps([guild_id, law.policy.digest, shifts, like.words]))
        now = self._clock()
        kind = self._kinds.pop(key, None)
        if kind is None or now - kind.judged_at > SECONDS:
            kind = _Kind(now)
        self._kinds[key] = kind
        while len(self._kinds) > MOST_KINDS or now - next(iter(self._kinds.values())).judged_at > SECONDS:
            self._kinds.popitem(last=False)
        return kind

    def _before(self, said: Submission, like: Likeness | None) -> frozenset[str]:
        """The messages before a submission, without those of the raid itself, which are `like` it."""
        lines = {one.text for one in said.context}
        if like is not None:
            found = {line: likeness(line, normalise(line)) for line in lines}
            lines = {line for line, its in found.items() if its is None or its.words != like.words}
        return frozenset(map(self._name, lines))

    def _name(self, text: str) -> str:
        """A text's digest, of which nothing can be told without the salt."""
        return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16, key=self._salt).hexdigest()


def _next(kind: _Kind, marks: Marks, law: Law, thresholds: ThresholdTable) -> Verdict | _Next:
    """What a message is told, or whether it is judged or waits for those that are."""
    precedents = kind.precedents
    if len(precedents) < MOST_PRECEDENTS and (lacks := lacking(precedents, marks)):
        return _Next.JUDGE if kind.judging < lacks else _Next.WAIT
    decision = agreed(precedents, law.policy, thresholds)
    if decision is None or not covers(precedents, marks, decision, law.policy):
        return _Next.JUDGE
    if kind.may_tell:
        return told_alike(precedents)
    return _Next.WAIT if kind.judging else _Next.JUDGE
