from __future__ import annotations

import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from bot.judge.models import ModelError, ModelFileError, read_gguf

Make = Callable[..., bytes]


def write(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "model.gguf"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("version", [2, 3])
def test_reads_what_the_file_says(tmp_path: Path, make_gguf: Make, version: int) -> None:
    info = read_gguf(write(tmp_path, make_gguf(architecture="qwen2", version=version)))
    assert (info.version, info.tensors, info.architecture) == (version, 1, "qwen2")
    assert (info.model_name, info.context_length, info.has_chat_template) == ("Small Test", 2048, True)


def test_every_cut_is_noticed(tmp_path: Path, make_gguf: Make) -> None:
    whole = make_gguf(64)
    for length in range(len(whole)):
        with pytest.raises(ModelFileError, match=r"cut off at .*; run `lawspeaker model pull x`\.$"):
            read_gguf(write(tmp_path, whole[:length]), "run `lawspeaker model pull x`")


def test_missing_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"There is no model file .*; run `lawspeaker model pull tiny`\.$"):
        read_gguf(tmp_path / "none.gguf", "run `lawspeaker model pull tiny`")


def test_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="cannot be read"):
        read_gguf(tmp_path)


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="is not a GGUF file"):
        read_gguf(write(tmp_path, b"PK\x03\x04" * 100))


def counts(tensors: int, keys: int, version: int = 3) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, tensors, keys) + b"\0" * 4096


def key(kind: int, value: bytes) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + struct.pack("<Q", 1) + b"k" + struct.pack("<I", kind) + value


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (counts(1, 1, version=1), "version 1; only"),
        (counts(1, 1, version=0x03000000), "only versions 2 and 3, little-endian"),
        (counts(0, 1), "holds no tensors"),
        (counts(2**63, 1), "tensors"),
        (counts(1, 2**40), "metadata keys"),
        (key(99, b"\0" * 64), "value's type"),
        (key(8, struct.pack("<Q", 2**62)), "bytes in one string"),
        (key(9, struct.pack("<IQ", 4, 2**50)), "values in one array"),
        (key(9, struct.pack("<IQ", 9, 1) + b"\0" * 64), "nests arrays"),
        (counts(1, 0), "names no architecture"),
    ],
)
def test_nonsense_is_refused(tmp_path: Path, data: bytes, says: str) -> None:
    with pytest.raises(ModelFileError, match=says):
        read_gguf(write(tmp_path, data))


def test_any_flipped_byte_of_the_header_is_read_or_refused(tmp_path: Path, make_gguf: Make) -> None:
    whole = make_gguf(32)
    for place in range(len(whole) - 32):
        for value in (0x00, 0x7F, 0xFF):
            broken = whole[:place] + bytes([value]) + whole[place + 1 :]
            with suppress(ModelError):
                read_gguf(write(tmp_path, broken))
