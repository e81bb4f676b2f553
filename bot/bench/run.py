"""The whole benchmark, part after part within its time. Only one process with a model lives at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.bench.asking import JSON, ONE_TOKEN
from bot.bench.figures import limit, speedup, time_slice
from bot.bench.machine import cores, peak_rss_mb, processor
from bot.bench.messages import SHARE_VIOLATING, Message, messages, policies
from bot.bench.ours import Asking, Progress, cost_by_servers, prepare_all
from bot.bench.part import Job
from bot.bench.parts import PartError, run_part
from bot.judge.build import local_judge
from bot.judge.interface import Judge, JudgeError
from bot.judge.models import ModelError, ModelFile, resolve_model
from bot.settings import Settings

MANY_SERVERS = 200
FLAT_SERVERS = 1_000
COST_MODEL = "tiny"
MOST_MESSAGES = 3_000

SHARES = {
    "start": 0.09,
    "lawspeaker": 0.17,
    "latency": 0.13,
    "lawspeaker_many": 0.06,
    "limit": 0.05,
    "limit_as_we_run_it": 0.05,
    "plain": 0.17,
    "plain_one_token": 0.09,
    "server": 0.10,
    "server_many": 0.06,
    "cost": 0.07,
}
"""Each part's share of the time, in their order."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long all may take, in seconds, and the most messages of a part."""

    seconds: float
    most: int = MOST_MESSAGES
    seed: int = 1
    many: int = MANY_SERVERS
    flat: int = FLAT_SERVERS


class Bench:
    """One run: what is measured so far, and the time that is left."""

    def __init__(self, settings: Settings, model: ModelFile, plan: Plan, show: Callable[[str, int], None]) -> None:
        """Measure `model` as the settings run it; `show` is told the part under way and its messages done."""
        self._settings = settings
        self._model = model
        self._plan = plan
        self._show = show
        self._threads = settings.threads or cores()
        self._end = time.monotonic() + plan.seconds
        self._left = dict(SHARES)
        self._messages = messages(plan.most, plan.seed)
        self._many = messages(plan.most, plan.seed + 1, plan.many)
        self._found: dict[str, Any] = {}
        self._left_out: list[str] = []

    async def run(self) -> dict[str, Any]:
        """Measure all that there is time for; JudgeError where Lawspeaker itself could not be measured."""
        started = time.monotonic()
        rationales = await self._lawspeaker()
        for name, laid_out_anew in (("limit", True), ("limit_as_we_run_it", False)):
            await self._part(name, "limit", "", self._messages, laid_out_anew, rationales)
        await self._part("plain", "plain", JSON, self._messages)
        await self._part("plain_one_token", "plain", ONE_TOKEN, self._messages)
        await self._part("server", "server", "resident", self._messages)
        await self._part("server_many", "server", "many", self._many)
        await self._cost()
        return summary(self._found) | {
            **self._found,
            "machine": {"processor": processor(), "cores": cores()},
            "threads": self._threads,
            "model": self._model.name,
            "model_digest": self._model.digest,
            "seed": self._plan.seed,
            "share_violating": SHARE_VIOLATING,
            "seconds": round(time.monotonic() - started, 1),
            "left_out": self._left_out,
        }

    def _slice(self, name: str) -> float:
        """Seconds for a part that begins now."""
        seconds = time_slice(name, self._left, self._end - time.monotonic())
        del self._left[name]
        return seconds

    def _progress(self, name: str) -> Progress:
        self._show(name, 0)
        return lambda done: self._show(name, done)

    async def _part(
        self,
        name: str,
        module: str,
        ask: str,
        asked: Sequence[Message],
        laid_out_anew: bool = True,
        rationales: Sequence[str] = (),
    ) -> None:
        """Measure with another program; say so where it cannot be."""
        seconds = self._slice(name)
        job = Job(
            str(self._model.path),
            self._threads,
            self._settings.gpu_layers,
            seconds,
            self._plan.most,
            [policy.source for policy in policies(1 + max(message.server for message in asked))],
            [(message.server, message.text) for message in asked],
            ask,
            tuple(rationales),
            laid_out_anew,
        )
        try:
            # The first message is measured whatever it takes: give it as long again, within what is left of all.
            most = min(2 * seconds, self._end - time.monotonic())
            self._found[name] = await run_part(module, job, most, self._progress(name))
        except PartError as error:
            self._left_out.append(f"{name}: {error}")

    async def _lawspeaker(self) -> list[str]:
        """Throughput, latency and memory of the real judge; the rationales that it wrote."""
        four, asked = policies(), self._messages
        judge = local_judge(self._settings, self._model)
        try:
            self._progress("start")
            seconds, started = self._slice("start"), time.monotonic()
            await judge.start()
            await prepare_all(judge, four, seconds)
            prepared = time.monotonic() - started
            waiting = iter(asked)
            asking = Asking(judge, four, self._progress("lawspeaker"))
            tally = await asking.throughput(waiting, self._slice("lawspeaker"))
            if not tally.judged:
                raise JudgeError("The judge answered no message: see the lines above for why.")
            self._found["lawspeaker"] = {**tally.as_dict(), "start_seconds": round(prepared, 1)}
            half = tally.judged / tally.seconds / 2
            # What is left of the messages is new to the judge; the last ones where nothing is left.
            asking = Asking(judge, four, self._progress("latency"))
            rest = list(waiting) or asked[-1:]
            self._found["latency_ms"] = await asking.latency(rest, half, self._slice("latency"), self._plan.seed)
            await self._lawspeaker_many(judge)
            self._found["peak_rss_mb"] = peak_rss_mb(judge.worker_pid)
        finally:
            await judge.stop()
        return tally.rationales

    async def _lawspeaker_many(self, judge: Judge) -> None:
        """Messages of many servers in turn, each policy compiled when its first message comes."""
        asking = Asking(judge, policies(self._plan.many), self._progress("lawspeaker_many"))
        tally = await asking.throughput(iter(self._many), self._slice("lawspeaker_many"))
        self._found["lawspeaker_many"] = {**tally.as_dict(), "policies": min(tally.judged, self._plan.many)}

    async def _cost(self) -> None:
        """What a message costs with one server and with very many, on a model small enough for that."""
        self._progress("cost")
        seconds = self._slice("cost")
        try:
            model = resolve_model(COST_MODEL, self._settings.model_dir)
            judge = local_judge(self._settings, model)
            try:
                await judge.start()
                asked = messages(self._plan.most, self._plan.seed + 2)
                servers = policies(self._plan.flat)
                self._found["cost_per_message_ms"] = await cost_by_servers(judge, servers, asked, seconds)
                self._found["cost_model"] = model.name
            finally:
                await judge.stop()
        except (ModelError, JudgeError) as error:
            self._left_out.append(f"cost: {error}")


def summary(found: dict[str, Any]) -> dict[str, Any]:
    """The figures that compare the parts; each None where a part of it is missing."""

    def rate(name: str) -> float | None:
        value = found.get(name, {}).get("messages_per_second")
        return float(value) if value else None

    ours = rate("lawspeaker")
    reached = _limit(found)
    return {
        "messages_per_second": ours,
        "speedup_vs_plain": speedup(ours, rate("plain")),
        "speedup_vs_plain_one_token": speedup(ours, rate("plain_one_token")),
        "speedup_vs_server": speedup(ours, rate("server")),
        "speedup_vs_server_many": speedup(rate("lawspeaker_many"), rate("server_many")),
        "limit_messages_per_second": round(reached, 4) if reached else None,
        "fraction_of_limit": speedup(ours, reached),
    }


def _limit(found: dict[str, Any]) -> float | None:
    """The limit by the faster of llama.cpp's default and the way we run it, for reading and for writing apart."""
    measured = [found[name] for name in ("limit", "limit_as_we_run_it") if name in found]
    if not measured:
        return None
    return limit(
        measured[0]["own_tokens"],
        max(one["read_per_second"] for one in measured),
        found["lawspeaker"]["explained"] / found["lawspeaker"]["n"],
        measured[0]["rationale_tokens"],
        max(one["written_per_second"] for one in measured),
    )
