"""The llama.cpp engine: resident prefixes, one forward pass a message, log-probabilities of single tokens.

A prefix is decoded once into a sequence of the key-value cache and stays there. A continuation is decoded in
a sequence forked from it (the cells are shared, not copied), and forgotten afterwards. Several continuations
share one `llama_decode` call, and only their last tokens ask for logits.
"""

from __future__ import annotations

import ctypes
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import llama_cpp
import numpy as np

from bot.judge.readout import Logits


class EngineError(RuntimeError):
    """The model could not be loaded or a decode failed; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """How the context is made: cells of key-value cache, tokens a decode call, sequences, threads."""

    context_tokens: int = 16_384
    batch_tokens: int = 512
    sequences: int = 64
    threads: int = 2
    gpu_layers: int = 0


@dataclass(slots=True)
class Prefix:
    """A prefix resident in the cache: its sequence, its text and tokens from the very start, how many are its own."""

    sequence: int
    text: str
    tokens: tuple[int, ...]
    own: int


@dataclass(frozen=True, slots=True)
class Continuation:
    """Tokens to decode after a prefix; at least one."""

    prefix: Prefix
    tokens: tuple[int, ...]


def _quiet(level: int, text: bytes, data: ctypes.c_void_p) -> None:
    """Drop llama.cpp's own log: it would write message-sized noise to stderr."""


_QUIET = llama_cpp.llama_log_callback(_quiet)


class Engine:
    """One loaded model and one context. Not safe for use from several threads."""

    def __init__(self, path: Path, settings: EngineSettings | None = None) -> None:
        """Load the model at `path` (a GGUF file); EngineError where llama.cpp refuses it."""
        self.settings = settings or EngineSettings()
        llama_cpp.llama_log_set(_QUIET, ctypes.c_void_p(0))
        llama_cpp.llama_backend_init()
        model_params = llama_cpp.llama_model_default_params()
        model_params.n_gpu_layers = self.settings.gpu_layers
        self._model = llama_cpp.llama_model_load_from_file(str(path).encode(), model_params)
        if not self._model:
            raise EngineError(f"llama.cpp cannot load {path.name}: run `lawspeaker model verify`.")
        self._vocab = llama_cpp.llama_model_get_vocab(self._model)
        self.vocabulary = llama_cpp.llama_vocab_n_tokens(self._vocab)
        self._context = self._new_context()
        self._memory = llama_cpp.llama_get_memory(self._context)
        self._batch = llama_cpp.llama_batch_init(self.settings.batch_tokens, 0, 1)
        self._free = list(range(self.settings.sequences - 1, -1, -1))
        self._prefixes: OrderedDict[str, Prefix] = OrderedDict()

    def _new_context(self) -> object:
        trained = llama_cpp.llama_model_n_ctx_train(self._model)
        params = llama_cpp.llama_context_default_params()
        # With one unified cache a context may be larger than what the model was trained on: the bound of
        # training holds for a sequence, and is kept by `longest_continuation`.
        params.n_ctx = self.settings.context_tokens
        params.n_batch = params.n_ubatch = self.settings.batch_tokens
        params.n_seq_max = self.settings.sequences
        params.n_threads = params.n_threads_batch = self.settings.threads
        params.kv_unified = True
        params.no_perf = True
        context = llama_cpp.llama_init_from_model(self._model, params)
        if not context:
            raise EngineError("llama.cpp cannot make a context: free some memory or choose a smaller model.")
        self.sequence_tokens = min(trained, self.settings.context_tokens)
        return context

    def close(self) -> None:
        """Free context and model; the engine is of no use afterwards."""
        llama_cpp.llama_batch_free(self._batch)
        llama_cpp.llama_free(self._context)
        llama_cpp.llama_model_free(self._model)

    # -- tokens ------------------------------------------------------------------------------------------

    def tokenize(self, text: str, *, first: bool = False) -> tuple[int, ...]:
        """Tokens of `text`; control tokens written in it are plain text. `first` adds the model's BOS."""
        raw = text.encode("utf-8", "replace")
        size = len(raw) + 8
        buffer = (llama_cpp.llama_token * size)()
        count = llama_cpp.llama_tokenize(self._vocab, raw, len(raw), buffer, size, first, False)
        if count < 0:
            raise EngineError("the text could not be tokenised")
        return tuple(buffer[:count])

    def detokenize(self, tokens: Sequence[int]) -> str:
        """The text of tokens, control tokens left out."""
        pieces = bytearray()
        buffer = ctypes.create_string_buffer(256)
        for token in tokens:
            length = llama_cpp.llama_token_to_piece(self._vocab, token, buffer, 256, 0, False)
            pieces += buffer.raw[: max(length, 0)]
        return pieces.decode("utf-8", "ignore")

    def ends(self, token: int) -> bool:
        """Whether the model ends its text with this token."""
        return bool(llama_cpp.llama_vocab_is_eog(self._vocab, token))

    # -- prefixes ----------------------------------------------------------------------------------------

    def prefix(self, text: str, base: Prefix | None = None) -> Prefix:
        """The resident prefix of `text`, after that of `base` where one is given; decoded now unless it is there.

        The least used make room. EngineError where the model's context is too short for it.
        """
        whole = (base.text if base else "") + text
        if whole in self._prefixes:
            self._prefixes.move_to_end(whole)
            return self._prefixes[whole]
        before = base.tokens if base else ()
        own = self.tokenize(text, first=not base)
        # A quarter of the cache stays free for the messages of a batch and for a text being written.
        room = self.settings.context_tokens * 3 // 4
        if len(before) + len(own) > min(room, self.sequence_tokens - 64):
            raise EngineError("what the judge reads behind is too long for the model's context")
        self._make_room(room - len(own), keep=base)
        sequence = self._fork(base) if base else self._take()
        try:
            self._fill(sequence, len(before), own)
        except EngineError:
            self._give_back(sequence)
            raise
        made = self._prefixes[whole] = Prefix(sequence, whole, before + own, len(own))
        return made

    def _make_room(self, most: int, keep: Prefix | None) -> None:
        """Drop the least used prefixes until the rest hold at most so many tokens; `keep` is not dropped."""
        droppable = [text for text in self._prefixes if keep is None or text != keep.text]
        while droppable and (self._held() > most or len(self._prefixes) > self.settings.sequences // 2):
            self._drop(droppable.pop(0))

    def _held(self) -> int:
        return sum(prefix.own for prefix in self._prefixes.values())

    def _drop(self, text: str) -> None:
        self._give_back(self._prefixes.pop(text).sequence)

    def _take(self) -> int:
        if not self._free:
            raise EngineError("no free sequence in the model's context")
        return self._free.pop()

    def _give_back(self, sequence: int) -> None:
        llama_cpp.llama_memory_seq_rm(self._memory, sequence, -1, -1)
        self._free.append(sequence)

    def _fork(self, prefix: Prefix) -> int:
        sequence = self._take()
        llama_cpp.llama_memory_seq_cp(self._memory, prefix.sequence, sequence, -1, -1)
        return sequence

    # -- decoding ----------------------------------------------------------------------------------------

    def longest_continuation(self, prefix: Prefix) -> int:
        """How many tokens may follow a prefix in one pass."""
        free = self.settings.context_tokens - self._held()
        return int(max(min(self.sequence_tokens - len(prefix.tokens), free) - 8, 0))

    def last_logits(self, continuations: Sequence[Continuation]) -> list[Logits]:
        """The logits after each continuation's last token, in order; short ones share decode calls."""
        results: dict[int, Logits] = {}
        waiting: list[tuple[int, Continuation]] = []
        used = 0
        for index, continuation in enumerate(continuations):
            size = len(continuation.tokens)
            if size > self.settings.batch_tokens:
                results[index] = self._alone(continuation)
                continue
            if waiting and (used + size > self.settings.batch_tokens or len(waiting) >= len(self._free)):
                results.update(self._together(waiting))
                waiting, used = [], 0
            waiting.append((index, continuation))
            used += size
        if waiting:
            results.update(self._together(waiting))
        return [results[index] for index in range(len(continuations))]

    def _together(self, items: Sequence[tuple[int, Continuation]]) -> dict[int, Logits]:
        sequences = [self._fork(item.prefix) for _, item in items]
        try:
            self._batch.n_tokens = 0
            last: list[int] = []
            for sequence, (_, item) in zip(sequences, items, strict=True):
                self._add(sequence, len(item.prefix.tokens), item.tokens, want_last=True)
                last.append(self._batch.n_tokens - 1)
            self._decode()
            return {index: self._logits(row) for (index, _), row in zip(items, last, strict=True)}
        finally:
            for sequence in sequences:
                self._give_back(sequence)

    def _alone(self, continuation: Continuation) -> Logits:
        sequence = self._fork(continuation.prefix)
        try:
            self._fill(sequence, len(continuation.prefix.tokens), continuation.tokens)
            return self._logits(self._batch.n_tokens - 1)
        finally:
            self._give_back(sequence)

    def generate(self, continuation: Continuation, most: int, stop: Callable[[str], bool]) -> str:
        """Write on greedily after a continuation, at most `most` tokens, until `stop(text so far)`."""
        sequence = self._fork(continuation.prefix)
        written: list[int] = []
        try:
            position = len(continuation.prefix.tokens)
            self._fill(sequence, position, continuation.tokens)
            position += len(continuation.tokens)
            for _ in range(most):
                token = int(np.argmax(self._logits(self._batch.n_tokens - 1)))
                if self.ends(token):
                    break
                written.append(token)
                if stop(self.detokenize(written)):
                    break
                self._fill(sequence, position, (token,))
                position += 1
            return self.detokenize(written)
        finally:
            self._give_back(sequence)

    def _fill(self, sequence: int, position: int, tokens: Sequence[int]) -> None:
        """Decode tokens into a sequence in as many calls as needed; the last token asks for logits."""
        step = self.settings.batch_tokens
        for start in range(0, len(tokens), step):
            self._batch.n_tokens = 0
            part = tokens[start : start + step]
            self._add(sequence, position + start, part, want_last=start + step >= len(tokens))
            self._decode()

    def _add(self, sequence: int, position: int, tokens: Sequence[int], *, want_last: bool) -> None:
        batch = self._batch
        for offset, token in enumerate(tokens):
            row = batch.n_tokens
            batch.token[row] = token
            batch.pos[row] = position + offset
            batch.n_seq_id[row] = 1
            batch.seq_id[row][0] = sequence
            batch.logits[row] = want_last and offset == len(tokens) - 1
            batch.n_tokens += 1

    def _decode(self) -> None:
        status = llama_cpp.llama_decode(self._context, self._batch)
        if status != 0:
            raise EngineError(f"llama.cpp could not decode (status {status})")

    def _logits(self, row: int) -> Logits:
        pointer = llama_cpp.llama_get_logits_ith(self._context, row)
        if not pointer:
            raise EngineError("llama.cpp gave no logits")
        return np.ctypeslib.as_array(pointer, shape=(self.vocabulary,)).copy()
