"""The bot as `lawspeaker run` runs it, in processes that can be killed: `python -m tests.reliability.process`.

The program is imported once; then for each line on stdin, an order in JSON, a process is forked that is a bot. On
stdout there is a line in JSON for each that was born and for each that ended. At the end of stdin all end.

Only waits are shorter, and unless the order names a model the judge is another: one that goes by words, in the bot's
process, or with WITH_WORKER in the order's environment in a worker of its own. `VITALS` names a file in which the bot
notes what it holds; with `SOON` what failed is tried again sooner.
"""

from __future__ import annotations

import importlib
import json
import os
import selectors
import signal
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from bot.cli.running import run_bot
from bot.domain.policy import Policy
from bot.domain.submission import ContextMessage
from bot.domain.verdict import Explanation, Verdict
from bot.judge.interface import JudgeError, JudgeInfo
from bot.judge.models import ModelFile
from bot.judge.models.gguf import GgufInfo
from bot.judge.supervisor import LocalJudge
from tests.reliability.pace import PACE, slow_down
from tests.reliability.points import Point, install
from tests.reliability.vitals import note_vitals
from tests.reliability.words import WITH_WORKER, explained, said_of

VITALS_SECONDS = 2.0
_NONE = ModelFile(
    Path("none.gguf"), "by-words", "0" * 64, "completion", None, GgufInfo(3, 1, "qwen3", None, 512, False)
)


class WordsJudge:
    """See `tests.reliability.words`; of `later …` it knows nothing when it is first asked."""

    def __init__(self) -> None:
        self._refused: set[str] = set()

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def prepare(self, policy: Policy) -> None: ...

    async def classify(
        self, policy: Policy, text: str, normalised: str, context: Sequence[ContextMessage] = ()
    ) -> Verdict:
        if text.startswith("later ") and text not in self._refused:
            self._refused.add(text)
            raise JudgeError("The judge cannot say.")
        said = said_of(policy, text)
        return Verdict(max(said, key=lambda one: said[one]), said, policy.digest, "by-words", "0" * 64)

    async def explain(
        self, policy: Policy, text: str, rule_key: str, context: Sequence[ContextMessage] = ()
    ) -> Explanation:
        return Explanation(explained(rule_key), text[:20])

    def info(self) -> JudgeInfo:
        return JudgeInfo("by-words", "0" * 64, ready=True)


class WorkerJudge(LocalJudge):
    """The judge of a model as it is, but for the model: `tests.reliability.words_worker` is its worker."""

    def _command(self) -> list[str]:
        python, flag, _, *arguments = super()._command()
        return [python, flag, "tests.reliability.words_worker", *arguments]


def main() -> None:
    """Fork a bot for each order, and tell when one has ended."""
    _prepare()
    living: set[int] = set()
    ended, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake)
    waits = selectors.DefaultSelector()
    waits.register(sys.stdin.fileno(), selectors.EVENT_READ)
    waits.register(ended, selectors.EVENT_READ)
    orders = b""
    while True:
        for key, _ in waits.select():
            if key.fd == ended:
                os.read(ended, 4_096)
                _bury(living)
                continue
            read = os.read(key.fd, 65_536)
            if not read:
                _end(living)
                return
            *lines, orders = (orders + read).split(b"\n")
            for line in lines:
                pid = os.fork()
                if pid == 0:
                    signal.set_wakeup_fd(-1)
                    _be_a_bot(json.loads(line))
                living.add(pid)
                _tell(born=pid)


def _tell(**event: Any) -> None:
    print(json.dumps(event), flush=True)


def _bury(living: set[int]) -> None:
    for pid in list(living):
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            living.discard(pid)
            _tell(ended=pid, status=os.waitstatus_to_exitcode(status))


def _end(living: set[int]) -> None:
    for pid in living:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _prepare() -> None:
    _set("bot.discord_io.client", "READY_PATIENCE_SECONDS", 0.2)
    _set("bot.pipeline.backfill", "BEAT_SECONDS", 0.5)
    _set("bot.pipeline.claims", "LOOK_SECONDS", 0.2)
    _set("bot.pipeline.lack_notices", "LOOK_SECONDS", 0.2)
    _set("cogs.drafting", "KEPT_SECONDS", 10.0)


def _set(module: str, name: str, value: object) -> None:
    """Put another value in a module where there is one."""
    found = importlib.import_module(module)
    assert hasattr(found, name)
    setattr(found, name, value)


def _be_a_bot(order: dict[str, Any]) -> NoReturn:
    """Run until it ends. `environ` is the bot's, `stderr` where it writes; `kill` where it dies, see `install`."""
    status = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        nothing = os.open(os.devnull, os.O_RDWR)
        written = os.open(order["stderr"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        for fd, mine in ((0, nothing), (1, written), (2, written)):
            os.dup2(mine, fd)
        os.environ.update(order["environ"])
        if pace := order["environ"].get(PACE):
            slow_down(WordsJudge, float(pace))
        if "LAWSPEAKER_MODEL" not in order["environ"]:
            kept_in = Path(order["stderr"]).parent
            worker = WITH_WORKER in order["environ"]
            _set("bot.app", "build_judge", lambda *_: WorkerJudge(_NONE, kept_in) if worker else WordsJudge())
            _set("bot.cli.running", "usable_model", lambda _: None)
        if vitals := order["environ"].get("VITALS"):
            note_vitals(Path(vitals), VITALS_SECONDS)
        if "SOON" in order["environ"]:
            _set("bot.pipeline.casework", "_RETRY_SECONDS", (0.5, 2.0, 5.0))
            _set("bot.pipeline.undo", "RETRY_SECONDS", (0.5, 2.0, 5.0, 10.0, 60.0))
            _set("bot.pipeline.sweeping", "SWEEP_SECONDS", 3.0)
        if order["kill"]:
            install(Point.of(order["kill"]), Path(order["armed"]), Path(order["hits"]))
        run_bot()
        status = 0
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    main()
