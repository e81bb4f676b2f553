"""A loaded model and one context of llama.cpp: tokens, sequences of its cache, decode calls.

All sequences share one cache; one forked from another shares its cells, which are not copied.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import llama_cpp
import numpy as np

from bot.judge.kept_prefixes import KeptPrefixes
from bot.judge.readout import Logits
from bot.judge.tap import Tap


class EngineError(RuntimeError):
    """The model could not be loaded or a decode failed; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """How the context is made: cells of key-value cache, tokens a decode call, sequences, threads; what is kept."""

    context_tokens: int = 16_384
    batch_tokens: int = 512
    sequences: int = 128
    threads: int = 2
    gpu_layers: int = 0
    kept: KeptPrefixes | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """Tokens, at least one, to decode into a sequence from a position on."""

    sequence: int
    position: int
    tokens: tuple[int, ...]


def _quiet(level: int, text: bytes, data: ctypes.c_void_p) -> None:
    """Drop llama.cpp's own log: it would write message-sized noise to stderr."""


_QUIET = llama_cpp.llama_log_callback(_quiet)


class Llama:
    """One loaded model and one context. Not safe for use from several threads."""

    def __init__(self, path: Path, settings: EngineSettings | None = None) -> None:
        """Load the model at `path` (a GGUF file); EngineError where llama.cpp refuses it."""
        self.settings = settings or EngineSettings()
        llama_cpp.llama_log_set(_QUIET, ctypes.c_void_p(0))
        llama_cpp.llama_backend_init()
        model_params = llama_cpp.llama_model_default_params()
        model_params.n_gpu_layers = self.settings.gpu_layers
        # No weights laid out anew for one kind of CPU: the code for Intel's AMX ends the process on some CPUs that have
        # it (llama.cpp pull request 26954), and that for AVX-512 was slower: 8 s for 480 tokens, 6 without.
        model_params.use_extra_bufts = False
        self._model = llama_cpp.llama_model_load_from_file(str(path).encode(), model_params)
        if not self._model:
            raise EngineError(
                f"llama.cpp cannot load {path.name}: see whether the machine has the memory for it, and run "
                "`lawspeaker model verify`."
            )
        self._vocab = llama_cpp.llama_model_get_vocab(self._model)
        self.vocabulary = llama_cpp.llama_vocab_n_tokens(self._vocab)
        self._tap = Tap(llama_cpp.llama_model_n_embd(self._model))
        self._context = self._new_context()
        self._memory = llama_cpp.llama_get_memory(self._context)
        self._batch = llama_cpp.llama_batch_init(self.settings.batch_tokens, 0, 1)
        self.on_decode: Callable[[], None] = lambda: None  # told before each decode call: a sign of life
        self._free = list(range(self.settings.sequences - 1, -1, -1))

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
        params.cb_eval = self._tap.callback
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

    def tokenize(self, text: str) -> tuple[int, ...]:
        """Tokens of `text`; control tokens written in it are plain text."""
        return self._plain(text, first=False)

    def tokenize_frame(self, text: str) -> tuple[int, ...]:
        """Tokens of a text of our own, in which control tokens are what they say. Never for anybody else's text."""
        return self._tokens(text, first=False, control=True)

    def tokenize_pieces(self, pieces: Sequence[tuple[str, bool]]) -> tuple[int, ...]:
        """Tokens of texts put behind one another, each with whether it is our own: only there control tokens count."""
        return tuple(
            token for text, ours in pieces for token in (self.tokenize_frame(text) if ours else self.tokenize(text))
        )

    def _plain(self, text: str, *, first: bool) -> tuple[int, ...]:
        # llama.cpp marks harmony's own control tokens as "user defined", and those it finds in every text. Of one that
        # is cut in two it finds none.
        parts = text.split("<|")
        whole = [("|" if at else "") + part + ("<" if at < len(parts) - 1 else "") for at, part in enumerate(parts)]
        tokens = (self._tokens(part, first=first and not at, control=False) for at, part in enumerate(whole))
        return tuple(token for some in tokens for token in some)

    def _tokens(self, text: str, *, first: bool, control: bool) -> tuple[int, ...]:
        raw = text.encode("utf-8", "replace")
        size = len(raw) + 8
        buffer = (llama_cpp.llama_token * size)()
        count = llama_cpp.llama_tokenize(self._vocab, raw, len(raw), buffer, size, first, control)
        if count < 0:
            raise EngineError("the text could not be tokenised")
        return tuple(buffer[:count])

    def control_tokens(self) -> dict[int, str]:
        """The vocabulary's control tokens with their text."""
        found: dict[int, str] = {}
        for token in range(self.vocabulary):
            if llama_cpp.llama_vocab_is_control(self._vocab, token):
                found[token] = llama_cpp.llama_vocab_get_text(self._vocab, token).decode("utf-8", "ignore")
        return found

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

    # -- sequences ---------------------------------------------------------------------------------------

    def _take(self) -> int:
        if not self._free:
            raise EngineError("no free sequence in the model's context")
        return self._free.pop()

    def _give_back(self, sequence: int) -> None:
        llama_cpp.llama_memory_seq_rm(self._memory, sequence, -1, -1)
        self._free.append(sequence)

    def _share(self, source: int, target: int, start: int = -1) -> None:
        """Let a sequence have the cells of another too, from a position on."""
        llama_cpp.llama_memory_seq_cp(self._memory, source, target, start, -1)

    # -- decoding ----------------------------------------------------------------------------------------

    def _decode(self, pieces: Sequence[Piece]) -> list[int]:
        """Decode pieces in one call; the row of each one's last token, good until the next call.

        One piece alone may be longer than a call holds, and is then decoded in several.
        """
        if len(pieces) == 1:
            return [self._fill(pieces[0])]
        self._batch.n_tokens = 0
        rows = [self._add(piece.sequence, piece.position, piece.tokens, want_last=True) for piece in pieces]
        self._call()
        return rows

    def _fill(self, piece: Piece) -> int:
        step = self.settings.batch_tokens
        row = 0
        for start in range(0, len(piece.tokens), step):
            self._batch.n_tokens = 0
            part = piece.tokens[start : start + step]
            last = start + step >= len(piece.tokens)
            row = self._add(piece.sequence, piece.position + start, part, want_last=last)
            self._call()
        return row

    def _add(self, sequence: int, position: int, tokens: Sequence[int], *, want_last: bool) -> int:
        batch = self._batch
        for offset, token in enumerate(tokens):
            row = batch.n_tokens
            batch.token[row] = token
            batch.pos[row] = position + offset
            batch.n_seq_id[row] = 1
            batch.seq_id[row][0] = sequence
            batch.logits[row] = want_last and offset == len(tokens) - 1
            batch.n_tokens += 1
        return int(batch.n_tokens) - 1

    def _call(self) -> None:
        self.on_decode()
        status = llama_cpp.llama_decode(self._context, self._batch)
        if status != 0:
            raise EngineError(f"llama.cpp could not decode (status {status})")

    def _logits(self, row: int) -> Logits:
        pointer = llama_cpp.llama_get_logits_ith(self._context, row)
        if not pointer:
            raise EngineError("llama.cpp gave no logits")
        return np.ctypeslib.as_array(pointer, shape=(self.vocabulary,)).copy()
