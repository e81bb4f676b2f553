from __future__ import annotations

import struct
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.judge.models import ModelError, ModelFileError, gguf, read_gguf

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


def arrays(*counts: int) -> bytes:
    """A header whose keys are arrays of so many empty strings each; no tensors follow."""
    header = b"GGUF" + struct.pack("<IQQ", 3, 1, len(counts))
    for count in counts:
        header += struct.pack("<Q", 1) + b"k" + struct.pack("<IIQ", 9, 8, count) + bytes(8 * count)
    return header


def test_strings_are_counted_over_all_arrays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gguf, "MAX_STRINGS", 1_000)
    with pytest.raises(ModelFileError, match="cut off"):
        read_gguf(write(tmp_path, arrays(500, 500)))
    with pytest.raises(ModelFileError, match="1001 strings in its arrays"):
        read_gguf(write(tmp_path, arrays(500, 500, 1)))


def test_an_array_longer_than_the_file_is_not_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = arrays(1_000)
    lengths: list[int] = []

    def count(*_: object) -> tuple[int]:
        lengths.append(1)
        return (0,)

    monkeypatch.setattr(gguf, "_LENGTH", SimpleNamespace(size=8, unpack_from=count))
    with pytest.raises(ModelFileError, match="cut off"):
        read_gguf(write(tmp_path, begun[:-1]))
    assert lengths == []


def test_a_header_of_a_hundred_megabytes_is_not_held_in_memory(tmp_path: Path) -> None:
    path = write(tmp_path, b"GGUF" + struct.pack("<IQQ", 3, 1, 2))
    with path.open("ab") as file:
        for kind in (struct.pack("<I", 8), struct.pack("<II", 9, 0)):
            count = 100_000_000 if len(kind) == 4 else gguf.MAX_ARRAY
            file.write(struct.pack("<Q", 1) + b"k" + kind + struct.pack("<Q", count))
            file.flush()
            file.truncate(file.tell() + count)
            file.seek(0, 2)
    tracemalloc.start()
    try:
        with pytest.raises(ModelFileError, match="cut off"):
            read_gguf(path)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_a_text_that_is_wanted_is_read_up_to_a_bound(tmp_path: Path) -> None:
    name = b"general.name"
    header = b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + struct.pack("<Q", len(name)) + name + struct.pack("<I", 8)
    with pytest.raises(ModelFileError, match="bytes in one string"):
        read_gguf(write(tmp_path, header + struct.pack("<Q", gguf.MAX_STRING + 1) + bytes(gguf.MAX_STRING + 1)))


def test_any_flipped_byte_of_the_header_is_read_or_refused(tmp_path: Path, make_gguf: Make) -> None:
    whole = make_gguf(32)
    for place in range(len(whole) - 32):
        for value in (0x00, 0x7F, 0xFF):
            broken = whole[:place] + bytes([value]) + whole[place + 1 :]
            with suppress(ModelError):
                read_gguf(write(tmp_path, broken))
