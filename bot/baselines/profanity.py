"""alt-profanity-check: a linear model over words, which knows no policy.

Run as `python -m bot.baselines.profanity`; see `bot.baselines.lines` for what it reads and writes. It stands in a
process of its own because scikit-learn is heavy.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence

from bot.baselines.lines import Task, Told, answer, fail, read_task
from bot.own_stdout import own_stdout

_TOGETHER = 64


def main() -> None:
    """Answer for all that stdin asks."""
    answers = own_stdout()
    task = read_task(sys.stdin)
    try:
        from profanity_check import predict_prob  # takes seconds, and may be missing
    except ImportError as error:
        fail(answers, f"alt-profanity-check cannot be loaded: {error}.")
    answer(answers, _answers(task, predict_prob))


def _answers(task: Task, predict: Callable[[list[str]], Sequence[float]]) -> Iterator[Told]:
    for start in range(0, len(task.texts), _TOGETHER):
        for value in predict(list(task.texts[start : start + _TOGETHER])):
            yield Told(float(value))


if __name__ == "__main__":
    main()
