"""What requests for a verdict are told: judged together, what was asked before not again, each for its own faults."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.normalise import normalise
from bot.judge.engine import EngineError
from bot.judge.judging import Answer, Asked, Judging, TooLongError, both, milliseconds_since
from bot.judge.repeats import Repeats, repeat_key
from bot.language import mark

Request = dict[str, Any]
# Of a message before the one judged so much is read.
BEFORE_CHARACTERS = 160

_Judged = Callable[[Sequence[Asked]], list[Answer]]
_REPEAT = {"repeat": 1.0}


@dataclass(frozen=True, slots=True)
class Told:
    """A verdict: probability per rule, and what it took in milliseconds or counts."""

    probabilities: dict[str, float]
    timings: dict[str, float]

    def with_heard(self, heard: Told) -> Told:
        """This, of a message by itself, and what it is told in its context; a repeat only if both are."""
        timings = {**heard.timings, "judge": self.timings["judge"] + heard.timings["judge"]}
        if "repeat" not in self.timings:
            timings.pop("repeat", None)
        return Told(both(self.probabilities, heard.probabilities), timings)

    def again(self) -> Told:
        """The same, told to another who asked for it."""
        return Told(self.probabilities, {**self.timings, **_REPEAT})

    def verdict(self) -> dict[str, Any]:
        """As it is answered."""
        return {"probabilities": self.probabilities, "timings_ms": self.timings}


class Answering:
    """Verdicts for requests that came together."""

    def __init__(self, judging: Judging, repeats: Repeats) -> None:
        """Judge with `judging`; what was told before is in `repeats`."""
        self._judging = judging
        self._repeats = repeats

    def outcomes(self, requests: Sequence[Request]) -> Iterator[tuple[Request, Told | str]]:
        """Each request with what it is told, as soon as that is known; a sentence where it cannot be judged.

        Each message is judged by itself, and at the end once more where what was said before it may change the verdict.
        """
        alone = self._told([by_itself(request) for request in requests], self._judging.classify)
        again = []
        for request in requests:
            if self._may_change(request, alone[request["id"]]):
                again.append(request)
            else:
                yield request, alone[request["id"]]
        heard = self._told(again, self._judging.in_context)
        for request in again:
            first, second = alone[request["id"]], heard[request["id"]]
            if isinstance(first, Told) and isinstance(second, Told):
                second = first.with_heard(second)
            yield request, second

    def _may_change(self, request: Request, outcome: Told | str) -> bool:
        if not request.get("context") or not isinstance(outcome, Told):
            return False
        return self._judging.may_change(asked_of(request), outcome.probabilities)

    def _told(self, requests: Sequence[Request], judge: _Judged) -> dict[int, Told | str]:
        """What each request is told, by its number: repeats from before; of those that ask the same one is judged."""
        outcomes: dict[int, Told | str] = {}
        fresh: dict[bytes, list[Request]] = {}
        for request in requests:
            key = repeat_key(request)
            known = self._repeats.recall(key)
            if known is None:
                fresh.setdefault(key, []).append(request)
            else:
                outcomes[request["id"]] = Told(known, {"judge": 0.0, **_REPEAT})
        for key, outcome in self._judge({key: same[0] for key, same in fresh.items()}, judge).items():
            first, *repeats = fresh[key]
            outcomes[first["id"]] = outcome
            again = outcome if isinstance(outcome, str) else outcome.again()
            outcomes |= {repeat["id"]: again for repeat in repeats}
        return outcomes

    def _judge(self, asked: dict[bytes, Request], judge: _Judged) -> dict[bytes, Told | str]:
        """What the judge tells of requests that were not answered before, by their keys; a sentence where it cannot."""
        if not asked:
            return {}
        start = time.perf_counter()
        try:
            answers = judge([asked_of(request) for request in asked.values()])
        except (EngineError, ValueError, KeyError) as error:
            if len(asked) == 1:
                return dict.fromkeys(asked, sentence_for(error))
            # One of them is to blame: the others must not suffer for it.
            return {k: told for key, request in asked.items() for k, told in self._judge({key: request}, judge).items()}
        timings = {"judge": milliseconds_since(start), "batch": float(len(asked))}
        outcomes: dict[bytes, Told | str] = {}
        for key, answer in zip(asked, answers, strict=True):
            if isinstance(answer, TooLongError):
                outcomes[key] = str(answer)
            else:
                self._repeats.keep(key, answer)
                outcomes[key] = Told(answer, timings)
        return outcomes


def by_itself(request: Request) -> Request:
    """A request without what was said before the message: it asks the same as others after other words."""
    return {name: value for name, value in request.items() if name != "context"}


def asked_of(request: Request) -> Asked:
    """What a request asks of the judge."""
    before = tuple(normalise(line)[:BEFORE_CHARACTERS] for _, line in request.get("context", ()))
    return Asked(
        request["digest"], request["source"], request["text"], request.get("seen"), tuple(filter(None, before))
    )


def sentence_for(error: Exception) -> str:
    """What is said to whoever asked."""
    if isinstance(error, KeyError):
        return mark("The policy has no such rule.")
    return str(error) or mark("The judge failed.")
