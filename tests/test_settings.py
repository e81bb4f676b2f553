"""Settings: what an administrator sets, from the environment over a file, or one sentence."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError, load_settings


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in list(os.environ):
        if name.startswith("LAWSPEAKER_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("LAWSPEAKER_DATA_DIR", str(tmp_path))
    return tmp_path


def refusal(**given: object) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(**given)
    return str(caught.value)


def test_nothing_set_gives_defaults_and_a_sqlite_file_in_the_data_folder(folder: Path) -> None:
    settings = load_settings()
    assert settings.discord_token is None
    assert (settings.web_host, settings.model, settings.log_format) == ("127.0.0.1", "default", "auto")
    assert settings.database == f"sqlite+aiosqlite:///{folder / 'lawspeaker.sqlite3'}"


def test_the_chains_key_is_beside_a_sqlite_database_and_else_in_the_data_folder(folder: Path) -> None:
    assert load_settings().chain_key is None
    elsewhere = "postgresql+asyncpg://user@host/name"
    assert load_settings(database_url=elsewhere).chain_key == folder / "lawspeaker.chain-key"
    assert load_settings(chain_key_file=folder / "x", database_url=elsewhere).chain_key == folder / "x"


def test_the_environment_wins_over_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "lawspeaker.toml").write_text('web_port = 9001\nmodel = "tiny"\n')
    monkeypatch.setenv("LAWSPEAKER_WEB_PORT", "9002")
    settings = load_settings()
    assert (settings.web_port, settings.model) == (9002, "tiny")


def test_another_settings_file_can_be_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = folder / "other.toml"
    other.write_text("web_port = 9003\n")
    monkeypatch.setenv("LAWSPEAKER_SETTINGS_FILE", str(other))
    assert load_settings().web_port == 9003


def test_a_named_settings_file_that_is_missing_is_one_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAWSPEAKER_SETTINGS_FILE", str(folder / "none.toml"))
    assert "LAWSPEAKER_SETTINGS_FILE" in refusal()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LAWSPEAKER_WEB_PORT", "70000"),
        ("LAWSPEAKER_WEB_PORT", "many"),
        ("LAWSPEAKER_THREADS", "0"),
        ("LAWSPEAKER_LOG_LEVEL", "loud"),
        ("LAWSPEAKER_DISCORD_API_BASE", "ftp://somewhere/api/v10"),
        ("LAWSPEAKER_DISCORD_GATEWAY", "http://somewhere"),
    ],
)
def test_an_unusable_value_is_one_sentence_that_names_its_variable(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    sentence = refusal()
    assert sentence.startswith(name)
    assert "\n" not in sentence


def test_an_unusable_token_is_refused_without_being_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "hush-hush" not in refusal(discord_token=["hush-hush"])
    monkeypatch.setenv("LAWSPEAKER_DISCORD_TOKEN", "hush-hush")
    assert "hush-hush" not in repr(load_settings())


def test_a_file_that_is_no_toml_is_one_sentence(folder: Path) -> None:
    (folder / "lawspeaker.toml").write_text("web_port = = 3")
    sentence = refusal()
    assert "lawspeaker.toml" in sentence
    assert "\n" not in sentence


def test_folders_are_absolute_whatever_the_working_folder(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.chdir(folder)
    assert load_settings(data_dir="here").data_dir == folder / "here"
    assert load_settings(model_dir="~/models").model_dir == Path.home() / "models"


@pytest.mark.parametrize("name", ["LAWSPEAKER_DATA_DIR", "LAWSPEAKER_MODEL_DIR", "LAWSPEAKER_SETTINGS_FILE"])
def test_a_home_folder_that_is_not_there_is_one_sentence(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "~nobody-of-this-name/x")
    assert "there is no home folder for '~nobody-of-this-name/x'" in refusal()


@pytest.mark.parametrize("name", ["LAWSPEAKER_DATA_DIR", "LAWSPEAKER_MODEL_DIR"])
def test_who_has_no_home_folder_must_give_whole_paths(name: str, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    def nowhere(_: Path) -> Path:
        raise RuntimeError("Could not determine home directory.")

    for other in ("LAWSPEAKER_DATA_DIR", "LAWSPEAKER_MODEL_DIR"):
        monkeypatch.setenv(other, str(folder))
    monkeypatch.delenv(name)
    for other in ("XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setattr(Path, "expanduser", lambda path: nowhere(path) if str(path).startswith("~") else path)
    assert "home folder" in refusal()


def test_a_file_that_is_nested_too_deep_is_one_sentence(folder: Path) -> None:
    (folder / "lawspeaker.toml").write_text("web_port = " + "[" * 5_000)
    assert refusal().endswith("is nested too deep.")


@pytest.mark.parametrize("token", ["two words", "a\nb", "ä"])
def test_a_token_that_no_header_can_carry_is_refused_without_being_shown(token: str) -> None:
    sentence = refusal(discord_token=token)
    assert "LAWSPEAKER_DISCORD_TOKEN" in sentence
    assert token not in sentence


def test_a_token_is_taken_without_the_blanks_around_it_and_an_empty_one_as_none() -> None:
    settings = load_settings(discord_token=" MTAx.Gx7.secret\n")
    assert settings.discord_token is not None
    assert settings.discord_token.get_secret_value() == "MTAx.Gx7.secret"
    assert load_settings(discord_token="").discord_token is None


def test_every_setting_says_what_it_is_for() -> None:
    assert all(field.description for field in Settings.model_fields.values())
