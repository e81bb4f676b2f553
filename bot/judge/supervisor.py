"""The local judge: a worker process, kept alive, that owns the model.

Requests that a dying worker left behind are asked again of its successor, one at a time: one over which two workers
died is refused, so that a poisoned message cannot keep the judge down, and no other suffers for it. A successor first
answers a harmless question, by a policy that was judged by before: where that fails too it is the judge that is sick,
and not a message. Then, and where the model cannot be loaded, the judge is away: it refuses what it is asked, and
tries again later and later.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog

from bot.domain.normalise import seen_at_first
from bot.domain.policy import Policy
from bot.domain.submission import ContextMessage
from bot.domain.verdict import Explanation, Method, Verdict
from bot.judge.card_read import CardRead, card_in
from bot.judge.harmony import Thinking
from bot.judge.interface import JudgeError, JudgeInfo, NoAnswerError
from bot.judge.kept import DEFAULT_BYTES, MEGABYTE
from bot.judge.models import ModelFile
from bot.judge.process import NonsenseError, WorkerProcess
from bot.judge.replies import outcome_in, probabilities_in, said_in, timings_in
from bot.judge.requests import Requests
from bot.language import mark

log = structlog.get_logger(__name__)

START_SECONDS = 300.0
SILENCE_SECONDS = 240.0
MOST_UNABLE = 3
# In a row: then it may be the worker, and not the messages.
MOST_ERRORS = 8
# A worker that the CPU stopped would be stopped again.
_NOT_THIS_CPU = mark(
    "llama.cpp was compiled for instructions that this machine cannot run: "
    "the README, under Models, says how to compile it for this one."
)
_DIES = mark(
    "The judge's process cannot be kept running: see the log, and whether the machine has the memory for the model."
)
_WATCH_SECONDS = 1.0
# After so many workers in a row that answered nothing; a model that cannot be loaded waits for a human's hand.
_BACKOFF_SECONDS = (0.1, 1.0, 5.0, 15.0, 30.0, 60.0, 120.0)
_UNUSABLE = 5
_PROOF = 0
_HARMLESS = "Good morning!"


class _WrongCpuError(JudgeError):
    """No worker will ever judge on this machine."""


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
        self._requests = Requests()
        self._worker: WorkerProcess | None = None
        self._ready = asyncio.Event()
        # Why it is away; empty while it answers, and in the moments until the next worker does.
        self._failure = ""
        self._was_ready = self._was_able = self._has_answered = False
        self._errors = 0
        # A policy by which a worker answered: the next is proved with it, and has its card at hand.
        self._proved_by: Policy | None = None
        self._restarts = 0
        self._repeats = 0
        self._runner: asyncio.Task[None] | None = None

    # -- life --------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start the worker and wait until the model is loaded; JudgeError where it cannot be."""
        self._failure, self._was_ready = "", False
        self._runner = asyncio.create_task(self._keep_running(), name="judge-supervisor")
        ready = asyncio.create_task(self._ready.wait())
        try:
            await asyncio.wait({ready, self._runner}, timeout=START_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ready.cancel()
        if not self._ready.is_set():
            await self.stop()
            raise JudgeError(self._failure or mark("The model did not load in time: see the log."))

    async def stop(self) -> None:
        """End the worker; what was still asked is refused with a JudgeError."""
        if self._runner:
            self._runner.cancel()
            with suppress(asyncio.CancelledError):
                await self._runner
            self._runner = None
        self._ready.clear()
        await self._end_worker()
        self._requests.refuse(mark("The judge was stopped."))

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
        await self._ask(policy, {"op": "prepare"})

    async def classify(
        self, policy: Policy, text: str, normalised: str, context: Sequence[ContextMessage] = ()
    ) -> Verdict:
        """Judge the normalised text, which is the text itself where nothing was hidden in it.

        What was said before it is in the model's sight, where it may change the verdict, and is not judged.
        """
        started = time.perf_counter()
        answer = await self._ask(policy, _message(text, normalised), context)
        probabilities, timings = probabilities_in(answer, policy), timings_in(answer)
        rationale, quote, reasoning = said_in(answer, text)
        total = (time.perf_counter() - started) * 1_000
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
        answer = await self._ask(policy, {"op": "explain", "rule": rule_key, "text": text}, context)
        rationale, quote = str(answer.get("rationale", "")), str(answer.get("quote", ""))
        if quote not in text or not rationale:
            raise JudgeError(mark("The judge's explanation does not fit the message."))
        return Explanation(rationale, quote)

    async def card(self, policy: Policy) -> CardRead | None:
        """What the policy's card says; a model that reasons reads the policy itself and has none."""
        return None if self._thinking else card_in(await self._ask(policy, {"op": "card"}), policy)

    # -- asking ------------------------------------------------------------------------------------------

    async def _ask(
        self, policy: Policy, asked: dict[str, Any], context: Sequence[ContextMessage] = ()
    ) -> dict[str, Any]:
        if self._runner is None or self._runner.done() or self._failure:
            raise JudgeError(self._failure or mark("The judge is not running."))
        pending = self._requests.add(_whole(policy, asked, context))
        try:
            self._ask_on()
            answer = await pending.answer
        finally:
            self._requests.drop(pending)
            self._ask_on()
        self._proved_by = policy
        return answer

    def _ask_on(self) -> None:
        """Ask the worker what it is to be asked next, if there is one that can be asked."""
        worker = self._worker
        if worker is None or not worker.listens or not self._ready.is_set():
            return  # asked when the next worker is ready
        if not self._requests.owed:
            # From here on it owes an answer. What is asked of one that owes some already is no word from it.
            worker.heard_at = time.monotonic()
        for pending in self._requests.take():
            worker.write(pending.request)

    # -- the worker --------------------------------------------------------------------------------------

    async def _keep_running(self) -> None:
        """Start a worker, serve until it dies, start the next; end for good where none will ever judge."""
        unable = 0
        while True:
            self._was_able = False
            failure = await self._run_once()
            await self._end_worker()
            if isinstance(failure, _WrongCpuError):
                self._go_away(str(failure))
                return
            unable = 0 if self._was_able else unable + 1
            if failure is not None:
                unable = max(unable, _UNUSABLE)
            if unable >= MOST_UNABLE:
                self._go_away(str(failure or _DIES))
                if not self._was_ready:
                    return  # at its start whoever starts it hears of it
            self._requests.worker_died()
            self._restarts += 1
            log.warning("judge_worker_died", restarts=self._restarts, waiting=len(self._requests))
            await asyncio.sleep(_BACKOFF_SECONDS[min(unable, len(_BACKOFF_SECONDS) - 1)])

    async def _run_once(self) -> JudgeError | None:
        """Start a worker and serve until its end; why it cannot be used, None where it may only have died."""
        try:
            self._worker = worker = await WorkerProcess.start(self._command())
            await self._serve(worker)
        except JudgeError as error:
            return error
        except NonsenseError:
            log.warning("judge_worker_nonsense")
        except OSError as error:
            log.warning("judge_worker_not_started", reason=error.strerror)
        except Exception:
            log.exception("judge_supervisor_failed")
        return None

    async def _serve(self, worker: WorkerProcess) -> None:
        watchdog = asyncio.create_task(self._watch(worker))
        try:
            async for said in worker.said():
                self._hear(said)
        finally:
            watchdog.cancel()
            # Of one that was ready before any ever answered it is not known whether it could have.
            self._was_able = self._ready.is_set() and self._has_answered
            self._ready.clear()
        # One that answered before ran on this CPU.
        if not self._has_answered and await worker.died_of() == -signal.SIGILL:
            raise _WrongCpuError(_NOT_THIS_CPU)

    def _command(self) -> list[str]:
        """What is run as the worker; see `bot.judge.worker.main`."""
        return [
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
        ]

    async def _watch(self, worker: WorkerProcess) -> None:
        """Kill a worker that owes answers and has been silent for too long."""
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            owes = self._requests.owed or not self._ready.is_set()
            if owes and time.monotonic() - worker.heard_at > SILENCE_SECONDS:
                log.warning("judge_worker_hangs")
                worker.kill()
                return

    def _hear(self, said: dict[str, Any]) -> None:
        match said.get("event"):
            case None:
                self._hear_answer(said)
            case "failed":
                raise JudgeError(str(said.get("error")))
            case "ready" if self._restarts and self._proved_by is not None:
                self._have_it_proved(self._proved_by)
            case "ready":
                self._answers_now()
            case "warning":
                log.warning("judge_worker_warns", what=str(said.get("what")))

    def _hear_answer(self, said: dict[str, Any]) -> None:
        number = said.get("id")
        if type(number) is not int:
            raise NonsenseError
        outcome = outcome_in(said)
        if number == _PROOF:
            if isinstance(outcome, JudgeError) and not isinstance(outcome, NoAnswerError):
                raise outcome
            self._answers_now()
            return
        if isinstance(outcome, JudgeError):
            self._errors += 1
            if self._errors % MOST_ERRORS == 0 and self._proved_by is not None:
                self._have_it_proved(self._proved_by)
        else:
            self._errors, self._has_answered = 0, True
        self._requests.answered(number, outcome)
        self._ask_on()

    def _have_it_proved(self, policy: Policy) -> None:
        """Ask the worker a harmless question; one that cannot answer it can answer none."""
        if self._worker is not None and self._worker.listens:
            self._worker.write({"id": _PROOF, **_whole(policy, _message(_HARMLESS))})

    def _answers_now(self) -> None:
        self._failure, self._errors, self._was_ready = "", 0, True
        self._ready.set()
        self._ask_on()

    def _go_away(self, reason: str) -> None:
        """Refuse what is asked until a worker is ready again."""
        if reason != self._failure:
            log.error("judge_unusable", reason=reason)
        self._failure = reason
        self._requests.refuse(reason)

    async def _end_worker(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            await worker.end()


def _message(text: str, normalised: str = "") -> dict[str, Any]:
    """A request for a verdict on a message."""
    return {"op": "classify", "text": normalised or text, "seen": seen_at_first(text), "posted": text}


def _whole(policy: Policy, asked: dict[str, Any], context: Sequence[ContextMessage] = ()) -> dict[str, Any]:
    """A request with all that the worker needs for it; nothing of the messages before where there are none.

    The policy goes along each time: the worker may have forgotten it among those of many servers.
    """
    before = {"context": [[one.author, one.text] for one in context]} if context else {}
    return {"digest": policy.digest, "source": policy.source, **asked, **before}
