"""What an administrator sets: environment variables with the prefix LAWSPEAKER_, over a TOML file."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AnyUrl, Field, SecretStr, UrlConstraints, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from bot.judge.models import ModelError, default_model_dir

HttpUrl = Annotated[AnyUrl, UrlConstraints(allowed_schemes=["http", "https"], host_required=True)]
WsUrl = Annotated[AnyUrl, UrlConstraints(allowed_schemes=["ws", "wss"], host_required=True)]


_SECRETS = ("discord_token", "oauth_client_secret", "remote_api_key", "database_url")


class SettingsError(ValueError):
    """Settings that cannot be used; the message is one sentence that says what to do."""

    def __init__(self, sentence: str) -> None:
        """Say so on one line, whatever the name of a file holds."""
        super().__init__("".join(char if char.isprintable() else "?" for char in sentence))


def _absolute(given: str | Path) -> Path:
    """A path with `~` written out; SettingsError where there is no such home folder."""
    try:
        return Path(given).expanduser().absolute()
    except RuntimeError:
        raise SettingsError(f"there is no home folder for {str(given)!r}: give a whole path") from None


def default_data_dir() -> Path:
    """`lawspeaker` in the user's folder for data that programs keep; SettingsError where they have no home folder."""
    return _absolute(os.environ.get("XDG_DATA_HOME") or "~/.local/share") / "lawspeaker"


def settings_file() -> Path:
    """The settings file: `LAWSPEAKER_SETTINGS_FILE`, or `lawspeaker.toml` in the data folder. SettingsError."""
    if chosen := os.environ.get("LAWSPEAKER_SETTINGS_FILE"):
        return _absolute(chosen)
    folder = os.environ.get("LAWSPEAKER_DATA_DIR")
    return (_absolute(folder) if folder else default_data_dir()) / "lawspeaker.toml"


def secrets_in(file: Path) -> list[str]:
    """The names of the secrets that a settings file holds, a database's password among them; none where it is none."""
    try:
        held = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return []
    return [name for name in _SECRETS if held.get(name)]


class Settings(BaseSettings):
    """Everything the program is told from outside Discord. Environment variables win over the file."""

    model_config = SettingsConfigDict(env_prefix="LAWSPEAKER_", extra="ignore", hide_input_in_errors=True)

    discord_token: SecretStr | None = Field(None, description="The bot's token.")
    discord_api_base: HttpUrl | None = Field(None, description="Another server's REST base, up to /api/v10.")
    discord_gateway: WsUrl | None = Field(None, description="Another server's gateway.")
    data_dir: Path = Field(default_factory=default_data_dir, description="Where the program keeps its data.")
    model_dir: Path = Field(default_factory=default_model_dir, description="Where models and caches are.")
    database_url: str | None = Field(None, description="A SQLAlchemy async URL; a SQLite file in data_dir unless set.")
    chain_key_file: Path | None = Field(
        None, description="The key of the chain of records; beside a SQLite database, else in data_dir, unless set."
    )
    content_key_file: Path | None = Field(
        None, description="The keys under which members' words are sealed, one a line; not sealed unless set."
    )
    model: str = Field("default", description="A model from the catalogue, hf:OWNER/REPO/FILE, or a path.")
    reasoner_model: str | None = Field(None, description="A slower model for what the first is not sure is fine.")
    screen_pass_below: float = Field(
        0.05, ge=0.0, le=1.0, description="Below this probability the first model alone lets a message pass."
    )
    reasoning_effort: Literal["low", "medium", "high"] = Field("low", description="How hard a reasoning model thinks.")
    reasoning_tokens: int = Field(
        2_048, ge=64, le=32_768, description="Tokens that a reasoning model may think for about one message."
    )
    threads: int | None = Field(None, ge=1, le=256, description="Threads for the model; all cores unless set.")
    gpu_layers: int = Field(0, ge=-1, le=1_000, description="Layers to put on a GPU; -1 for all.")
    prefix_cache_mb: int = Field(2_048, ge=0, le=1_000_000, description="Megabytes of disk for what the model read.")
    remote_url: HttpUrl | None = Field(None, description="Base of a server with OpenAI's protocol, up to /v1.")
    remote_model: str | None = Field(None, min_length=1, description="The model there; its only one unless set.")
    remote_api_key: SecretStr | None = Field(None, description="The key for that server.")
    remote_timeout: float = Field(30, gt=0, le=600, description="Seconds a question to it may take, retries included.")
    remote_fallback: Literal["local", "none"] = Field("local", description="Who judges while it cannot be asked.")
    web_host: str = Field("127.0.0.1", description="Where the health endpoints listen.")
    web_port: int = Field(8710, ge=0, le=65_535, description="Port of the health endpoints; 0 for any free one.")
    web_url: HttpUrl | None = Field(None, description="The address under which people reach the console.")
    oauth_client_id: int | None = Field(
        None,
        ge=1,
        lt=2**63,
        description="The application that people sign in to the console with; the bot's own unless set.",
    )
    oauth_client_secret: SecretStr | None = Field(None, description="That application's client secret on Discord.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much is logged.")
    log_format: Literal["auto", "console", "json"] = Field("auto", description="How log lines look.")

    @field_validator("data_dir", "model_dir", "chain_key_file", "content_key_file")
    @classmethod
    def _whole(cls, value: Path | None) -> Path | None:
        return _absolute(value) if value else None

    @field_validator("discord_token")
    @classmethod
    def _one_word(cls, value: SecretStr | None) -> SecretStr | None:
        token = value.get_secret_value().strip() if value else ""
        if not (token.isascii() and token.isprintable()) or " " in token:
            raise ValueError("a token has no spaces, line breaks or letters beyond ASCII")
        return SecretStr(token) if token else None

    @field_validator("oauth_client_secret")
    @classmethod
    def _one_secret(cls, value: SecretStr | None) -> SecretStr | None:
        secret = value.get_secret_value().strip() if value else ""
        if not (secret.isascii() and secret.isprintable()) or " " in secret:
            raise ValueError("a client secret has no spaces, line breaks or letters beyond ASCII")
        return SecretStr(secret) if secret else None

    @field_validator("web_url")
    @classmethod
    def _address_alone(cls, value: AnyUrl | None) -> AnyUrl | None:
        if value is None:
            return None
        if value.username or value.password or value.query or value.fragment or value.path not in (None, "", "/"):
            raise ValueError("give the address alone, as https://mod.example")
        return value

    @field_validator("remote_url")
    @classmethod
    def _plain(cls, value: AnyUrl | None) -> AnyUrl | None:
        if value is not None and (value.username or value.password or value.query or value.fragment):
            raise ValueError("give the address alone; a key goes into LAWSPEAKER_REMOTE_API_KEY")
        return value

    @field_validator("remote_api_key")
    @classmethod
    def _fit_for_a_header(cls, value: SecretStr | None) -> SecretStr | None:
        key = value.get_secret_value() if value else ""
        if not (key.isascii() and key.isprintable()) or " " in key:
            raise ValueError("a key has no spaces, line breaks or letters beyond ASCII")
        return value if key else None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, settings_file())

    @property
    def database(self) -> str:
        """The database's URL."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir / 'lawspeaker.sqlite3'}"

    @property
    def chain_key(self) -> Path | None:
        """The file with the chain's key; None for the one beside a SQLite database."""
        if self.chain_key_file is not None or self.database.startswith("sqlite"):
            return self.chain_key_file
        return self.data_dir / "lawspeaker.chain-key"

    @property
    def new_content_key(self) -> Path:
        """Where a content key is made: the file that is set, or one in the data folder."""
        return self.content_key_file or self.data_dir / "lawspeaker.content-key"

    @property
    def kept_prefixes(self) -> Path:
        """Where is kept what the model made of texts that it would else read again at each start."""
        return self.model_dir / "prefixes"


def load_settings(**given: Any) -> Settings:
    """Read the settings; SettingsError with one sentence where they cannot be used."""
    try:
        file = settings_file()
    except SettingsError as error:
        raise SettingsError(f"The settings file cannot be found, as {error}.") from None
    if os.environ.get("LAWSPEAKER_SETTINGS_FILE") and not file.is_file():
        raise SettingsError(f"There is no settings file {file}: correct LAWSPEAKER_SETTINGS_FILE or unset it.")
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "settings"
        raise SettingsError(
            f"LAWSPEAKER_{name.upper()} (or {name} in {file.name}) cannot be used: {first['msg']}."
        ) from None
    except ModelError as error:
        raise SettingsError(str(error)) from None
    except SettingsError as error:
        raise SettingsError(f"The data folder cannot be found, as {error}.") from None
    except ValueError as error:  # a file that is no TOML
        raise SettingsError(f"{file} cannot be read: {error}.") from None
    except RecursionError:
        raise SettingsError(f"{file} cannot be read: it is nested too deep.") from None
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}.") from None
