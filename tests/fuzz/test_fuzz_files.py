"""Files that people hand to a command: texts with labels, chats, models. Each is read, or one sentence says why not."""

from __future__ import annotations

import io
import json
import struct
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cli.chatfile import read_chat
from bot.cli.check import _read_stdin
from bot.cli.common import CliError, read_policy
from bot.cli.labelled import read_labelled
from bot.domain.policy import PolicyError
from bot.judge.models import ModelFileError, read_gguf
from tests.fuzz.inputs import is_one_sentence, texts, tried
from tests.judge.models.conftest import make_gguf
from tests.odd import ODD

LINES = (
    *("text", "label", ",", "\n", "\r\n", "\r", '"', '""', "0", "1", "true", "No", " ", "\t", "\ufeff", "\x00", "\x85"),
    *('{"text": "a", "label": 1}', '{"text": "\\ud800", "label": false, "rule": "2"}', "{", "}", "[" * 3_000, "null"),
    *('{"author": "a", "channel": "b", "content": "c"}', '{"author": "\\u0000', "1" * 5_000, "NaN", "'", "\u2028"),
    *("text,label\n", '"a\nb",yes\n', "spam,1\n", "rule", "9" * 5_000 + ",1\n"),
)
ROWS = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("text", "label", "rule", "author", "channel", "content", "other"), ODD)
)


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """A file: lines of JSON with odd things in them, anything a reader looks for, or any bytes."""
    kind = draw(st.integers(0, 3))
    if kind == 0:
        return draw(st.binary(max_size=64))
    if kind == 1:
        rows = draw(st.lists(ROWS, max_size=4))
        return "\n".join(json.dumps(row) for row in rows).encode()
    raw = draw(texts(LINES, 12)).encode("utf-8", "surrogatepass")
    return b"text,label\n" + raw if kind == 2 else raw


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
@tried()
@given(raw=files())
def test_any_file_of_texts_is_read_or_gets_one_sentence(folder: Path, name: str, raw: bytes) -> None:
    (folder / name).write_bytes(raw)
    try:
        rows = read_labelled(folder / name, "text", "label")
    except CliError as error:
        is_one_sentence(error)
        return
    for row in rows:
        assert row.text.strip()
        row.text.encode()


@tried()
@given(files())
def test_any_chat_is_read_or_gets_one_sentence(folder: Path, raw: bytes) -> None:
    (folder / "chat.jsonl").write_bytes(raw)
    try:
        lines = read_chat(folder / "chat.jsonl")
    except CliError as error:
        is_one_sentence(error)
        return
    for line in lines:
        json.dumps([line.author, line.channel, line.content], ensure_ascii=False).encode()


@tried()
@given(files())
def test_any_policy_file_is_read_or_gets_one_sentence(folder: Path, raw: bytes) -> None:
    (folder / "policy.md").write_bytes(raw)
    try:
        policy = read_policy(folder / "policy.md")
    except (CliError, PolicyError) as error:
        is_one_sentence(error)
        return
    assert len(policy.digest) == 64


class Stdin:
    """What a command finds on its standard input."""

    def __init__(self, raw: bytes) -> None:
        self.buffer = io.BytesIO(raw)

    def isatty(self) -> bool:
        return False


@tried()
@given(files())
def test_whatever_is_piped_in_is_texts_or_gets_one_sentence(raw: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", Stdin(raw))
        try:
            found = _read_stdin()
        except CliError as error:
            is_one_sentence(error)
            return
    for text in found:
        assert text.strip()
        text.encode()


# -- models ----------------------------------------------------------------------------------------------------

COUNTS = st.one_of(
    st.integers(0, 5), st.sampled_from([255, 2**16, 2**23, 2**31, 2**32, 2**40, 2**62, 2**63, 2**64 - 1])
)
NAMES = st.sampled_from(
    [
        "general.architecture",
        "general.name",
        "general.alignment",
        "llama.context_length",
        "tokenizer.chat_template",
        "k",
    ]
)


def _text(value: bytes, claimed: int | None = None) -> bytes:
    return struct.pack("<Q", len(value) if claimed is None else claimed) + value


@st.composite
def entries(draw: st.DrawFn) -> bytes:
    """A key and a value of any type, whose lengths may be lies."""
    kind = draw(st.integers(0, 14))
    raw = _text(draw(NAMES).encode()) + struct.pack("<I", kind)
    if kind == 8:
        return raw + _text(draw(st.binary(max_size=8)), draw(st.one_of(st.none(), COUNTS)))
    if kind == 9:
        inner, count = draw(st.integers(0, 13)), draw(COUNTS)
        return raw + struct.pack("<IQ", inner, count) + draw(st.binary(max_size=64))
    return raw + draw(st.binary(max_size=8))


@st.composite
def models(draw: st.DrawFn) -> bytes:
    """A header with lies in it, or a whole file with other bytes at a few places."""
    if draw(st.booleans()):
        keys = draw(st.lists(entries(), max_size=5))
        counts = struct.pack("<QQ", draw(COUNTS), draw(st.one_of(st.just(len(keys)), COUNTS)))
        return b"GGUF" + struct.pack("<I", draw(st.sampled_from([2, 3, 3, 4]))) + counts + b"".join(keys) + bytes(256)
    raw = bytearray(make_gguf(32, architecture=draw(st.sampled_from(["llama", "", "x" * 65, "\x1b[31m"]))))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(raw) - 1))
        raw[at : at + draw(st.integers(1, 8))] = draw(st.binary(max_size=9))
    return bytes(raw)


@tried(short=400)
@given(models())
def test_any_header_of_a_model_is_read_or_refused_in_one_sentence(folder: Path, raw: bytes) -> None:
    path = folder / "model.gguf"
    path.write_bytes(raw)
    try:
        info: Any = read_gguf(path)
    except ModelFileError as error:
        is_one_sentence(error)
        return
    assert 0 < len(info.architecture) <= 64
    assert info.tensors > 0
