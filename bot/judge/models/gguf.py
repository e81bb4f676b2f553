"""Reading a GGUF file's header: is it one, is it whole, and what does it say about itself.

Nothing in the file is trusted: every count and length is bounded, and none reaches beyond the file's end. So is what is
kept, and what is read in all, however many arrays there are.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from bot.judge.models.errors import ModelFileError, human_size

MAX_KEYS = 4096
MAX_TENSORS = 65_536
MAX_HEADER = 256 * 1024 * 1024
MAX_KEY = 65_535
MAX_ARRAY = 8 * 1024 * 1024
# Of all arrays together. The largest vocabularies that there are have some 800,000, their merges included.
MAX_STRINGS = 4_000_000
MAX_STRING = 4 * 1024 * 1024
MAX_DIMENSIONS = 8
_CHUNK = 4 * 1024 * 1024

_STRING, _ARRAY = 8, 9
_LENGTH = struct.Struct("<Q")
_SCALARS = dict(zip((0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12), (f"<{c}" for c in "BbHhIif?Qqd"), strict=True))
# Bytes per block and elements per block, by ggml's number for the type.
_TYPES = {
    0: (4, 1), 1: (2, 1), 2: (18, 32), 3: (20, 32), 6: (22, 32), 7: (24, 32), 8: (34, 32), 9: (36, 32),
    10: (84, 256), 11: (110, 256), 12: (144, 256), 13: (176, 256), 14: (210, 256), 15: (292, 256),
    24: (1, 1), 25: (2, 1), 26: (4, 1), 27: (8, 1), 28: (8, 1), 30: (2, 1), 39: (17, 32),
}  # fmt: skip

# The texts that are of use here, or only to be there; all others are passed over unread.
_TEXTS = frozenset({"general.alignment", "general.architecture", "general.name", "tokenizer.chat_template"})

Value = int | float | bool | str


@dataclass(frozen=True)
class GgufInfo:
    """What a model file says about itself."""

    version: int
    tensors: int
    architecture: str
    model_name: str | None
    context_length: int | None
    has_chat_template: bool


class _Truncated(Exception):  # noqa: N818
    """The file ends before its header does."""


class _Malformed(Exception):  # noqa: N818
    """The header says what no header may say."""


class _Reader:
    """Reads forward through the file's beginning, in chunks, never past its end or the header's limit."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._size = file, size
        self._buffer, self._at, self._base = b"", 0, 0
        self._strings = 0

    @property
    def position(self) -> int:
        return self._base + self._at

    def _within(self, count: int) -> None:
        if self.position + count > self._size:
            raise _Truncated
        if self.position + count > MAX_HEADER:
            raise _Malformed("it is far longer than a header is")

    def need(self, count: int) -> None:
        self._within(count)
        if self._at + count > len(self._buffer):
            rest = self._buffer[self._at :]
            self._base += self._at
            self._buffer, self._at = rest + self._file.read(max(_CHUNK, count)), 0
            if len(self._buffer) < count:
                raise _Truncated

    def unpack(self, form: str) -> Value:
        count = struct.calcsize(form)
        self.need(count)
        value: Value = struct.unpack_from(form, self._buffer, self._at)[0]
        self._at += count
        return value

    def integer(self, form: str, limit: int, what: str) -> int:
        value = int(self.unpack(form))
        if not 0 <= value <= limit:
            raise _Malformed(f"it claims {value} {what}")
        return value

    def skip(self, count: int) -> None:
        self._within(count)
        self._at += count
        if self._at > len(self._buffer):
            self._base += self._at
            self._buffer, self._at = b"", 0
            self._file.seek(self._base)

    def string(self, limit: int = MAX_STRING) -> str:
        count = self.integer("<Q", limit, "bytes in one string")
        self.need(count)
        text = self._buffer[self._at : self._at + count].decode("utf-8", "replace")
        self._at += count
        return text

    def skip_strings(self, count: int) -> None:
        self._strings += count
        if self._strings > MAX_STRINGS:
            raise _Malformed(f"it claims {self._strings} strings in its arrays")
        self._within(count * _LENGTH.size)
        for _ in range(count):  # a million of them, of which nearly all lie within the buffer
            if self._at + _LENGTH.size > len(self._buffer):
                self.need(_LENGTH.size)
            (length,) = _LENGTH.unpack_from(self._buffer, self._at)
            self._at += _LENGTH.size
            if self._at + length <= len(self._buffer):
                self._at += length
            else:
                self.skip(length)

    def value(self, key: str) -> Value | None:
        """The value of a key; None where it is an array or a text that is of no use here."""
        kind = self.integer("<I", 12, "as a value's type")
        if kind == _STRING:
            if key in _TEXTS:
                return self.string()
            self.skip(self.integer("<Q", MAX_HEADER, "bytes in one string"))
            return None
        if kind != _ARRAY:
            return self.unpack(_SCALARS[kind])
        element = self.integer("<I", 12, "as an array's type")
        count = self.integer("<Q", MAX_ARRAY, "values in one array")
        if element == _STRING:
            self.skip_strings(count)
        elif element == _ARRAY:
            raise _Malformed("it nests arrays")
        else:
            self.skip(count * struct.calcsize(_SCALARS[element]))
        return None


def read_gguf(path: Path, again: str = "fetch it again") -> GgufInfo:
    """Check a GGUF file's header and return what it says; `again` is what to do about a damaged file."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            return _read(path, file, size, again)
    except FileNotFoundError:
        raise ModelFileError(f"There is no model file {path}; {again}.") from None
    except _Truncated:
        raise ModelFileError(f"{path} is cut off at {human_size(size)}; {again}.") from None
    except _Malformed as error:
        raise ModelFileError(f"{path} has a damaged header ({error}); {again}.") from None
    except OSError as error:
        raise ModelFileError(f"{path} cannot be read: {error.strerror or error}.") from error


def _read(path: Path, file: BinaryIO, size: int, again: str) -> GgufInfo:
    reader = _Reader(file, size)
    magic = file.read(4)
    file.seek(0)
    if size == 0 or (size < 4 and b"GGUF".startswith(magic)):
        raise _Truncated
    if magic != b"GGUF":
        raise ModelFileError(f"{path} is not a GGUF file; give a model in llama.cpp's GGUF format, or {again}.")
    reader.skip(4)
    version = int(reader.unpack("<I"))
    if version not in (2, 3):
        raise ModelFileError(
            f"{path} is a GGUF file of version {version}; only versions 2 and 3, little-endian, can be read."
        )
    tensors = reader.integer("<Q", MAX_TENSORS, "tensors")
    keys = reader.integer("<Q", MAX_KEYS, "metadata keys")
    if tensors == 0:
        raise _Malformed("it holds no tensors")
    metadata: dict[str, Value] = {}
    for _ in range(keys):
        key = reader.string(MAX_KEY)
        value = reader.value(key)
        if value is not None:
            metadata[key] = value
    _check_tensors(reader, tensors, metadata, size)
    architecture = metadata.get("general.architecture")
    if not isinstance(architecture, str) or not 0 < len(architecture) <= 64:
        raise _Malformed("it names no architecture")
    name = metadata.get("general.name")
    context = metadata.get(f"{architecture}.context_length")
    return GgufInfo(
        version=version,
        tensors=tensors,
        architecture=architecture,
        model_name=name[:200] if isinstance(name, str) else None,
        context_length=context if isinstance(context, int) else None,
        has_chat_template=isinstance(metadata.get("tokenizer.chat_template"), str),
    )


def _check_tensors(reader: _Reader, tensors: int, metadata: dict[str, Value], size: int) -> None:
    """Find where the last tensor ends, and whether the file reaches that far."""
    end = 0
    for _ in range(tensors):
        reader.string(MAX_KEY)
        elements = 1
        for _ in range(reader.integer("<I", MAX_DIMENSIONS, "dimensions")):
            elements *= reader.integer("<Q", 2**40, "values along one dimension")
        kind = int(reader.unpack("<I"))
        offset = reader.integer("<Q", 2**48, "as a tensor's place")
        block, per_block = _TYPES.get(kind, (0, 1))
        end = max(end, offset + elements // per_block * block)
    alignment = metadata.get("general.alignment", 32)
    if not isinstance(alignment, int) or not 0 < alignment <= 65_536:
        raise _Malformed("it aligns by no number that can be")
    start = -(-reader.position // alignment) * alignment
    if start + end > size:
        raise _Truncated
