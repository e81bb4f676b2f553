"""llama.cpp's own server, as the package xllamacpp carries it: slots, prompt cache, continuous batches, on loopback.

`python -m bot.bench.server` (see `bot.bench.part`). Asked `resident`, each policy has a slot of its own and has been
read before the clock starts: the best case of this server. Asked `many`, there are more policies than slots, the
server chooses the slot, and a policy is read when its first message comes.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any

import aiohttp

from bot.bench.asking import CONTEXT_TOKENS, ONE_TOKEN, chat
from bot.bench.part import Clock, Job, Result, UnmeasurableError, serve

RESIDENT, MANY = "resident", "many"
SLOTS = 4
# So many that no slot waits for a request, and each decode call holds a message of every slot.
IN_FLIGHT = 4 * SLOTS


def measure(job: Job, clock: Clock) -> Iterator[Result]:
    """Now and then: `n`, `seconds`, `messages_per_second`, `slots`, `policies` asked about, `cached_tokens` (mean)."""
    server = _start(job)
    loop = asyncio.new_event_loop()
    try:
        results = _measure(job, clock, server.listening_address)
        while True:
            try:
                yield loop.run_until_complete(anext(results))
            except StopAsyncIteration:
                return
    finally:
        loop.close()


def _start(job: Job) -> Any:
    """The server on a free port of loopback; keep it, for it ends when it is forgotten."""
    try:
        xllamacpp = import_module("xllamacpp")
    except ImportError:
        raise UnmeasurableError('xllamacpp is not installed: `pip install "lawspeaker[baselines]"`.') from None
    params = xllamacpp.CommonParams()
    params.model.path = job.model
    params.n_parallel = SLOTS
    params.n_ctx = SLOTS * CONTEXT_TOKENS
    params.n_gpu_layers = job.gpu_layers
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = job.threads
    params.no_extra_bufts = not job.laid_out_anew
    params.verbosity = -1
    try:
        return xllamacpp.Server(params)
    except RuntimeError:
        raise UnmeasurableError("xllamacpp cannot load the model: `lawspeaker model verify` checks it.") from None


async def _measure(job: Job, clock: Clock, address: str) -> AsyncIterator[Result]:
    async with _session(address) as session:
        warm_up = 0.0
        if job.ask == RESIDENT:
            started = time.perf_counter()
            for server, policy in enumerate(job.policies[:SLOTS]):
                await _ask(session, policy, "hello", server)
            warm_up = time.perf_counter() - started
        cached: list[int] = []
        asked: set[int] = set()
        waiting = iter(job.messages[: job.most])
        flying: set[asyncio.Task[tuple[float, int]]] = set()
        started = time.perf_counter()

        def fill() -> None:
            while len(flying) < IN_FLIGHT and (not asked or clock.room()):
                if (message := next(waiting, None)) is None:
                    return
                server, text = message
                asked.add(server)
                slot = server if job.ask == RESIDENT else None
                flying.add(asyncio.create_task(_ask(session, job.policies[server], text, slot)))

        fill()
        while flying:
            done, _ = await asyncio.wait(flying, return_when=asyncio.FIRST_COMPLETED)
            flying -= done
            for task in done:
                took, tokens = task.result()
                clock.step(took)
                cached.append(tokens)
            fill()
            seconds = time.perf_counter() - started
            yield {
                "n": len(cached),
                "seconds": round(seconds, 3),
                "messages_per_second": round(len(cached) / seconds, 4),
                "slots": SLOTS,
                "policies": len(asked),
                "cached_tokens": round(sum(cached) / len(cached), 1),
                "warm_up_seconds": round(warm_up, 3),
            }


@asynccontextmanager
async def _session(address: str) -> AsyncIterator[aiohttp.ClientSession]:
    """A client with a connection for each request in flight and no time limit: who started this process has one."""
    connector = aiohttp.TCPConnector(limit=IN_FLIGHT)
    timeout = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(address, connector=connector, timeout=timeout) as session:
        yield session


async def _ask(session: aiohttp.ClientSession, policy: str, text: str, slot: int | None) -> tuple[float, int]:
    """Ask for one token about a message, in a slot; seconds, and tokens of the prompt that were in the cache."""
    request = chat(ONE_TOKEN, policy, text) | {"cache_prompt": True}
    if slot is not None:
        request["id_slot"] = slot
    started = time.perf_counter()
    async with session.post("/v1/chat/completions", json=request) as answer:
        told = json.loads(await answer.read())
    if answer.status != 200:
        raise UnmeasurableError(f"xllamacpp's server refused a request with status {answer.status}.")
    return time.perf_counter() - started, int(told["usage"].get("prompt_tokens_details", {}).get("cached_tokens", 0))


if __name__ == "__main__":
    serve(measure)
