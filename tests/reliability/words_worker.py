"""The judge's worker as `bot.judge.worker` runs it, with a judge that goes by words in place of a model.

What it is asked takes it a moment, so that it can be killed over it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from bot.domain.policy_text import parse_policy
from bot.judge import worker
from bot.judge.explaining import Explained, Task
from bot.judge.judging import Answer, Asked
from tests.reliability.words import explained, said_of

# As a model takes: most of the times that it is killed it is at something then.
_JUDGING_SECONDS = 0.15
_STEPS = 10
_STEP_SECONDS = 0.02


class WordsJudging:
    """In the place of `bot.judge.judging.Judging`."""

    def card(self, digest: str, source: str) -> None: ...

    def classify(self, asked: Sequence[Asked]) -> list[Answer]:
        time.sleep(_JUDGING_SECONDS)
        return [said_of(parse_policy(one.source), one.text) for one in asked]

    def may_change(self, asked: Asked, answer: Answer) -> bool:
        return False

    def in_context(self, asked: Sequence[Asked]) -> list[Answer]:
        return self.classify(asked) if asked else []


class WordsExplaining:
    """In the place of `bot.judge.explaining.Explaining`: all that is asked for is written in some steps."""

    def __init__(self) -> None:
        self._steps: dict[Task, int] = {}

    def __bool__(self) -> bool:
        return bool(self._steps)

    def ask(self, asked: Asked, rule_key: str) -> Task:
        task = Task(asked, rule_key)
        self._steps[task] = _STEPS
        return task

    def step(self) -> list[Task]:
        time.sleep(_STEP_SECONDS)
        self._steps = {task: left - 1 for task, left in self._steps.items()}
        done = [task for task, left in self._steps.items() if left <= 0]
        for task in done:
            del self._steps[task]
            task.outcome = Explained(explained(task.rule_key), task.asked.text[:20])
        return done


def main() -> None:
    """The real program, with the arguments that the real supervisor gives it."""

    def by_words(_: object, send: Any) -> worker.Worker:
        return worker.Worker(WordsJudging(), WordsExplaining(), send)  # type: ignore[arg-type]

    worker.Engine = lambda *_: None  # type: ignore[assignment,misc]
    worker._worker = by_words  # type: ignore[assignment]
    worker.main()


if __name__ == "__main__":
    main()
