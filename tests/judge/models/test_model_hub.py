from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.judge.models import PullError, UnknownModelError, pull_model, resolve_model, verify_model

Make = Callable[..., bytes]
REF = "hf:own/repo/deep/model.gguf"
KEY = "own/repo/deep/model.gguf"


@pytest.fixture
def model_dir(tmp_path: Path) -> Path:
    return tmp_path / "models"


def left(model_dir: Path) -> set[str]:
    return {str(path.relative_to(model_dir)) for path in model_dir.rglob("*")}


DONE = {"model.gguf", "model.gguf.verified.json", "pins.json"}


def test_pull_takes_the_hubs_hash_and_pins_it(hub: Any, model_dir: Path, tmp_path: Path, make_gguf: Make) -> None:
    hub.files[KEY] = data = make_gguf(300_000)
    found = pull_model(REF, model_dir)
    assert found.path == model_dir / "model.gguf"
    assert found.path.read_bytes() == data
    pin = json.loads((model_dir / "pins.json").read_text())["model.gguf"]
    assert pin == {"source": REF, "sha256": found.digest, "size": len(data)}
    assert left(model_dir) == DONE
    assert not (tmp_path / "hf-cache").exists()

    asked = len(hub.asked)
    assert not pull_model(REF, model_dir).fetched
    assert resolve_model(REF, model_dir).digest == verify_model(REF, model_dir).digest == found.digest
    assert len(hub.asked) == asked


def test_a_model_in_several_files_is_not_fetched_in_part_but_says_what_to_do(hub: Any, model_dir: Path) -> None:
    for name in ("hf:own/repo/big-00001-of-00003.gguf", "gpt-oss-safeguard-120b"):
        with pytest.raises(PullError, match=r"comes in [23] files.*LAWSPEAKER_MODEL to the first one's path"):
            pull_model(name, model_dir)
    assert hub.asked == []


def test_the_token_goes_to_the_hub_alone(hub: Any, model_dir: Path, make_gguf: Make) -> None:
    hub.files[KEY] = make_gguf()
    pull_model(REF, model_dir)
    tokens = {(method, token) for method, _, _, token in hub.asked}
    assert tokens == {("HEAD", "Bearer hf_secret"), ("GET", None)}


def test_pull_goes_on_where_it_broke_off(hub: Any, model_dir: Path, make_gguf: Make) -> None:
    hub.files[KEY] = data = make_gguf(300_000)
    hub.break_after = 100_000
    with pytest.raises(PullError, match=r"broke off .*pull it again and it goes on from there"):
        pull_model(REF, model_dir)
    assert left(model_dir) == {"model.gguf.partial", "model.gguf.partial.json"}
    assert (model_dir / "model.gguf.partial").stat().st_size == 100_000

    hub.break_after, tried = None, len(hub.gets)
    told: list[int] = []
    found = pull_model(REF, model_dir, lambda _stage, done, _total: told.append(done))
    assert hub.gets[tried:] == ["bytes=100000-"]
    assert told[0] == 100_000
    assert found.path.read_bytes() == data
    assert left(model_dir) == DONE


def test_a_hub_that_ignores_ranges_starts_anew(hub: Any, model_dir: Path, make_gguf: Make) -> None:
    hub.files[KEY] = data = make_gguf(300_000)
    hub.break_after = 100_000
    with pytest.raises(PullError):
        pull_model(REF, model_dir)
    hub.break_after, hub.ranges = None, False
    assert pull_model(REF, model_dir).path.read_bytes() == data


def test_a_partial_of_another_file_is_not_gone_on_with(hub: Any, model_dir: Path, make_gguf: Make) -> None:
    hub.files[KEY] = make_gguf(300_000)
    hub.break_after = 100_000
    with pytest.raises(PullError):
        pull_model(REF, model_dir)
    hub.files[KEY] = data = make_gguf(300_000, fill=b"\x05")
    hub.break_after, tried = None, len(hub.gets)
    assert pull_model(REF, model_dir).path.read_bytes() == data
    assert hub.gets[tried:] == [None]


def test_content_that_does_not_match_the_hubs_hash_is_removed(hub: Any, model_dir: Path, make_gguf: Make) -> None:
    hub.files[KEY], hub.digests[KEY] = make_gguf(), "0" * 64
    with pytest.raises(PullError, match=r"its SHA-256 is wrong\) and was removed"):
        pull_model(REF, model_dir)
    assert left(model_dir) == set()


def test_a_hub_without_a_hash_is_trusted_once(hub: Any, model_dir: Path, make_gguf: Make) -> None:
    hub.files[KEY], hub.digests[KEY] = make_gguf(), "a" * 40
    found = pull_model(REF, model_dir)
    found.path.unlink()
    hub.files[KEY] = make_gguf(fill=b"\x07")
    with pytest.raises(PullError, match="its SHA-256 is wrong"):
        pull_model(REF, model_dir)
    assert left(model_dir) == {"pins.json", "model.gguf.verified.json"}


def test_another_file_under_a_pinned_name_is_refused(hub: Any, model_dir: Path, make_gguf: Make) -> None:
    hub.files[KEY] = make_gguf()
    pull_model(REF, model_dir).path.unlink()
    hub.files[KEY] = make_gguf(fill=b"\x07")
    gets = len(hub.gets)
    with pytest.raises(PullError, match=r"another file .* than was pinned; to accept it, remove 'model\.gguf'"):
        pull_model(REF, model_dir)
    assert len(hub.gets) == gets


def test_a_file_placed_by_hand_is_compared_not_fetched(hub: Any, model_dir: Path, make_gguf: Make) -> None:
    hub.files[KEY] = data = make_gguf()
    model_dir.mkdir()
    (model_dir / "model.gguf").write_bytes(data)
    pull_model(REF, model_dir)
    assert hub.gets == []
    assert left(model_dir) == DONE


def test_what_is_no_model_is_removed(hub: Any, model_dir: Path) -> None:
    hub.files[KEY] = b"<html>" * 100
    with pytest.raises(PullError, match=r"cannot be used and was removed: .* is not a GGUF file"):
        pull_model(REF, model_dir)
    assert left(model_dir) == set()


def test_two_sources_do_not_share_a_file(hub: Any, model_dir: Path, make_gguf: Make) -> None:
    hub.files[KEY] = make_gguf()
    pull_model(REF, model_dir)
    with pytest.raises(UnknownModelError, match=r"comes from hf:own/repo/deep/model\.gguf"):
        pull_model("hf:other/repo/model.gguf", model_dir)


def test_a_catalogue_entry_is_found_by_its_reference(hub: Any, shelf: Any, model_dir: Path, make_gguf: Make) -> None:
    hub.files["own/repo/hubbed.gguf"] = make_gguf()
    found = pull_model("hf:own/repo/hubbed.gguf", model_dir, catalogue=shelf.catalogue)
    assert (found.name, found.spec) == ("hubbed", shelf.catalogue["hubbed"])
    assert resolve_model("hubbed", model_dir, catalogue=shelf.catalogue).digest == found.digest


def test_a_missing_file_on_the_hub_is_one_sentence(hub: Any, model_dir: Path) -> None:
    with pytest.raises(PullError, match=r"^The hub does not give hf:.*; there is no such file: check its name\.$"):
        pull_model(REF, model_dir)


def test_a_hub_that_does_not_answer_is_one_sentence(hub: Any, model_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(PullError, match=r"check the network and HF_ENDPOINT\.$"):
        pull_model(REF, model_dir)


@pytest.mark.parametrize("ref", ["hf:a/b", "hf:a/b/c.bin", "hf:a/b/../../x.gguf", "hf:a/../x.gguf", "hf:a/b//x.gguf"])
def test_references_are_checked(ref: str, model_dir: Path) -> None:
    with pytest.raises(UnknownModelError, match="write hf:OWNER/REPO/FILE"):
        resolve_model(ref, model_dir)
