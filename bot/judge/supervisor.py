"""The local judge: a worker process, kept alive, that owns the model.

Requests that a dying worker left behind are asked again of its successor; one that was under way at two deaths
is refused, so that a poisoned message cannot keep the judge down.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from bot.domain.normalise import seen_at_first
from bot.domain.policy import Policy
from bot.domain.submission import ContextMessage
from bot.domain.verdict import Explanation, Method, Verdict
from bot.judge.harmony import Thinking
from bot.judge.interface import JudgeError, JudgeInfo, NoAnswerError
from bot.judge.kept import DEFAULT_BYTES, MEGABYTE
from bot.judge.models import ModelFile

log = structlog.get_logger(__name__)

START_SECONDS = 300.0
SILENCE_SECONDS = 240.0
MOST_DEATHS_PER_REQUEST = 2
# A worker that the CPU stopped would be stopped again.
_NOT_THIS_CPU = (
    "llama.cpp was compiled for instructions that this machine cannot run: "
    "the README, under Models, says how to compile it for this one."
)
_BACKOFF_SECONDS = (0.1, 1.0, 5.0, 15.0, 30.0)
_LINE_LIMIT = 4 * 1024 * 1024


@dataclass(slots=True)
class _Waiting:
    """A request without an answer yet, and how many workers died over it."""

    request: dict[str, Any]
    answer: asyncio.Future[dict[str, Any]]
    deaths: int = 0


@dataclass(slots=True)
class _Process:
    """One worker process and when it was last heard."""

    process: asyncio.subprocess.Process
    heard_at: float = field(default_factory=time.monotonic)


class LocalJudge:
    """A judge on this machine (see `bot.judge.interface.Judge`); start it before use."""

    def __init__(
        self,
        model: ModelFile,
        kept_in: Path,
        threads: int | None = None,
        gpu_layers: int = 0,
        kept_mb: int = DEFAULT_BYTES // MEGABYTE,
        thinking: Thinking | None = None,
    ) -> None:
        """Judge with the model in `model.path`; `threads` is the number of cores unless given.

        `kept_in` is a folder for what the model made of texts that it would else read again after each start, at most
        `kept_mb` megabytes of it. `thinking` is for a model that reasons.
        """
        self._thinking = (thinking or Thinking()) if model.style == "harmony" else None
        self._model = model
        self._kept_in = kept_in
        self._kept_mb = kept_mb
        self._gpu_layers = gpu_layers
        self._threads = threads or len(os.sched_getaffinity(0))
        self._numbers = itertools.count(1)
        self._waiting: dict[int, _Waiting] = {}
        self._worker: _Process | None = None
        self._ready = asyncio.Event()
        self._failure = ""
        self._restarts = 0
        self._repeats = 0
        self._runner: asyncio.Task[None] | None = None

    # -- life --------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start the worker and wait until the model is loaded; JudgeError where it cannot be."""
        self._runner = asyncio.create_task(self._keep_running(), name="judge-supervisor")
        ready = asyncio.create_task(self._ready.wait())
        try:
            await asyncio.wait({ready, self._runner}, timeout=START_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ready.cancel()
        if not self._ready.is_set():
            await self.stop()
            raise JudgeError(self._failure or "The model did not load in time: see the log.")

    async def stop(self) -> None:
        """End the worker; what was still asked is refused with a JudgeError."""
        if self._runner:
            self._runner.cancel()
            with suppress(asyncio.CancelledError):
                await self._runner
            self._runner = None
        await self._end_worker()
        for waiting in self._waiting.values():
            if not waiting.answer.done():
                waiting.answer.set_exception(JudgeError("The judge was stopped."))
        self._waiting.clear()

    def info(self) -> JudgeInfo:
        """The model, whether it can answer now, and what it counted."""
        return JudgeInfo(self._model.name, self._model.digest, self._ready.is_set(), self._restarts, self._repeats)

    @property
    def worker_pid(self) -> int | None:
        """The worker's process id, while one runs."""
        return self._worker.process.pid if self._worker else None

    # -- the Judge interface -----------------------------------------------------------------------------

    async def prepare(self, policy: Policy) -> None:
        """Compile the policy's card now."""
        await self._ask({"op": "prepare"}, policy)

    async def classify(
        self, policy: Policy, text: str, normalised: str, context: Sequence[ContextMessage] = ()
    ) -> Verdict:
        """Judge the normalised text, which is the text itself where nothing was hidden in it.

        What was said before it is in the model's sight, where it may change the verdict, and is not judged.
        """
        started = time.perf_counter()
        request: dict[str, Any] = {
            "op": "classify",
            "text": normalised or text,
            "seen": seen_at_first(text),
            "posted": text,
            **_context(context),
        }
        answer = await self._ask(request, policy)
        probabilities = _probabilities(answer, policy)
        rationale, quote, reasoning = _said(answer, text)
        total = (time.perf_counter() - started) * 1_000
        timings = answer["timings_ms"]
        self._repeats += "repeat" in timings
        return Verdict(
            rule=max(probabilities, key=probabilities.__getitem__) if probabilities else None,
            probabilities=probabilities,
            policy_digest=policy.digest,
            model=self._model.name,
            model_digest=self._model.digest,
            method=Method.REASON if self._thinking else Method.CLASSIFY,
            rationale=rationale,
            quote=quote,
            reasoning=reasoning,
            timings_ms={name: value for name, value in timings.items() if name != "batch"} | {"total": total},
        )

    async def explain(
        self, policy: Policy, text: str, rule_key: str, context: Sequence[ContextMessage] = ()
    ) -> Explanation:
        """Rationale and quote for a rule that the message breaks."""
        request = {"op": "explain", "rule": rule_key, "text": text, **_context(context)}
        answer = await self._ask(request, policy)
        rationale, quote = str(answer.get("rationale", "")), str(answer.get("quote", ""))
        if quote not in text or not rationale:
            raise JudgeError("The judge's explanation does not fit the message.")
        return Explanation(rationale, quote)

    # -- asking ------------------------------------------------------------------------------------------

    async def _ask(self, request: dict[str, Any], policy: Policy) -> dict[str, Any]:
        if self._runner is None or self._runner.done():
            raise JudgeError(self._failure or "The judge is not running.")
        number = next(self._numbers)
        # The policy goes along each time: the worker may have forgotten it among those of many servers.
        whole = {"id": number, "digest": policy.digest, "source": policy.source, **request}
        waiting = _Waiting(whole, asyncio.get_running_loop().create_future())
        self._waiting[number] = waiting
        try:
            if self._ready.is_set():
                self._write(waiting)
            return await waiting.answer
        finally:
            self._waiting.pop(number, None)

    def _write(self, waiting: _Waiting) -> None:
        worker = self._worker
        if worker is None or worker.process.stdin is None or worker.process.stdin.is_closing():
            return  # asked again when the next worker is ready
        worker.heard_at = max(worker.heard_at, time.monotonic())
        worker.process.stdin.write(json.dumps(waiting.request).encode() + b"\n")

    # -- the worker --------------------------------------------------------------------------------------

    async def _keep_running(self) -> None:
        """Start a worker, serve until it dies, start the next; end for good where the model is unusable."""
        deaths_in_a_row = 0
        while True:
            try:
                await self._run_once()
            except JudgeError as error:
                self._failure = str(error)
                self._ready.clear()
                log.error("judge_unusable", reason=str(error))  # noqa: TRY400 - the reason says it all
                self._refuse_all(str(error))
                return
            was_ready = self._ready.is_set()
            self._ready.clear()
            await self._end_worker()
            deaths_in_a_row = 0 if was_ready else deaths_in_a_row + 1
            self._restarts += 1
            self._count_deaths()
            log.warning("judge_worker_died", restarts=self._restarts, waiting=len(self._waiting))
            await asyncio.sleep(_BACKOFF_SECONDS[min(deaths_in_a_row, len(_BACKOFF_SECONDS) - 1)])

    async def _run_once(self) -> None:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot.judge.worker",
            str(self._model.path),
            self._model.digest,
            str(self._threads),
            str(self._gpu_layers),
            str(self._kept_in),
            str(self._kept_mb),
            *([self._thinking.effort.value, str(self._thinking.tokens)] if self._thinking else []),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=None,
            limit=_LINE_LIMIT,
            start_new_session=True,  # a Ctrl-C in the terminal is the bot's to handle, not the worker's
        )
        self._worker = worker = _Process(process)
        watchdog = asyncio.create_task(self._watch(worker))
        assert process.stdout is not None
        try:
            while line := await process.stdout.readline():
                worker.heard_at = time.monotonic()
                self._hear(json.loads(line))
            # What it died of is known a moment after its last word.
            with suppress(TimeoutError):
                if await asyncio.wait_for(process.wait(), 1.0) == -signal.SIGILL:
                    raise JudgeError(_NOT_THIS_CPU)
        except ValueError:
            log.warning("judge_worker_nonsense")
        finally:
            watchdog.cancel()

    async def _watch(self, worker: _Process) -> None:
        """Kill a worker that owes answers and has been silent for too long."""
        while True:
            await asyncio.sleep(1.0)
            owes = bool(self._waiting) or not self._ready.is_set()
            if owes and time.monotonic() - worker.heard_at > SILENCE_SECONDS:
                log.warning("judge_worker_hangs")
                worker.process.kill()
                return
            if not owes:
                worker.heard_at = time.monotonic()

    def _hear(self, answer: dict[str, Any]) -> None:
        event = answer.get("event")
        if event == "failed":
            raise JudgeError(str(answer.get("error")))
        if event == "ready":
            self._ready.set()
            for waiting in list(self._waiting.values()):
                self._write(waiting)
            return
        if event == "warning":
            log.warning("judge_worker_warns", what=str(answer.get("what")))
        if event is not None:
            return
        asked = self._waiting.get(int(answer["id"])) if "id" in answer else None
        if asked is None or asked.answer.done():
            return
        if isinstance(answer.get("ok"), dict):
            asked.answer.set_result(answer["ok"])
        else:
            kind = JudgeError if answer.get("again", True) else NoAnswerError
            asked.answer.set_exception(kind(str(answer.get("error", "The judge failed."))))

    def _count_deaths(self) -> None:
        for waiting in list(self._waiting.values()):
            waiting.deaths += 1
            if waiting.deaths >= MOST_DEATHS_PER_REQUEST and not waiting.answer.done():
                waiting.answer.set_exception(JudgeError("The judge's process died twice over this message."))

    def _refuse_all(self, reason: str) -> None:
        for waiting in self._waiting.values():
            if not waiting.answer.done():
                waiting.answer.set_exception(JudgeError(reason))

    async def _end_worker(self) -> None:
        worker, self._worker = self._worker, None
        if worker is None:
            return
        if worker.process.stdin is not None:
            worker.process.stdin.close()
        if worker.process.returncode is None:
            with suppress(ProcessLookupError):
                worker.process.kill()
        await worker.process.wait()


def _said(answer: dict[str, Any], text: str) -> tuple[str, str, str]:
    """Rationale, quote and reasoning that came with an answer, empty where none did; JudgeError for a false quote."""
    rationale, quote, reasoning = (str(answer.get(name, "")) for name in ("rationale", "quote", "reasoning"))
    if quote not in text:
        raise JudgeError("The judge's explanation does not fit the message.")
    return rationale, quote, reasoning


def _context(context: Sequence[ContextMessage]) -> dict[str, Any]:
    """What a request says of the messages before; nothing where there are none."""
    return {"context": [[one.author, one.text] for one in context]} if context else {}


def _probabilities(answer: dict[str, Any], policy: Policy) -> dict[str, float]:
    """The answer's probability per rule; JudgeError where it is not exactly that."""
    given = answer.get("probabilities")
    keys = {rule.key for rule in policy.rules}
    if not isinstance(given, dict) or set(given) != keys:
        raise JudgeError("The judge's answer does not name each rule once.")
    if not all(isinstance(value, float) and 0.0 <= value <= 1.0 for value in given.values()):
        raise JudgeError("The judge's answer holds a number that is no probability.")
    return {rule.key: given[rule.key] for rule in policy.rules}
