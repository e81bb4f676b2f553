"""The file with the keys under which members' words are sealed."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from bot.store import StoreError
from bot.store.content_keys import add_key, read_seal


def test_the_file_of_keys_is_its_owners_alone_and_tells_no_key(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "keys"
    with pytest.raises(StoreError, match="lawspeaker db new-key"):
        read_seal(file)
    assert add_key(file) == 1
    file.chmod(0o644)
    assert add_key(file) == 2
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in file.parent.iterdir()] == ["keys"]
    assert len(read_seal(file).prefixes) == 2
    half = file.read_text()[:30]
    for wrong in (half, "", "\n\n", "ü", f"{file.read_text()}\n{half}"):
        file.write_text(wrong)
        for use in (read_seal, add_key):
            with pytest.raises(StoreError) as refused:
                use(file)
            assert half not in str(refused.value)
        assert file.read_text() == wrong


def test_two_who_make_a_key_at_once_lose_none(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    add_key(file)
    before = file.read_text()
    (tmp_path / "keys.new").touch()
    with pytest.raises(StoreError, match="Another key is being made"):
        add_key(file)
    assert file.read_text() == before
    assert (tmp_path / "keys.new").exists()
