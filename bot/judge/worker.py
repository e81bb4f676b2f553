"""The worker process: the only place where a model is loaded.

It reads requests from stdin and writes answers to stdout, one JSON object a line. It ends when its parent is
gone (stdin closes). Requests that are waiting together are answered together. Rationales are written side by side, a
token of each at a time; between any two the worker looks for messages that wait for a verdict, which come first.

Each request has "id", "op", and the policy's "digest" and "source": {"op": "prepare"}; {"op": "card"}, for what the
card says; {"op": "classify", "text", "seen", "context"}, where "seen" is null unless the message hides something, and
"context" holds authors with what they said before, where they did; {"op": "explain", "rule", "text", "context"}.
Answers: {"id", "ok": {...}}, {"id", "error": "…"}; {"event": "ready"} once, {"event": "progress"} while compiling or
judging long, {"event": "warning", "what"} for the log. A verdict given before has "repeat": 1.0 among its timings.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from bot.judge.alive import SignOfLife
from bot.judge.answering import Answering, Request, asked_of, by_itself, sentence_for
from bot.judge.engine import Engine, EngineError, EngineSettings
from bot.judge.explaining import Explained, Explaining, Task
from bot.judge.harmony import Effort, Thinking
from bot.judge.judging import Judging, milliseconds_since
from bot.judge.kept import MEGABYTE, KeptFolder
from bot.judge.kept_prefixes import KeptPrefixes
from bot.judge.library import load_library
from bot.judge.readout import readout_for
from bot.judge.reasoning import Reasoning, ReasoningWorker
from bot.judge.repeats import Repeats, repeat_key
from bot.own_stdout import own_stdout

_MOST_TOGETHER = 32
# Of long texts so many characters, some three calls of the engine: more would be no faster, and each verdict would wait
# for that of the last.
_CHARACTERS_TOGETHER = 6_000
# Seconds to wait for more once a message is there: those that come together come a moment apart, and a few tokens read
# alone take nearly as long as many. Beside some tenths of a second for a message it is nothing.
_MOMENT = 0.005
# Where messages wait all the time rationales must be written too: a token of each for so many messages judged. Of
# sixteen texts of 30 tokens that is one text for fifteen messages; where 5 % break a rule one for twenty is asked for.
# With a step for each four messages some three were written at a time, and a token cost 26 ms, of sixteen 9.
_MESSAGES_A_STEP = 8


@dataclass(slots=True)
class _Asking:
    """An explanation that is being written, and the requests that ask for it."""

    task: Task
    requests: list[Request]


class Worker:
    """Answers requests from a queue, verdicts before rationales."""

    def __init__(self, judging: Judging, explaining: Explaining, send: Callable[[dict[str, Any]], None]) -> None:
        """Answer with `judging` and `explaining`; `send` writes one answer."""
        self._judging = judging
        self._explaining = explaining
        self._send = send
        self._explained: dict[bytes, _Asking] = {}
        self._repeats = Repeats()
        self._answering = Answering(judging, self._repeats)

    def serve(self, requests: queue.Queue[Request]) -> None:
        """Answer for ever; the process ends from outside."""
        while True:
            self.answer(self.together(requests))

    def together(self, requests: queue.Queue[Request]) -> list[Request]:
        """What waits and what comes a moment after; where there are explanations to write, nothing is waited for."""
        taken: list[Request] = []
        if not self._explaining:
            taken.append(requests.get())
        while len(taken) < _MOST_TOGETHER and sum(map(_characters, taken)) < _CHARACTERS_TOGETHER:
            try:
                taken.append(requests.get(timeout=_MOMENT) if taken else requests.get_nowait())
            except queue.Empty:
                break
        return taken

    def answer(self, requests: list[Request]) -> None:
        """Answer what came together, then write on at the explanations that are asked for, a step or a few."""
        waiting: list[Request] = []
        for request in requests:
            if request["op"] in {"prepare", "card"}:
                self._classify(waiting)
                waiting = []
                self._guard(request, self._prepare if request["op"] == "prepare" else self._card)
            elif request["op"] == "classify":
                waiting.append(request)
            else:
                self._explain(request)
        self._classify(waiting)
        for _ in range(0, max(len(requests), 1), _MESSAGES_A_STEP):
            self._step()

    def _guard(self, request: Request, handle: Callable[[Request], dict[str, Any]]) -> None:
        try:
            self._send({"id": request["id"], "ok": handle(request)})
        except (EngineError, ValueError, KeyError) as error:
            self._send({"id": request["id"], "error": sentence_for(error)})

    def _prepare(self, request: Request) -> dict[str, Any]:
        start = time.perf_counter()
        self._send({"event": "progress", "what": "reading the policy"})
        self._judging.card(request["digest"], request["source"])
        return {"compile_ms": milliseconds_since(start)}

    def _card(self, request: Request) -> dict[str, Any]:
        self._send({"event": "progress", "what": "reading the policy"})
        return self._judging.told(request["digest"], request["source"])

    def _classify(self, requests: list[Request]) -> None:
        for request, outcome in self._answering.outcomes(requests):
            if isinstance(outcome, str):
                self._refuse([request], outcome)
            else:
                self._send({"id": request["id"], "ok": outcome.verdict()})

    def _refuse(self, requests: list[Request], why: str) -> None:
        for request in requests:
            self._send({"id": request["id"], "error": why})

    def _explain(self, request: Request) -> None:
        """Take on an explanation; one that was given before, or is being written, is not written again.

        What was said before counts only where it was needed for it.
        """
        key = repeat_key(request)
        known = self._repeats.recall(repeat_key(by_itself(request))) or self._repeats.recall(key)
        if known is not None:
            self._send({"id": request["id"], "ok": known})
        elif key in self._explained:
            self._explained[key].requests.append(request)
        else:
            task = self._explaining.ask(asked_of(request), request["rule"])
            self._explained[key] = _Asking(task, [request])

    def _step(self) -> None:
        """One token more of each rationale; answers are given where one is done."""
        if not self._explaining:
            return
        done = self._explaining.step()
        for key, asking in list(self._explained.items()):
            if asking.task not in done:
                continue
            del self._explained[key]
            outcome = asking.task.outcome
            if isinstance(outcome, Explained):
                answer = {"rationale": outcome.rationale, "quote": outcome.quote}
                needed = bool(asking.task.asked.before)
                self._repeats.keep(key if needed else repeat_key(by_itself(asking.requests[0])), answer)
                for request in asking.requests:
                    self._send({"id": request["id"], "ok": answer})
            else:
                self._refuse(asking.requests, sentence_for(outcome or EngineError("")))


def _characters(request: Request) -> int:
    return len(request.get("text", ""))


def _warning(what: str) -> dict[str, Any]:
    return {"event": "warning", "what": what}


def _read(stream: TextIO, requests: queue.Queue[Request]) -> None:
    """Queue each line of stdin; the process ends with its parent, whatever it is doing."""
    for line in stream:
        requests.put(json.loads(line))
    os._exit(0)


def main() -> None:
    """Load a model and serve.

    MODEL_PATH MODEL_DIGEST THREADS GPU_LAYERS KEPT_IN KEPT_MB; for a model that reasons also EFFORT and TOKENS of
    thinking.
    """
    answers = own_stdout()

    def send(answer: dict[str, Any]) -> None:
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

    try:
        folder = KeptFolder(Path(sys.argv[5]), int(sys.argv[6]) * MEGABYTE, lambda what: send(_warning(what)))
        kept = KeptPrefixes(folder, sys.argv[2])
        settings = EngineSettings(threads=int(sys.argv[3]), gpu_layers=int(sys.argv[4]), kept=kept)
        engine = Engine(Path(sys.argv[1]), settings)
    except EngineError as error:
        send({"event": "failed", "error": str(error)})
        sys.exit(3)
    requests: queue.Queue[Request] = queue.Queue()
    threading.Thread(target=_read, args=(sys.stdin, requests), daemon=True).start()
    try:
        worker = _worker(engine, send)
    except EngineError as error:
        send({"event": "failed", "error": str(error)})
        sys.exit(3)
    send({"event": "ready"})
    worker.serve(requests)


def _worker(engine: Engine, send: Callable[[dict[str, Any]], None]) -> Worker | ReasoningWorker:
    """What answers with this model; EngineError where it cannot."""
    if len(sys.argv) > 7:
        return ReasoningWorker(Reasoning(engine, Thinking(Effort(sys.argv[7]), int(sys.argv[8]))), engine, send)
    engine.on_decode = SignOfLife(send, "judging")
    judging = Judging(engine, load_library(), readout_for(sys.argv[2]))
    return Worker(judging, Explaining(engine, judging), send)


if __name__ == "__main__":
    main()
