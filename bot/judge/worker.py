"""The worker process: the only place where a model is loaded.

It reads requests from stdin and writes answers to stdout, one JSON object a line. It ends when its parent is
gone (stdin closes). Requests that are waiting together are answered together.

Each request has "id", "op", and the policy's "digest" and "source": {"op": "prepare"}; {"op": "classify", "text",
"seen"}, the last null where the message hides nothing; {"op": "explain", "rule", "text"}. Answers: {"id", "ok": {...}},
{"id", "error": "…"}; {"event": "ready"} once, {"event": "progress"} while compiling.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from bot.judge.engine import Engine, EngineError, EngineSettings
from bot.judge.harmony import Effort, Thinking
from bot.judge.judging import Asked, Judging, TooLongError, milliseconds_since
from bot.judge.kept import KeptPrefixes
from bot.judge.library import load_library
from bot.judge.readout import readout_for
from bot.judge.reasoning import Reasoning, ReasoningWorker

Request = dict[str, Any]
_MOST_TOGETHER = 32


class Worker:
    """Answers requests from a queue, verdicts before rationales."""

    def __init__(self, judging: Judging, send: Callable[[dict[str, Any]], None]) -> None:
        """Answer with `judging`; `send` writes one answer."""
        self._judging = judging
        self._send = send
        self._explanations: list[Request] = []

    def serve(self, requests: queue.Queue[Request]) -> None:
        """Answer for ever; the process ends from outside."""
        while True:
            self.answer(self._next(requests))

    def _next(self, requests: queue.Queue[Request]) -> list[Request]:
        taken: list[Request] = []
        if not self._explanations:
            taken.append(requests.get())
        while len(taken) < _MOST_TOGETHER:
            try:
                taken.append(requests.get_nowait())
            except queue.Empty:
                break
        return taken

    def answer(self, requests: list[Request]) -> None:
        """Answer what came together, then one explanation that is waiting."""
        waiting: list[Request] = []
        for request in requests:
            if request["op"] == "prepare":
                self._classify(waiting)
                waiting = []
                self._guard(request, self._prepare)
            elif request["op"] == "classify":
                waiting.append(request)
            else:
                self._explanations.append(request)
        self._classify(waiting)
        if self._explanations:
            self._guard(self._explanations.pop(0), self._explain)

    def _guard(self, request: Request, handle: Callable[[Request], dict[str, Any]]) -> None:
        try:
            self._send({"id": request["id"], "ok": handle(request)})
        except (EngineError, ValueError, KeyError) as error:
            self._send({"id": request["id"], "error": _sentence(error)})

    def _prepare(self, request: Request) -> dict[str, Any]:
        start = time.perf_counter()
        self._send({"event": "progress", "what": "reading the policy"})
        self._judging.card(request["digest"], request["source"])
        return {"compile_ms": milliseconds_since(start)}

    def _classify(self, requests: list[Request]) -> None:
        if not requests:
            return
        start = time.perf_counter()
        try:
            answers = self._judging.classify([_asked(request) for request in requests])
        except (EngineError, ValueError, KeyError) as error:
            if len(requests) == 1:
                self._send({"id": requests[0]["id"], "error": _sentence(error)})
            else:  # one of them is to blame: the others must not suffer for it
                for request in requests:
                    self._classify([request])
            return
        took = milliseconds_since(start)
        for request, answer in zip(requests, answers, strict=True):
            if isinstance(answer, TooLongError):
                self._send({"id": request["id"], "error": str(answer)})
            else:
                timings = {"judge": took, "batch": len(requests)}
                self._send({"id": request["id"], "ok": {"probabilities": answer, "timings_ms": timings}})

    def _explain(self, request: Request) -> dict[str, Any]:
        start = time.perf_counter()
        rationale, quote = self._judging.explain(_asked(request), request["rule"])
        return {"rationale": rationale, "quote": quote, "explain_ms": milliseconds_since(start)}


def _asked(request: Request) -> Asked:
    return Asked(request["digest"], request["source"], request["text"], request.get("seen"))


def _sentence(error: Exception) -> str:
    if isinstance(error, KeyError):
        return "The policy has no such rule."
    return str(error) or "The judge failed."


def _read(stream: TextIO, requests: queue.Queue[Request]) -> None:
    """Queue each line of stdin; the process ends with its parent, whatever it is doing."""
    for line in stream:
        requests.put(json.loads(line))
    os._exit(0)


def main() -> None:
    """Load the model named on the command line and serve.

    MODEL_PATH MODEL_DIGEST THREADS GPU_LAYERS KEPT_IN, and for a model that reasons EFFORT and TOKENS of thinking.
    """
    # llama.cpp and its backends may print to stdout, which is ours for answers: keep a copy, then divert it.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)

    def send(answer: dict[str, Any]) -> None:
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

    try:
        kept = KeptPrefixes(Path(sys.argv[5]), sys.argv[2])
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
    if len(sys.argv) > 6:
        return ReasoningWorker(Reasoning(engine, Thinking(Effort(sys.argv[6]), int(sys.argv[7]))), engine, send)
    return Worker(Judging(engine, load_library(), readout_for(sys.argv[2])), send)


if __name__ == "__main__":
    main()
