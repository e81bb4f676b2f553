"""The plain way to ask a model: the policy as it was written, a message, and "Does this violate the policy?".

Run as `python -m bot.baselines.yes_or_no MODEL_PATH THREADS GPU_LAYERS`; see `bot.baselines.lines` for what it reads
and writes. The model is the judge's, asked in its own chat template; the probability is that of `Yes` against `No`
in the logits of the answer's first token.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from bot.baselines import chat
from bot.baselines.lines import Task, Told, answer, fail, read_task
from bot.judge.engine import Continuation, Engine, EngineError, EngineSettings
from bot.judge.prompts import NO, YES, message_asked
from bot.judge.readout import Logits
from bot.own_stdout import own_stdout

QUESTION = "\n\nDoes this message violate the policy? Answer Yes or No."
_TOGETHER = 16


class PlainQuestion:
    """Puts the question of texts by one policy to a loaded engine."""

    def __init__(self, engine: Engine, around: tuple[str, str], policy: str) -> None:
        """Read the policy now; `around` is what the model wants before and after a user's turn.

        EngineError where the policy is too long for the model's context.
        """
        before, after = around
        self._engine = engine
        self._behind = engine.prefix(f"Policy:\n{policy.strip()}\n\nMessage:", engine.frame(before or "\n"))
        # The question is ours and plain text; what the template puts after it may be control tokens.
        self._tail = engine.tokenize(QUESTION) + engine.tokenize_frame(after)
        self._words = (engine.tokenize(YES)[0], engine.tokenize(NO)[0])

    def ask(self, texts: Sequence[str]) -> list[Told]:
        """The answer for each text, in order; a text that does not fit is read from its beginning."""
        room = max(self._engine.longest_continuation(self._behind) - len(self._tail), 1)
        read = [self._engine.tokenize(message_asked(text)) for text in texts]
        rows = self._engine.last_logits([Continuation(self._behind, tokens[:room], self._tail) for tokens in read])
        return [Told(self._probability(row), cut=len(tokens) > room) for row, tokens in zip(rows, read, strict=True)]

    def _probability(self, logits: Logits) -> float:
        """Softmax over the two words alone: how likely the first is."""
        yes, no = (float(logits[word]) for word in self._words)
        return float(1.0 / (1.0 + np.exp(np.clip(no - yes, -700.0, 700.0))))


def _answers(question: PlainQuestion, task: Task) -> Iterator[Told]:
    for start in range(0, len(task.texts), _TOGETHER):
        yield from question.ask(task.texts[start : start + _TOGETHER])


def main() -> None:
    """Load the model and answer for all that stdin asks."""
    answers = own_stdout()
    task = read_task(sys.stdin)
    path, threads, gpu_layers = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    try:
        engine = Engine(path, EngineSettings(threads=threads, gpu_layers=gpu_layers))
        answer(answers, _answers(PlainQuestion(engine, chat.around(path), task.policy), task))
    except EngineError as error:
        fail(answers, f"The plain question could not be asked: {str(error).rstrip('.')}.")


if __name__ == "__main__":
    main()
