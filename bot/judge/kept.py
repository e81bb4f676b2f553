"""What the model made of long texts, kept on disk: they are read once on a machine, not at each start.

A file holds the key-value cells of one text's tokens, in llama.cpp's own format for the state of a sequence. It is good
for the same tokens behind the same tokens, the same model and the same llama.cpp, and named by all of these.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import llama_cpp

# A model has two such texts; those of a version or a model before are the first to go. 25 KiB a token or so each.
MOST_FILES = 6


@dataclass(frozen=True, slots=True)
class KeptPrefixes:
    """A folder of files for one model, by its SHA-256; those used longest ago make room. No failure leaves it."""

    folder: Path
    model_digest: str

    def recall(self, context: object, sequence: int, before: Sequence[int], own: Sequence[int]) -> bool:
        """Bring `own` tokens, kept as they stand behind those `before`, into an empty sequence; whether it did."""
        file = self._file(before, own)
        if not file.is_file():
            return False
        tokens, count = (llama_cpp.llama_token * len(own))(), ctypes.c_size_t()
        read = llama_cpp.llama_state_seq_load_file(
            context, os.fsencode(file), sequence, tokens, len(own), ctypes.byref(count)
        )
        if read and tuple(tokens[: count.value]) == tuple(own):
            with suppress(OSError):
                file.touch()
            return True
        llama_cpp.llama_memory_seq_rm(llama_cpp.llama_get_memory(context), sequence, -1, -1)
        with suppress(OSError):
            file.unlink()  # broken: it is made anew
        return False

    def keep(self, context: object, sequence: int, before: Sequence[int], own: Sequence[int]) -> None:
        """Keep a sequence that holds `own` tokens as they stand behind those `before`; not where the disk refuses."""
        file = self._file(before, own)
        partial = file.with_suffix(f".{os.getpid()}.partial")
        tokens = (llama_cpp.llama_token * len(own))(*own)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if llama_cpp.llama_state_seq_save_file(context, os.fsencode(partial), sequence, tokens, len(own)):
                partial.replace(file)
            self._make_room()
        except OSError:
            return
        finally:
            with suppress(OSError):
                partial.unlink(missing_ok=True)

    def _file(self, before: Sequence[int], own: Sequence[int]) -> Path:
        what = (self.model_digest, llama_cpp.__version__, list(before), list(own))
        return self.folder / f"{hashlib.sha256(repr(what).encode()).hexdigest()[:32]}.state"

    def _make_room(self) -> None:
        files = sorted(self.folder.glob("*.state"), key=lambda file: file.stat().st_mtime)
        for file in files[:-MOST_FILES]:
            file.unlink()
