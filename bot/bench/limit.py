"""How fast llama.cpp reads and writes here at best: what bounds every judge that uses the whole model.

`python -m bot.bench.limit` (see `bot.bench.part`). Read: 512 tokens in one call, logits for the last alone, as
llama.cpp's own benchmark does for `pp512`. Write: a token for each of BATCH texts in one call, as often as a rationale
is long. The tokens of messages and rationales are counted with the model's own vocabulary.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Iterator, Sequence
from typing import Any

import llama_cpp

from bot.bench.part import Clock, Job, Result, UnmeasurableError, serve

READ_TOKENS = 512
BATCH = 32
WRITE_STEPS = 24
MOST_ROUNDS = 5


def measure(job: Job, clock: Clock) -> Iterator[Result]:
    """After each round: the best `read_per_second` and `written_per_second` in tokens, `rounds`, mean tokens.

    `own_tokens` is the mean of the messages, `rationale_tokens` that of the rationales (0 where there are none).
    """
    model, context = _load(job)
    vocab = llama_cpp.llama_model_get_vocab(model)
    texts = [_tokens(vocab, text) for _, text in job.messages]
    counted = {
        "own_tokens": _mean([len(tokens) for tokens in texts]),
        "rationale_tokens": _mean([len(_tokens(vocab, text)) for text in job.rationales]),
    }
    filler = [token for tokens in texts for token in tokens]
    filler = (filler * (READ_TOKENS // len(filler) + 1))[:READ_TOKENS]
    batch = llama_cpp.llama_batch_init(READ_TOKENS, 0, 1)
    _reading(context, batch, filler[:BATCH])  # the first call is slower: it maps the file and makes the graph
    read = written = 0.0
    for rounds in range(1, min(job.most, MOST_ROUNDS) + 1):
        if rounds > 1 and not clock.room():
            return
        started = time.perf_counter()
        read = max(read, len(filler) / _reading(context, batch, filler))
        written = max(written, BATCH * WRITE_STEPS / _writing(context, batch, filler))
        clock.step(time.perf_counter() - started)
        yield {
            "read_per_second": round(read, 2),
            "written_per_second": round(written, 2),
            "rounds": rounds,
            **counted,
        }


def _load(job: Job) -> tuple[Any, Any]:
    llama_cpp.llama_backend_init()
    model_params = llama_cpp.llama_model_default_params()
    model_params.n_gpu_layers = job.gpu_layers
    model_params.use_extra_bufts = job.laid_out_anew
    model = llama_cpp.llama_model_load_from_file(job.model.encode(), model_params)
    params = llama_cpp.llama_context_default_params()
    params.n_ctx = READ_TOKENS + BATCH * (WRITE_STEPS + 1)
    params.n_batch = params.n_ubatch = READ_TOKENS
    params.n_seq_max = BATCH
    params.n_threads = params.n_threads_batch = job.threads
    params.kv_unified = True
    params.no_perf = True
    context = llama_cpp.llama_init_from_model(model, params) if model else None
    if not context:
        raise UnmeasurableError("llama.cpp cannot load the model: run `lawspeaker model verify`.")
    return model, context


def _reading(context: Any, batch: Any, tokens: Sequence[int]) -> float:
    """Seconds to read tokens of one text, from an empty cache."""
    llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(context), True)
    batch.n_tokens = 0
    for place, token in enumerate(tokens):
        _add(batch, token, place, 0, place == len(tokens) - 1)
    return _decode(context, batch)


def _writing(context: Any, batch: Any, tokens: Sequence[int]) -> float:
    """Seconds to write WRITE_STEPS tokens in each of BATCH texts that have just begun."""
    llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(context), True)
    seconds = 0.0
    for step in range(WRITE_STEPS):
        batch.n_tokens = 0
        for sequence in range(BATCH):
            _add(batch, tokens[(step + sequence) % len(tokens)], step, sequence, True)
        seconds += _decode(context, batch)
    return seconds


def _add(batch: Any, token: int, position: int, sequence: int, wanted: bool) -> None:
    row = batch.n_tokens
    batch.token[row] = token
    batch.pos[row] = position
    batch.n_seq_id[row] = 1
    batch.seq_id[row][0] = sequence
    batch.logits[row] = wanted
    batch.n_tokens += 1


def _decode(context: Any, batch: Any) -> float:
    started = time.perf_counter()
    status = llama_cpp.llama_decode(context, batch)
    llama_cpp.llama_synchronize(context)
    if status != 0:
        raise UnmeasurableError(f"llama.cpp could not decode (status {status}).")
    return time.perf_counter() - started


def _tokens(vocab: Any, text: str) -> list[int]:
    raw = text.encode("utf-8")
    buffer = (llama_cpp.llama_token * (len(raw) + 8))()
    return list(buffer[: llama_cpp.llama_tokenize(vocab, raw, len(raw), buffer, len(buffer), False, False)])


def _mean(counts: Sequence[int]) -> float:
    return round(sum(counts) / len(counts), 2) if counts else 0.0


def _quiet(level: int, text: bytes, data: ctypes.c_void_p) -> None:
    """Drop llama.cpp's own log."""


_QUIET = llama_cpp.llama_log_callback(_quiet)

if __name__ == "__main__":
    llama_cpp.llama_log_set(_QUIET, ctypes.c_void_p(0))
    serve(measure)
