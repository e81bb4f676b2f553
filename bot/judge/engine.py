"""The engine: resident prefixes, one forward pass a message, what the model writes after it.

A prefix is decoded once into a sequence of the key-value cache and stays there. A continuation is decoded in
a sequence forked from it (the cells are shared, not copied), and forgotten afterwards. Several continuations
share one `llama_decode` call, and so do several texts that are being written. What is asked for is the logits after
their last tokens, or the states of a layer; behind a prefix that was read up to a layer only the latter. A prefix may
be kept on disk, and is then not decoded again at the next start.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np

from bot.judge.kept import SHARED
from bot.judge.kept_prefixes import KeptPrefixes, Text
from bot.judge.llama import EngineError, EngineSettings, Llama, Piece
from bot.judge.readout import Logits
from bot.judge.tap import States
from bot.judge.writing import Stop, Writing
from bot.language import mark

__all__ = ["Continuation", "Engine", "EngineError", "EngineSettings", "Keep", "Prefix"]

Key = tuple[str, int | None]


class Keep(StrEnum):
    """For whom a prefix is kept on disk: for every policy, or for those that have this text."""

    SHARED = SHARED
    POLICY = "policy"


@dataclass(slots=True)
class Prefix:
    """A prefix resident in the cache: its sequence, its text and tokens from the very start, how many are its own.

    `layer` is the last that it was read in, counted from 0; None for all of them.
    """

    sequence: int
    text: str
    tokens: tuple[int, ...]
    own: int
    layer: int | None = None

    @property
    def key(self) -> Key:
        """What tells it from others."""
        return self.text, self.layer


@dataclass(frozen=True, slots=True)
class Continuation:
    """What to decode after a prefix, at least one token: of what stands before a text, of the text, of a tail."""

    prefix: Prefix
    text: tuple[int, ...]
    tail: tuple[int, ...] = ()
    before: tuple[int, ...] = ()

    @property
    def tokens(self) -> tuple[int, ...]:
        """All of them."""
        return self.before + self.text + self.tail


class Engine(Llama):
    """A loaded model with its resident prefixes. Not safe for use from several threads."""

    def __init__(self, path: Path, settings: EngineSettings | None = None) -> None:
        """Load the model at `path` (a GGUF file); EngineError where llama.cpp refuses it."""
        super().__init__(path, settings)
        self._prefixes: OrderedDict[Key, Prefix] = OrderedDict()
        self._writings: list[Writing] = []

    # -- prefixes ----------------------------------------------------------------------------------------

    def prefix(
        self, text: str, base: Prefix | None = None, *, layer: int | None = None, keep: Keep | None = None
    ) -> Prefix:
        """The resident prefix of `text`, after that of `base` where one is given; decoded now unless it is there.

        Decoded up to a layer, if one is named: then only that layer or those below can be read behind it. Kept on disk
        for whom it says, where the settings say so. The least used make room. EngineError where the model's context is
        too short for it.
        """
        return self._resident(text, base, layer, keep, lambda: self._plain(text, first=not base))

    def frame(self, text: str, *, layer: int | None = None) -> Prefix:
        """The resident prefix of a text of our own, in which control tokens are what they say."""
        return self._resident(f"frame:{text}", None, layer, None, lambda: self._tokens(text, first=True, control=True))

    def mixed(self, pieces: Sequence[tuple[str, bool]]) -> Prefix:
        """The resident prefix of texts, each with whether it is our own: only there control tokens count."""
        return self._resident(f"mixed:{pieces!r}", None, None, None, lambda: self.tokenize_pieces(pieces))

    def _resident(
        self,
        text: str,
        base: Prefix | None,
        layer: int | None,
        keep: Keep | None,
        tokenise: Callable[[], tuple[int, ...]],
    ) -> Prefix:
        whole = (base.text if base else "") + text
        if (whole, layer) in self._prefixes:
            self._prefixes.move_to_end((whole, layer))
            return self._prefixes[whole, layer]
        if base and not _reaches(base, layer):
            raise EngineError("what stands before a prefix was not read in all of its layers")
        before = base.tokens if base else ()
        own = tokenise()
        # A quarter of the cache stays free for the messages of a batch and for texts being written.
        room = self.settings.context_tokens * 3 // 4
        if len(before) + len(own) > min(room, self.sequence_tokens - 64):
            raise EngineError(
                mark(
                    "What the judge reads behind is too long for the model's context: shorten the rule or change "
                    "the model."
                )
            )
        self._make_room(room - len(own), base)
        sequence = self._fork(base) if base else self._take()
        try:
            if keep is None or self.settings.kept is None:
                self._read_in(sequence, Text(before, own, layer))
            else:
                self._bring_back(self.settings.kept, keep, sequence, Text(before, own, layer))
        except EngineError:
            self._give_back(sequence)
            raise
        made = self._prefixes[whole, layer] = Prefix(sequence, whole, before + own, len(own), layer)
        return made

    def _read_in(self, sequence: int, text: Text) -> None:
        with nullcontext() if text.layer is None else self._tap.open(text.layer):
            self._decode([Piece(sequence, len(text.before), text.own)])

    def _bring_back(self, kept: KeptPrefixes, keep: Keep, sequence: int, text: Text) -> None:
        """Bring a prefix's own tokens into a sequence: from what was kept of them, or by decoding them now."""
        apart = self._take()  # a file holds the prefix's own cells, not those of what stands before it
        try:
            if kept.recall(self._context, apart, text, keep):
                self._share(apart, sequence)
            else:
                self._read_in(sequence, text)
                self._share(sequence, apart, len(text.before))
                kept.keep(self._context, apart, text, keep)
        finally:
            self._give_back(apart)

    def _make_room(self, most: int, base: Prefix | None) -> None:
        """Drop the least used prefixes until the rest hold at most so many tokens; none that is built upon."""
        built_upon = {base.key if base else None, *(writing.behind for writing in self._writings)}
        droppable = [key for key in self._prefixes if key not in built_upon]
        while droppable and (self._held() > most or len(self._prefixes) > self.settings.sequences // 2):
            self._give_back(self._prefixes.pop(droppable.pop(0)).sequence)

    def _held(self) -> int:
        return sum(prefix.own for prefix in self._prefixes.values())

    def _fork(self, prefix: Prefix) -> int:
        sequence = self._take()
        self._share(prefix.sequence, sequence)
        return sequence

    # -- reading -----------------------------------------------------------------------------------------

    def longest_continuation(self, prefix: Prefix) -> int:
        """How many tokens may follow a prefix in one pass."""
        free = self.settings.context_tokens - self._held() - sum(writing.cells for writing in self._writings)
        return int(max(min(self.sequence_tokens - len(prefix.tokens), free) - 8, 0))

    def last_logits(self, continuations: Sequence[Continuation]) -> list[Logits]:
        """The logits after each continuation's last token, in order; shape (vocabulary,) each."""
        _hold_to_layer(continuations, None)
        return [self._logits(row) for items in self._batches(continuations) for row in self._decode_after(items)]

    def states(self, continuations: Sequence[Continuation], layer: int) -> list[States]:
        """What a layer, counted from 0, says of each continuation, in order; decoding ends there.

        Shape (2, width) each: the state of the last token, and the mean of those of the text.
        """
        _hold_to_layer(continuations, layer)
        found: list[States] = []
        for items in self._batches(continuations):
            with self._tap.open(layer) as taken:
                self._decode_after(items)
            if not taken:
                raise EngineError(f"the model has no layer {layer} that can be read")
            rows = np.concatenate(taken)
            for item in items:
                own, rows = rows[: len(item.tokens)], rows[len(item.tokens) :]
                text = own[len(item.before) : len(item.before) + len(item.text)]
                found.append(np.stack([own[-1], text.mean(axis=0)]))
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
            return self._decode(
                [
                    Piece(sequence, len(item.prefix.tokens), item.tokens)
                    for sequence, item in zip(sequences, items, strict=True)
                ]
            )
        finally:
            for sequence in sequences:
                self._give_back(sequence)

    # -- writing -----------------------------------------------------------------------------------------

    def generate(self, continuation: Continuation, most: int, stop: Stop) -> str:
        """Write on greedily after a continuation, at most `most` tokens, until `stop(text so far)`."""
        (writing,) = self.begin([continuation], most, stop)
        try:
            while not writing.done:
                self.advance([writing])
        finally:
            self.end(writing)
        return writing.text

    def written(self, continuation: Continuation) -> Generator[tuple[int, Logits], None, None]:
        """Write on greedily after a continuation: each token with the logits it was chosen by, shape (vocabulary,).

        The token with which the model ends its text is the last one. The caller stops where it has enough, and closes
        the iterator. EngineError where the context is full.
        """
        _hold_to_layer([continuation], None)
        sequence = self._fork(continuation.prefix)
        try:
            position, tokens = len(continuation.prefix.tokens), continuation.tokens
            while True:
                (row,) = self._decode([Piece(sequence, position, tokens)])
                logits = self._logits(row)
                token = int(np.argmax(logits))
                yield token, logits
                if self.ends(token):
                    return
                position, tokens = position + len(tokens), (token,)
        finally:
            self._give_back(sequence)

    def room_to_write(self, cells: int, others: int = 0) -> bool:
        """Whether texts that need so many tokens, their own before them counted in, may be begun now.

        That is one text and `others`, beside those being written. An eighth of the sequences and, of the quarter of the
        cache that prefixes leave, all but two calls' tokens are theirs, so that messages can be judged at any time. One
        text alone may always be.
        """
        texts = len(self._writings) + others + 1
        theirs = self.settings.context_tokens // 4 - 2 * self.settings.batch_tokens
        held = sum(writing.cells for writing in self._writings)
        return texts == 1 or (texts <= self.settings.sequences // 8 and held + cells <= theirs)

    def begin(self, continuations: Sequence[Continuation], most: int, stop: Stop) -> list[Writing]:
        """Begin a text of at most `most` tokens after each continuation; their tokens share decode calls.

        Each has its first token then. `advance` them until they are done, and `end` them. EngineError where the model
        fails; then none was begun.
        """
        _hold_to_layer(continuations, None)
        begun: list[Writing] = []
        try:
            for items in self._batches(continuations):
                for item in items:
                    begun.append(self._open(item, most, stop))
                some = begun[-len(items) :]
                pieces = [
                    Piece(writing.sequence, len(item.prefix.tokens), item.tokens)
                    for writing, item in zip(some, items, strict=True)
                ]
                self._take_tokens(some, self._decode(pieces))
        except EngineError:
            for writing in begun:
                self.end(writing)
            raise
        return begun

    def _open(self, item: Continuation, most: int, stop: Stop) -> Writing:
        start = len(item.prefix.tokens) + len(item.tokens)
        writing = Writing(self._fork(item.prefix), item.prefix.key, start, len(item.tokens), most, stop)
        self._writings.append(writing)
        return writing

    def advance(self, writings: Sequence[Writing]) -> None:
        """Write one token more of each text that is not done, in one decode call; greedily. EngineError."""
        going = [writing for writing in writings if not writing.done]
        if going:
            pieces = [Piece(one.sequence, one.start + len(one.tokens) - 1, (one.tokens[-1],)) for one in going]
            self._take_tokens(going, self._decode(pieces))

    def _take_tokens(self, writings: Sequence[Writing], rows: Sequence[int]) -> None:
        for writing, row in zip(writings, rows, strict=True):
            token = int(np.argmax(self._logits(row)))
            if self.ends(token) or writing.most < 1:
                self.end(writing)
                continue
            writing.tokens.append(token)
            writing.text = self.detokenize(writing.tokens)
            if writing.stop(writing.text) or len(writing.tokens) >= writing.most:
                self.end(writing)

    def end(self, writing: Writing) -> None:
        """Let a text be as it is, and give its cells back; of no effect on one that is done."""
        writing.done = True
        if writing in self._writings:
            self._writings.remove(writing)
            self._give_back(writing.sequence)


def _reaches(prefix: Prefix, layer: int | None) -> bool:
    return prefix.layer is None or (layer is not None and layer <= prefix.layer)


def _hold_to_layer(continuations: Sequence[Continuation], layer: int | None) -> None:
    if not all(_reaches(item.prefix, layer) for item in continuations):
        raise EngineError("what stands before a text was not read in the layers that are asked for")
