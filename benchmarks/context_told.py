"""What it is worth to have in sight what was said before: `python -m benchmarks.context_told [--json]`, under a minute.

Each message of benchmarks/context, which nothing was fitted on, is judged by itself and in its context, as the worker
does it. A verdict is right where the bot would show the message to a moderator and it breaks a rule, or neither.
"""

from __future__ import annotations

import argparse
import json
import os
from collections import Counter
from typing import Any

from benchmarks.before_texts import MEASURED, Said, load_said
from bot.domain.decision import REVIEW_AT
from bot.domain.policy import Policy
from bot.judge.engine import Engine, EngineSettings
from bot.judge.judging import Answer, Asked, Judging, TooLongError, both
from bot.judge.library import load_library
from bot.judge.models import default_model_dir, resolve_model
from bot.judge.readout import readout_for

EVERY = "all"
COLUMNS = ("messages", "right alone", "right in context", "rule named", "read again")


def main() -> None:
    """Judge and print."""
    parser = argparse.ArgumentParser(description="Verdicts with and without what was said before.")
    parser.add_argument("--json", action="store_true", help="print JSON only")
    parser.add_argument(
        "--misses", action="store_true", help="show each message that was judged wrongly in its context"
    )
    arguments = parser.parse_args()
    file = resolve_model("default", default_model_dir())
    engine = Engine(file.path, EngineSettings(threads=len(os.sched_getaffinity(0))))
    told = measured(Judging(engine, load_library(), readout_for(file.digest)))
    if arguments.json:
        print(json.dumps(figures(told), indent=2))
        return
    for kind, found in figures(told).items():
        told_of = "   ".join(f"{name} {found[name]:4}" for name in COLUMNS)
        print(f"{kind:14} {told_of}")
    if arguments.misses:
        for said, _, heard, _ in told:
            if not right(said, heard):
                print(f"{said.kind}: {' / '.join(said.message.before)} → {said.message.text} ({said.rule}): {heard}")


Verdicts = tuple[Said, Answer, Answer, bool]
"""A message, what it is told by itself and in its context, whether it was read again for that."""


def measured(judging: Judging) -> list[Verdicts]:
    """Verdicts on all messages."""
    policies, said = load_said(MEASURED)
    asked = [_asked(one, policies[one.policy]) for one in said]
    alone = judging.classify(asked)
    again = [place for place, one in enumerate(asked) if judging.may_change(one, alone[place])]
    heard = dict(zip(again, judging.in_context([asked[place] for place in again]), strict=True))
    return [(one, alone[at], _told(alone[at], heard.get(at)), at in heard) for at, one in enumerate(said)]


def _told(alone: Answer, heard: Answer | None) -> Answer:
    if isinstance(alone, TooLongError) or heard is None:
        return alone
    return heard if isinstance(heard, TooLongError) else both(alone, heard)


def _asked(said: Said, policy: Policy) -> Asked:
    return Asked(policy.digest, policy.source, said.message.text, before=said.message.before)


def right(said: Said, answer: Answer) -> bool:
    """Whether a verdict says rightly that a message is fine or is not."""
    if isinstance(answer, TooLongError):
        return False
    return (max(answer.values()) >= REVIEW_AT) == (said.rule is not None)


def figures(told: list[Verdicts]) -> dict[str, dict[str, Any]]:
    """By kind and of all: how many messages, right by themselves, right in context, of these by name, read again."""
    counts: dict[str, Counter[str]] = {}
    for said, alone, heard, again in told:
        well = right(said, heard)
        named = well and not isinstance(heard, TooLongError) and said.rule in {None, max(heard, key=heard.__getitem__)}
        found = dict(zip(COLUMNS, (1, right(said, alone), well, named, again), strict=True))
        for kind in (said.kind, EVERY):
            counts.setdefault(kind, Counter()).update({name: int(value) for name, value in found.items()})
    return {kind: dict(found) for kind, found in counts.items()}


if __name__ == "__main__":
    main()
