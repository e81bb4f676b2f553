"""Files that people hand to a command: texts with labels, chats, models. Each is read, or one sentence says why not."""

from __future__ import annotations

import io
import json
import struct
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bot.cli.chatfile import read_chat
from bot.cli.check import _read_stdin
from bot.cli.common import CliError, read_policy
from bot.cli.labelled import read_labelled
from bot.domain.policy import PolicyError
from bot.judge.models import ModelFileError, read_gguf
from tests.fuzz.inputs import is_one_sentence, tried
from tests.fuzz.makers import any_of, blob, pick, texts, whole
from tests.judge.models.conftest import make_gguf
from tests.odd import broken

LINES = (
    *("text", "label", ",", "\n", "\r\n", "\r", '"', '""', "0", "1", "true", "No", " ", "\t", "\ufeff", "\x00", "\x85"),
    *('{"text": "a", "label": 1}', '{"text": "\\ud800", "label": false, "rule": "2"}', "{", "}", "[" * 3_000, "null"),
    *('{"author": "a", "channel": "b", "content": "c"}', '{"author": "\\u0000', "1" * 5_000, "NaN", "'", "\u2028"),
    *("text,label\n", '"a\nb",yes\n', "spam,1\n", "rule", "9" * 5_000 + ",1\n"),
)
FIELDS = ("text", "label", "rule", "author", "channel", "content", "other")
GOOD = {"text": "some words", "label": 1, "rule": "2", "author": "a", "channel": "b", "content": "c", "other": None}
LABELS = ("0", "1", "yes", "FALSE", " true ", "", "2", '"1"')
ANY, LINED, CELL = blob(64), texts(LINES, 12), texts(LINES, 3)


def files(random: Random) -> bytes:
    """A file: lines of JSON with odd things in them, a table, anything a reader looks for, or any bytes."""
    match random.randrange(6):
        case 0:
            return ANY(random)
        case 1:
            return LINED(random).encode("utf-8", "surrogatepass")
        case 2:
            return b"text,label\n" + LINED(random).encode("utf-8", "replace")
        case 3:
            rows = [f"{_cell(random)},{random.choice(LABELS)}" for _ in range(random.randrange(6))]
            return "\n".join(("text,label", *rows)).encode("utf-8", "replace")
        case _:
            return "\n".join(json.dumps(row(random)) for _ in range(random.randrange(5))).encode()


def _cell(random: Random) -> str:
    cell = CELL(random)
    return '"{}"'.format(cell.replace('"', '""')) if random.random() < 0.8 else cell


def row(random: Random) -> dict[str, Any]:
    """A line's fields, of which some are odd or missing."""
    return broken(GOOD, random) if random.random() < 0.6 else GOOD


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@tried(name=pick(("a.csv", "a.jsonl")), raw=files)
def test_any_file_of_texts_is_read_or_gets_one_sentence(folder: Path, name: str, raw: bytes) -> None:
    (folder / name).write_bytes(raw)
    try:
        rows = read_labelled(folder / name, "text", "label")
    except CliError as error:
        is_one_sentence(error)
        return
    for row in rows:
        assert row.text.strip()
        f"{row.text} {row.rule}".encode()


@tried(raw=files)
def test_any_chat_is_read_or_gets_one_sentence(folder: Path, raw: bytes) -> None:
    (folder / "chat.jsonl").write_bytes(raw)
    try:
        lines = read_chat(folder / "chat.jsonl")
    except CliError as error:
        is_one_sentence(error)
        return
    for line in lines:
        json.dumps([line.author, line.channel, line.content], ensure_ascii=False).encode()


def test_half_a_character_in_a_chat_or_a_rules_key_is_a_question_mark(folder: Path) -> None:
    (folder / "half.jsonl").write_text(
        '{"author": "a", "channel": "b", "content": "\\ud800c", "text": "d", "label": 1, "rule": "\\udfff2"}'
    )
    assert [line.content for line in read_chat(folder / "half.jsonl")] == ["?c"]
    assert [row.rule for row in read_labelled(folder / "half.jsonl", "text", "label")] == ["?2"]


@tried(raw=files)
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


@tried(raw=files)
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

COUNTS = any_of(whole(0, 5), pick((255, 2**16, 2**23, 2**31, 2**32, 2**40, 2**62, 2**63, 2**64 - 1)))
NAMES = (
    *("general.architecture", "general.name", "general.alignment", "llama.context_length", "tokenizer.chat_template"),
    "k",
)


def _text(value: bytes, claimed: int | None = None) -> bytes:
    return struct.pack("<Q", len(value) if claimed is None else claimed) + value


def entry(random: Random) -> bytes:
    """A key and a value of any type, whose lengths may be lies."""
    kind = random.randint(0, 14)
    raw = _text(random.choice(NAMES).encode()) + struct.pack("<I", kind)
    if kind == 8:
        return raw + _text(random.randbytes(random.randrange(9)), random.choice((None, COUNTS(random))))
    if kind == 9:
        return raw + struct.pack("<IQ", random.randint(0, 13), COUNTS(random)) + random.randbytes(random.randrange(65))
    return raw + random.randbytes(random.randrange(9))


WHOLE = [make_gguf(32, architecture=name) for name in ("llama", "", "x" * 65, "\x1b[31m")]


def models(random: Random) -> bytes:
    """A header with lies in it, or a whole file with other bytes at a few places."""
    if random.random() < 0.5:
        keys = [entry(random) for _ in range(random.randrange(6))]
        counts = struct.pack("<QQ", COUNTS(random), random.choice((len(keys), COUNTS(random))))
        return b"GGUF" + struct.pack("<I", random.choice((2, 3, 3, 4))) + counts + b"".join(keys) + bytes(256)
    raw = bytearray(random.choice(WHOLE))
    if random.random() < 0.5:  # a key more, before the others
        raw[24:24] = entry(random)
        raw[16] += 1
    for _ in range(random.choice((0, 1, 1, 4))):
        at = random.randrange(len(raw))
        raw[at : at + random.randint(1, 8)] = random.randbytes(random.randrange(10))
    return bytes(raw)


@tried(short=400, raw=models)
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
