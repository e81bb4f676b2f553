"""The bot whose processor time `benchmarks.pipeline` measures: as `lawspeaker run` has it, but for its judge.

The judge answers at once, by words: `rule 3 …` breaks rule 3, all else none. For each line on stdin there is a line on
stdout: what the process has used so far. Its one argument says what it is: `bot`, or `metered`, which also counts
statements and says which part of the main thread's time is whose, or `client`, the library's client alone, which only
receives.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import os
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Coroutine, Sequence
from functools import wraps
from pathlib import Path
from types import coroutine
from typing import Any

from sqlalchemy import Engine, event

import bot.app
from bot.discord_io.api import use_api
from bot.discord_io.client import LawspeakerClient
from bot.domain.policy import Policy
from bot.domain.submission import ContextMessage
from bot.domain.verdict import Explanation, Verdict
from bot.judge.interface import JudgeInfo
from bot.pipeline.casework import Casework
from bot.pipeline.dispatcher import Dispatcher
from bot.pipeline.intake import Intake
from bot.store import plain
from bot.store.guilds import GuildRepository
from bot.store.journal import JournalRepository

_BROKEN, _KEPT = 0.97, 0.02
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 2**20


class WordsJudge:
    """Goes by the first two words of a message, and takes no time."""

    async def start(self) -> None:
        """Nothing."""

    async def stop(self) -> None:
        """Nothing."""

    async def prepare(self, policy: Policy) -> None:
        """Nothing."""

    async def classify(
        self, policy: Policy, text: str, normalised: str, context: Sequence[ContextMessage] = ()
    ) -> Verdict:
        """A verdict by the message's first two words."""
        word, key = (*text.split(maxsplit=2), "", "")[:2]
        said = {rule.key: _BROKEN if word == "rule" and rule.key == key else _KEPT for rule in policy.rules}
        return Verdict(max(said, key=lambda one: said[one]), said, policy.digest, "by-words", "0" * 64)

    async def explain(
        self, policy: Policy, text: str, rule_key: str, context: Sequence[ContextMessage] = ()
    ) -> Explanation:
        """Always the same."""
        return Explanation(f"It says what rule {rule_key} forbids.", text[:20])

    def info(self) -> JudgeInfo:
        """Always ready."""
        return JudgeInfo("by-words", "0" * 64, ready=True)


class Meter:
    """The main thread's time by part: what runs within a part of another name is that one's."""

    def __init__(self) -> None:
        """Nothing ran yet."""
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._parts: list[str] = []
        self._since = 0.0

    def put(self, name: str, owner: Any, method: str) -> None:
        """From now on what this method does counts for a part."""
        inner: Callable[..., Coroutine[Any, Any, Any]] = getattr(owner, method)
        assert inspect.iscoroutinefunction(inner)

        @wraps(inner)
        async def timed(*arguments: Any, **named: Any) -> Any:
            return await self._driven(name, inner(*arguments, **named))

        setattr(owner, method, timed)

    def _turn(self) -> None:
        """Whoever ran until now gets the time since the last turn."""
        now = time.thread_time()
        if self._parts:
            self.seconds[self._parts[-1]] += now - self._since
        self._since = now

    @coroutine
    def _driven(self, name: str, inner: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine step by step, for between two steps others run."""
        step: Callable[[Any], Any] = inner.send
        given: Any = None
        while True:
            self._turn()
            self._parts.append(name)
            try:
                awaited = step(given)
            except StopIteration as end:
                return end.value
            finally:
                self._turn()
                self._parts.pop()
            try:
                step, given = inner.send, (yield awaited)
            except BaseException as error:  # noqa: BLE001 - it is the coroutine's
                step, given = inner.throw, error


class Used:
    """What this process has used; `statements` is what was sent to the database since `count`."""

    def __init__(self) -> None:
        """Nothing is counted yet: where somebody listens each statement costs more."""
        self.statements = 0
        self.meter = Meter()

    def count(self) -> None:
        """Count statements from now on, also those that go to the driver by themselves."""
        send = plain.send

        def counting(*arguments: Any) -> list[Any]:
            self._count()
            return send(*arguments)

        setattr(plain, "send", counting)  # noqa: B010
        event.listen(Engine, "after_cursor_execute", self._count)

    def _count(self, *_: object) -> None:
        self.statements += 1

    def now(self) -> dict[str, Any]:
        """In seconds of user and system time together, of all threads and of the main one; memory in megabytes."""
        fields = Path(f"/proc/self/task/{os.getpid()}/stat").read_text().rpartition(")")[2].split()
        return {
            "cpu": time.process_time(),
            "main": (int(fields[11]) + int(fields[12])) / _TICKS,
            "statements": self.statements,
            "rss_mb": int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE_MB,
            "parts": dict(self.meter.seconds),
        }

    def answer(self) -> None:
        """Say so for each line on stdin; the process ends with stdin."""
        for _ in sys.stdin:
            print(json.dumps(self.now()), flush=True)


async def _receive() -> None:
    """Connect with a client that does nothing with what it hears."""
    use_api(os.environ["LAWSPEAKER_DISCORD_API_BASE"], os.environ["LAWSPEAKER_DISCORD_GATEWAY"])

    async def no_cogs() -> None:
        return

    async with LawspeakerClient(no_cogs) as client:
        await client.login(os.environ["LAWSPEAKER_DISCORD_TOKEN"])
        ready = asyncio.create_task(client.wait_until_ready())
        ready.add_done_callback(lambda _: print('"event": "ready"', file=sys.stderr, flush=True))
        await client.connect()


def _run(used: Used, *, metered: bool) -> None:
    judge = WordsJudge()
    running = importlib.import_module("bot.cli.running")
    setattr(bot.app, "build_judge", lambda *_: judge)  # noqa: B010
    setattr(running, "usable_model", lambda _: None)  # noqa: B010
    if metered:
        parts: dict[str, tuple[Any, str]] = {
            "intake": (Intake, "on_message"),
            "settings": (GuildRepository, "get"),
            "journal": (JournalRepository, "append"),
            "claim": (JournalRepository, "claim"),
            "law": (Dispatcher, "_judge_and_decide"),
            "settle": (JournalRepository, "settle_allowed"),
            "open": (Dispatcher, "_open"),
            "casework": (Casework, "_finish"),
        }
        used.count()
        for name, (owner, method) in parts.items():
            used.meter.put(name, owner, method)
    running.run_bot()


def main(what: str) -> None:
    """Be what is asked for until SIGTERM."""
    used = Used()
    threading.Thread(target=used.answer, daemon=True).start()
    if what == "client":
        asyncio.run(_receive())
    else:
        _run(used, metered=what == "metered")


if __name__ == "__main__":
    main(sys.argv[1])
