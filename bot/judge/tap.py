"""A tap on the model: what one of its layers says of each token, taken out while a batch is decoded.

What a small model knows of a text is told better from the middle of its layers than from the last ones, which turn
to the next word; and decoding can end there, which saves the layers above. llama.cpp shows each step of a decode to a
callback (`cb_eval`), which may copy its outcome and say that the rest is not wanted.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import llama_cpp
import numpy as np
import numpy.typing as npt
from llama_cpp._ctypes_extensions import load_shared_library

States = npt.NDArray[np.float32]

# llama-cpp-python's own way to find a library of its wheel, whatever the system calls it.
_ggml = load_shared_library("ggml-base", Path(llama_cpp.__file__).parent / "lib")
_ggml.ggml_get_name.restype = ctypes.c_char_p
_ggml.ggml_get_name.argtypes = [ctypes.c_void_p]
_ggml.ggml_nelements.restype = ctypes.c_int64
_ggml.ggml_nelements.argtypes = [ctypes.c_void_p]
_ggml.ggml_backend_tensor_get.restype = None
_ggml.ggml_backend_tensor_get.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t]


class Tap:
    """Takes the states after one layer, and ends each decode there, for as long as it is open."""

    def __init__(self, width: int) -> None:
        """A closed tap on a model of so many numbers a token."""
        self._width = width
        self._wanted: bytes | None = None
        self._taken: list[States] = []
        self.callback = llama_cpp.ggml_backend_sched_eval_callback(self._see)

    @contextmanager
    def open(self, layer: int) -> Iterator[list[States]]:
        """Take the states after this layer, counted from 0: of each decode call's tokens, shape (tokens, width)."""
        # The name that llama.cpp gives to what a layer adds up to, for every architecture.
        self._wanted, self._taken = f"l_out-{layer}".encode(), []
        try:
            yield self._taken
        finally:
            self._wanted = None

    def _see(self, tensor: int, asking: bool, _: object) -> bool:
        if asking:
            return self._wanted is not None and bool(_ggml.ggml_get_name(tensor) == self._wanted)
        states: States = np.empty((_ggml.ggml_nelements(tensor) // self._width, self._width), dtype=np.float32)
        _ggml.ggml_backend_tensor_get(tensor, states.ctypes.data, 0, states.nbytes)
        self._taken.append(states)
        return False
