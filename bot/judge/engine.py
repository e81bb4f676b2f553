"""The llama.cpp engine: resident prefixes, one forward pass a message, what the model says after it.

A prefix is decoded once into a sequence of the key-value cache and stays there. A continuation is decoded in
a sequence forked from it (the cells are shared, not copied), and forgotten afterwards. Several continuations
share one `llama_decode` call. What is asked for is the logits after their last tokens, or the states of a layer.
A long prefix may be kept on disk, and is then not decoded again at the next start.
"""

from __future__ import annotations

import ctypes
from collections import OrderedDict
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import llama_cpp
import numpy as np

from bot.judge.kept import KeptPrefixes
from bot.judge.readout import Logits
from bot.judge.tap import States, Tap


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


@dataclass(slots=True)
class Prefix:
    """A prefix resident in the cache: its sequence, its text and tokens from the very start, how many are its own."""

    sequence: int
    text: str
    tokens: tuple[int, ...]
    own: int


@dataclass(frozen=True, slots=True)
class Continuation:
    """What to decode after a prefix, at least one token: those of a text, then those of a tail of our own."""

    prefix: Prefix
    text: tuple[int, ...]
    tail: tuple[int, ...] = ()

    @property
    def tokens(self) -> tuple[int, ...]:
        """All of them."""
        return self.text + self.tail


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
        # No weights laid out anew for one kind of CPU: the code for Intel's AMX ends the process on some CPUs that have
        # it (llama.cpp pull request 26954), and that for AVX-512 was slower: 8 s for 480 tokens, 6 without.
        model_params.use_extra_bufts = False
        self._model = llama_cpp.llama_model_load_from_file(str(path).encode(), model_params)
        if not self._model:
            raise EngineError(f"llama.cpp cannot load {path.name}: run `lawspeaker model verify`.")
        self._vocab = llama_cpp.llama_model_get_vocab(self._model)
        self.vocabulary = llama_cpp.llama_vocab_n_tokens(self._vocab)
        self._tap = Tap(llama_cpp.llama_model_n_embd(self._model))
        self._context = self._new_context()
        self._memory = llama_cpp.llama_get_memory(self._context)
        self._batch = llama_cpp.llama_batch_init(self.settings.batch_tokens, 0, 1)
        self.on_decode: Callable[[], None] = lambda: None  # told before each decode call: a sign of life
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
        # llama.cpp marks harmony's own control tokens as "user defined", and those it finds in every text. Of one that
        # is cut in two it finds none.
        parts = text.split("<|")
        whole = [("|" if at else "") + part + ("<" if at < len(parts) - 1 else "") for at, part in enumerate(parts)]
        return tuple(token for part in whole for token in self._tokens(part, first=False, control=False))

    def tokenize_frame(self, text: str) -> tuple[int, ...]:
        """Tokens of a text of our own, in which control tokens are what they say. Never for anybody else's text."""
        return self._tokens(text, first=False, control=True)

    def tokenize_pieces(self, pieces: Sequence[tuple[str, bool]]) -> tuple[int, ...]:
        """Tokens of texts put behind one another, each with whether it is our own: only there control tokens count."""
        return tuple(
            token for text, ours in pieces for token in (self.tokenize_frame(text) if ours else self.tokenize(text))
        )

    def _tokens(self, text: str, *, first: bool, control: bool) -> tuple[int, ...]:
        raw = text.encode("utf-8", "replace")
        size = len(raw) + 8
        buffer = (llama_cpp.llama_token * size)()
        count = llama_cpp.llama_tokenize(self._vocab, raw, len(raw), buffer, size, first, control)
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
        return self._resident(text, base, control=False)

    def kept_prefix(self, text: str, base: Prefix | None = None) -> Prefix:
        """The same for a long text that each start needs: kept on disk once decoded, where the settings say so."""
        return self._resident(text, base, control=False, kept=self.settings.kept)

    def frame(self, text: str) -> Prefix:
        """The resident prefix of a text of our own, in which control tokens are what they say."""
        return self._resident(text, None, control=True)

    def mixed(self, pieces: Sequence[tuple[str, bool]]) -> Prefix:
        """The resident prefix of texts, each with whether it is our own: only there control tokens count."""
        return self._resident("mixed:" + repr(pieces), None, control=True, own=self.tokenize_pieces(pieces))

    def _resident(
        self,
        text: str,
        base: Prefix | None,
        *,
        control: bool,
        kept: KeptPrefixes | None = None,
        own: tuple[int, ...] | None = None,
    ) -> Prefix:
        whole = (base.text if base else "frame:" if control else "") + text
        if whole in self._prefixes:
            self._prefixes.move_to_end(whole)
            return self._prefixes[whole]
        before = base.tokens if base else ()
        own = self._tokens(text, first=not base, control=control) if own is None else own
        # A quarter of the cache stays free for the messages of a batch and for a text being written.
        room = self.settings.context_tokens * 3 // 4
        if len(before) + len(own) > min(room, self.sequence_tokens - 64):
            raise EngineError("what the judge reads behind is too long for the model's context")
        self._make_room(room - len(own), keep=base)
        sequence = self._fork(base) if base else self._take()
        try:
            if kept is None:
                self._fill(sequence, len(before), own)
            else:
                self._bring_back(kept, sequence, before, own)
        except EngineError:
            self._give_back(sequence)
            raise
        made = self._prefixes[whole] = Prefix(sequence, whole, before + own, len(own))
        return made

    def _bring_back(self, kept: KeptPrefixes, sequence: int, before: Sequence[int], own: Sequence[int]) -> None:
        """Bring a prefix's own tokens into a sequence: from what was kept of them, or by decoding them now."""
        apart = self._take()  # a file holds the prefix's own cells, not those of what stands before it
        try:
            if kept.recall(self._context, apart, before, own):
                llama_cpp.llama_memory_seq_cp(self._memory, apart, sequence, -1, -1)
            else:
                self._fill(sequence, len(before), own)
                llama_cpp.llama_memory_seq_cp(self._memory, sequence, apart, len(before), -1)
                kept.keep(self._context, apart, before, own)
        finally:
            self._give_back(apart)

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
        """The logits after each continuation's last token, in order; shape (vocabulary,) each."""
        return [self._logits(row) for items in self._batches(continuations) for row in self._decode_after(items)]

    def states(self, continuations: Sequence[Continuation], layer: int) -> list[States]:
        """What a layer, counted from 0, says of each continuation, in order; decoding ends there.

        Shape (2, width) each: the state of the last token, and the mean of those of the text.
        """
        found: list[States] = []
        for items in self._batches(continuations):
            with self._tap.open(layer) as taken:
                self._decode_after(items)
            if not taken:
                raise EngineError(f"the model has no layer {layer} that can be read")
            rows = np.concatenate(taken)
            for item in items:
                own, rows = rows[: len(item.tokens)], rows[len(item.tokens) :]
                found.append(np.stack([own[-1], own[: len(item.text)].mean(axis=0)]))
        return found

    def _batches(self, continuations: Sequence[Continuation]) -> Iterator[list[Continuation]]:
        """Continuations in their order, as many as share a decode call; one longer than a call by itself."""
        waiting: list[Continuation] = []
        for item in continuations:
            used = sum(len(other.tokens) for other in waiting)
            full = used + len(item.tokens) > self.settings.batch_tokens or len(waiting) >= len(self._free)
            if waiting and full:
                yield waiting
                waiting = []
            waiting.append(item)
        if waiting:
            yield waiting

    def _decode_after(self, items: Sequence[Continuation]) -> list[int]:
        """Decode what `_batches` put together; the row of each one's last token, good until the next decode."""
        sequences = [self._fork(item.prefix) for item in items]
        try:
            if len(items) == 1:
                self._fill(sequences[0], len(items[0].prefix.tokens), items[0].tokens)
                return [self._batch.n_tokens - 1]
            self._batch.n_tokens = 0
            last: list[int] = []
            for sequence, item in zip(sequences, items, strict=True):
                self._add(sequence, len(item.prefix.tokens), item.tokens, want_last=True)
                last.append(self._batch.n_tokens - 1)
            self._decode()
            return last
        finally:
            for sequence in sequences:
                self._give_back(sequence)

    def written(self, continuation: Continuation) -> Generator[tuple[int, Logits], None, None]:
        """Write on greedily after a continuation: each token with the logits it was chosen by, shape (vocabulary,).

        The token with which the model ends its text is the last one. The caller stops where it has enough, and closes
        the iterator. EngineError where the context is full.
        """
        sequence = self._fork(continuation.prefix)
        try:
            position = len(continuation.prefix.tokens)
            self._fill(sequence, position, continuation.tokens)
            position += len(continuation.tokens)
            while True:
                logits = self._logits(self._batch.n_tokens - 1)
                token = int(np.argmax(logits))
                yield token, logits
                if self.ends(token):
                    return
                self._fill(sequence, position, (token,))
                position += 1
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
        self.on_decode()
        status = llama_cpp.llama_decode(self._context, self._batch)
        if status != 0:
            raise EngineError(f"llama.cpp could not decode (status {status})")

    def _logits(self, row: int) -> Logits:
        pointer = llama_cpp.llama_get_logits_ith(self._context, row)
        if not pointer:
            raise EngineError("llama.cpp gave no logits")
        return np.ctypeslib.as_array(pointer, shape=(self.vocabulary,)).copy()
