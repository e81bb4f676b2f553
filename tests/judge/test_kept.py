"""A folder of bytes under a limit: what is broken is made anew, what was used longest ago makes room."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.judge.kept import SHARED, KeptFolder


@pytest.fixture
def said() -> list[str]:
    return []


def kept(folder: Path, said: list[str], most: int = 1_000_000) -> KeptFolder:
    return KeptFolder(folder / "kept", most, said.append)


def used_at(folder: Path, name: str, when: int) -> None:
    os.utime(folder / "kept" / name, (when, when))


def names(folder: Path) -> set[str]:
    return {file.name for file in (folder / "kept").iterdir()}


def test_what_was_kept_is_read_again_by_another_process(tmp_path: Path, said: list[str]) -> None:
    kept(tmp_path, said).write("one", b"bytes")
    found = kept(tmp_path, said).read("one")
    assert found is not None
    assert bytes(found) == b"bytes"
    assert kept(tmp_path, said).read("other") is None
    assert not said


@pytest.mark.parametrize("harm", ["cut", "bit", "empty", "renamed"])
def test_a_broken_file_is_named_in_one_line_and_removed(tmp_path: Path, said: list[str], harm: str) -> None:
    folder = kept(tmp_path, said)
    folder.write("one", b"bytes of a text")
    folder.write("another", b"bytes of another")
    file = tmp_path / "kept" / "one"
    whole = file.read_bytes()
    broken = {
        "cut": whole[:-3],
        "bit": whole[:-1] + bytes([whole[-1] ^ 1]),
        "empty": b"",
        "renamed": (tmp_path / "kept" / "another").read_bytes(),
    }
    file.write_bytes(broken[harm])
    assert folder.read("one") is None
    assert names(tmp_path) == {"another"}
    assert said == ["one among the kept prefixes is broken: it is removed and made anew."]
    folder.write("one", b"bytes of a text")
    assert folder.read("one") is not None


def test_what_was_used_longest_ago_makes_room(tmp_path: Path, said: list[str]) -> None:
    folder = kept(tmp_path, said, most=900)
    for number in range(3):
        folder.write(f"{number}.policy", bytes(200))
        used_at(tmp_path, f"{number}.policy", number)
    assert folder.read("0.policy") is not None
    folder.write("3.policy", bytes(200))
    assert names(tmp_path) == {"0.policy", "2.policy", "3.policy"}
    assert sum(file.stat().st_size for file in (tmp_path / "kept").iterdir()) <= 900


def test_what_everybody_needs_makes_room_last_but_not_for_ever(tmp_path: Path, said: list[str]) -> None:
    folder = kept(tmp_path, said, most=3_000)
    for number in range(9):  # those of several versions of the program
        folder.write(f"{number}.{SHARED}", bytes(200))
        used_at(tmp_path, f"{number}.{SHARED}", number)
    for number in range(9):
        folder.write(f"{number}.policy", bytes(200))
    left = names(tmp_path)
    assert {f"{number}.{SHARED}" for number in range(3, 9)} <= left
    assert f"0.{SHARED}" not in left
    assert "8.policy" in left


def test_files_of_another_version_count_and_make_room(tmp_path: Path, said: list[str]) -> None:
    folder = kept(tmp_path, said, most=1_000)
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "old.state").write_bytes(bytes(900))
    used_at(tmp_path, "old.state", 1)
    folder.write("one", bytes(200))
    assert names(tmp_path) == {"one"}


def test_what_is_larger_than_the_limit_is_not_kept(tmp_path: Path, said: list[str]) -> None:
    kept(tmp_path, said, most=0).write("one", b"bytes")
    assert not (tmp_path / "kept").exists()


def test_a_folder_that_cannot_be_written_changes_nothing(tmp_path: Path, said: list[str]) -> None:
    (tmp_path / "kept").write_text("a file stands where the folder would")
    folder = kept(tmp_path, said)
    folder.write("one", b"bytes")
    assert folder.read("one") is None
