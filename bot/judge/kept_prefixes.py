"""What the model made of texts, kept on disk: they are read once on a machine, not at each start.

A file holds the key-value cells of one text's tokens, in llama.cpp's own format for the state of a sequence. It is good
for the same tokens behind the same tokens, the same model and the same llama.cpp, and named by all of these.
"""

from __future__ import annotations

import ctypes
import hashlib
from dataclasses import dataclass

import llama_cpp

from bot.judge.cells import CellsError, with_layers_above, without_layers_above
from bot.judge.kept import KeptFolder


@dataclass(frozen=True, slots=True)
class Text:
    """A text by its tokens and those before it; `layer` is the last that it was read in, None for all of them."""

    before: tuple[int, ...]
    own: tuple[int, ...]
    layer: int | None


class KeptPrefixes:
    """The cells of texts in a folder, for one model by its SHA-256."""

    def __init__(self, folder: KeptFolder, model_digest: str) -> None:
        """Keep in `folder`, which may hold those of other models too."""
        self.folder = folder
        self.model_digest = model_digest

    def recall(self, context: object, sequence: int, text: Text, kind: str) -> bool:
        """Bring a text's own cells, as they stand behind those before, into an empty sequence; whether it did."""
        name = self._name(text, kind)
        held = self.folder.read(name)
        if held is None:
            return False
        try:
            state = bytearray(held) if text.layer is None else with_layers_above(held, text.layer)
        except CellsError:
            self.folder.remove(name, "is not in the form of this llama.cpp")
            return False
        buffer = (ctypes.c_uint8 * len(state)).from_buffer(state)
        if llama_cpp.llama_state_seq_set_data(context, buffer, len(state), sequence):
            return True
        # Not the file's fault: the cache has no room for it in one piece.
        llama_cpp.llama_memory_seq_rm(llama_cpp.llama_get_memory(context), sequence, -1, -1)
        return False

    def keep(self, context: object, sequence: int, text: Text, kind: str) -> None:
        """Keep a sequence that holds a text's own cells and no others; `kind` is the suffix of its file."""
        size = llama_cpp.llama_state_seq_get_size(context, sequence)
        state = bytearray(size)
        buffer = (ctypes.c_uint8 * size).from_buffer(state)
        if llama_cpp.llama_state_seq_get_data(context, buffer, size, sequence) != size:
            return
        try:
            short = state if text.layer is None else without_layers_above(state, text.layer)
        except CellsError:
            return  # a cache of another form: there is nothing to be cut, and the rest may hold others' texts
        self.folder.write(self._name(text, kind), short)

    def _name(self, text: Text, kind: str) -> str:
        what = (self.model_digest, llama_cpp.__version__, text.layer, text.before, text.own)
        return f"{hashlib.sha256(repr(what).encode()).hexdigest()}.{kind}"
