"""Plain llama-cpp-python: one chat completion a message, one after another, as its documentation shows.

`python -m bot.bench.plain` (see `bot.bench.part`). llama-cpp-python reuses what a prompt shares with the one before;
with servers in turn that is little, as in a bot that serves several.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import llama_cpp

from bot.bench.asking import CONTEXT_TOKENS, chat
from bot.bench.part import Clock, Job, Result, UnmeasurableError, serve


def measure(job: Job, clock: Clock) -> Iterator[Result]:
    """After each message: `n`, `seconds` for all, `messages_per_second`, mean tokens of prompt and answer, `cut`.

    `cut` counts the answers that were as long as they may be.
    """
    model = _load(job)
    n = read = written = cut = 0
    seconds = 0.0
    for server, text in job.messages[: job.most]:
        if n and not clock.room():
            return
        request = chat(job.ask, job.policies[server], text)
        started = time.perf_counter()
        answer: Any = model.create_chat_completion(**request)
        took = time.perf_counter() - started
        clock.step(took)
        n, seconds = n + 1, seconds + took
        read += answer["usage"]["prompt_tokens"]
        written += answer["usage"]["completion_tokens"]
        cut += answer["choices"][0]["finish_reason"] == "length"
        yield {
            "n": n,
            "seconds": round(seconds, 3),
            "messages_per_second": round(n / seconds, 4),
            "prompt_tokens": round(read / n, 1),
            "answer_tokens": round(written / n, 1),
            "cut": cut,
        }


def _load(job: Job) -> Any:
    """The model with llama.cpp's own defaults, but for the layout of weights where the job says so."""
    if not job.laid_out_anew:
        _lay_nothing_out_anew()
    try:
        return llama_cpp.Llama(
            job.model,
            n_ctx=CONTEXT_TOKENS,
            n_threads=job.threads,
            n_threads_batch=job.threads,
            n_gpu_layers=job.gpu_layers,
            verbose=False,
        )
    except ValueError:
        raise UnmeasurableError("llama-cpp-python cannot load the model: run `lawspeaker model verify`.") from None


def _lay_nothing_out_anew() -> None:
    """Change the default that `Llama`, which has no argument for it, takes for every model of this process."""
    library = llama_cpp.llama_cpp
    defaults = library.llama_model_default_params

    def changed() -> Any:
        params = defaults()
        params.use_extra_bufts = False
        return params

    library.llama_model_default_params = changed


if __name__ == "__main__":
    serve(measure)
