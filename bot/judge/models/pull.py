"""Pulling, resolving and verifying models."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from bot.judge.models.catalogue import Catalogue, HubSource, ModelSpec, PackageSource, Style, load_catalogue
from bot.judge.models.errors import ModelFileError, PullError, UnknownModelError, human_size
from bot.judge.models.gguf import GgufInfo, read_gguf
from bot.judge.models.hub import HubFetcher
from bot.judge.models.packages import PackageFetcher
from bot.judge.models.records import (
    Pin,
    digest_of,
    drop_partial,
    hash_file,
    locked,
    pin,
    pinned,
    pinned_files,
    remember_digest,
)

Progress = Callable[[str, int, int | None], None]
SPARE = 64 * 1024 * 1024


@dataclass(frozen=True)
class ModelFile:
    """A model's file that is there, is whole, and is the one it should be."""

    path: Path
    name: str
    digest: str
    style: Style
    spec: ModelSpec | None
    info: GgufInfo
    fetched: bool = False


@dataclass(frozen=True)
class Target:
    """What a name or reference means: a place in the model folder or a file of the user's own."""

    name: str
    path: Path
    spec: ModelSpec | None = None
    source: HubSource | PackageSource | None = None

    @property
    def again(self) -> str:
        """What to do when the file is missing or damaged."""
        if self.source is None:
            return "give the path of a whole .gguf file"
        return f"run `lawspeaker model pull {self.name}`"


def find_target(name_or_ref: str, model_dir: Path, catalogue: Catalogue | None = None) -> Target:
    """Say what a catalogue name, an `hf:OWNER/REPO/FILE` or a path means."""
    catalogue = load_catalogue() if catalogue is None else catalogue
    spec = catalogue.get(name_or_ref)
    source = HubSource.parse(name_or_ref) if spec is None and name_or_ref.startswith("hf:") else None
    if source:
        spec = catalogue.by_source(source)
    if spec:
        return Target(spec.name, model_dir / spec.file, spec, spec.source)
    if source:
        file = source.file.rsplit("/", 1)[-1]
        other = catalogue.by_file(file)
        held = pinned(model_dir, file)
        owner = str(other.source) if other else held.source if held else str(source)
        if owner != str(source):
            raise UnknownModelError(
                f"{file} in {model_dir} comes from {owner}; use another model folder (LAWSPEAKER_MODEL_DIR) "
                f"for {source}."
            )
        return Target(str(source), model_dir / file, None, source)
    path = Path(name_or_ref).expanduser()
    if name_or_ref.lower().endswith(".gguf") or os.sep in name_or_ref or path.is_file():
        return Target(str(path), path.absolute())
    names = ", ".join(catalogue)
    raise UnknownModelError(
        f"There is no model {name_or_ref!r}; name one of {names}, an hf:OWNER/REPO/FILE, or the path of a .gguf file."
    )


def resolve_model(name_or_ref: str, model_dir: Path, *, catalogue: Catalogue | None = None) -> ModelFile:
    """Return a model's file, checked; at once where it was verified before and has not changed since."""
    return _checked(find_target(name_or_ref, model_dir, catalogue), model_dir)


def verify_model(
    name_or_ref: str, model_dir: Path, progress: Progress | None = None, *, catalogue: Catalogue | None = None
) -> ModelFile:
    """Return a model's file after hashing all of it again."""
    return _checked(find_target(name_or_ref, model_dir, catalogue), model_dir, fresh=True, progress=progress)


def pull_model(
    name_or_ref: str, model_dir: Path, progress: Progress | None = None, *, catalogue: Catalogue | None = None
) -> ModelFile:
    """Fetch a model unless it is there and right; go on where an earlier pull broke off."""
    target = find_target(name_or_ref, model_dir, catalogue)
    if target.source is None:
        return _checked(target, model_dir)
    if found := _already(target, model_dir):  # also where the folder cannot be written
        return found
    if isinstance(target.source, HubSource) and target.source.parts > 1:
        raise PullError(
            f"{target.name} comes in {target.source.parts} files, which are not fetched here: download all of them "
            f"from {target.source.repo} into one folder, and set LAWSPEAKER_MODEL to the first one's path."
        )
    try:
        model_dir.mkdir(parents=True, exist_ok=True)
        with locked(target.path):
            if found := _already(target, model_dir):  # another process may just have fetched it
                return found
            _fetch(target, model_dir, progress)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise PullError(f"The disk of {model_dir} is full; free some space and pull again to go on.") from error
        raise PullError(f"{model_dir} cannot be used: {error.strerror or error}.") from error
    return replace(_checked(target, model_dir), fetched=True)


def present_models(model_dir: Path, catalogue: Catalogue | None = None) -> list[str]:
    """List what has a file in the model folder: catalogue names, and references that were pulled."""
    catalogue = load_catalogue() if catalogue is None else catalogue
    names = [spec.name for spec in catalogue.values() if (model_dir / spec.file).exists()]
    for file in pinned_files(model_dir):
        held = pinned(model_dir, file)
        if held and catalogue.by_file(file) is None and (model_dir / file).exists():
            names.append(held.source)
    return names


def _expected(target: Target, model_dir: Path) -> Pin | None:
    """What the file is known to be: from the catalogue, or pinned when it was first pulled."""
    spec = target.spec
    if spec and spec.sha256:
        return Pin(str(spec.source), spec.sha256, spec.size or 0)
    return pinned(model_dir, target.path.name) if target.source else None


def _checked(target: Target, model_dir: Path, *, fresh: bool = False, progress: Progress | None = None) -> ModelFile:
    info = read_gguf(target.path, target.again)
    expected = _expected(target, model_dir)
    size = target.path.stat().st_size
    wrong = f"{target.path} is not the model {target.name!r} (its SHA-256 is wrong); {target.again}."
    if expected and expected.size and size != expected.size:
        raise ModelFileError(wrong)
    tell = progress or (lambda _what, _done, _total: None)
    digest = digest_of(target.path, fresh=fresh, step=lambda done: tell("verifying", done, size))
    if expected and digest != expected.sha256:
        raise ModelFileError(wrong)
    guess: Style = "harmony" if info.architecture in ("gpt-oss", "gptoss") else "completion"
    style = target.spec.style if target.spec else guess
    return ModelFile(target.path, target.name, digest, style, target.spec, info)


def _already(target: Target, model_dir: Path) -> ModelFile | None:
    """The file, where it is there and known to be right; one placed by hand must first be compared."""
    if not target.path.exists() or _expected(target, model_dir) is None:
        return None
    try:
        return _checked(target, model_dir)
    except ModelFileError:
        return None


def _fetch(target: Target, model_dir: Path, progress: Progress | None) -> None:
    tell = progress or (lambda _what, _done, _total: None)
    partial = target.path.with_name(target.path.name + ".partial")
    expected = _expected(target, model_dir)
    fetcher: PackageFetcher | HubFetcher
    if isinstance(target.source, HubSource):
        fetcher = hub = HubFetcher(target.source, partial, lambda done: tell("fetching", done, hub.file.size))
        size, sha256 = hub.file.size, hub.file.sha256
        if expected and (sha256 or expected.sha256, size) != (expected.sha256, expected.size or size):
            raise PullError(
                f"The hub now holds another file as {target.source} than was pinned; to accept it, remove "
                f"{target.path.name!r} from pins.json in {model_dir} and pull again."
            )
        sha256 = expected.sha256 if expected else sha256
        if _placed_by_hand(target, sha256, size):
            pin(model_dir, target.path.name, Pin(str(target.source), digest_of(target.path), size))
            return
    else:
        assert target.spec is not None
        assert target.spec.size is not None
        size, sha256 = target.spec.size, target.spec.sha256
        fetcher = PackageFetcher(target.spec, partial, lambda done: tell("fetching", done, size))
    _check_space(target.name, model_dir, fetcher.bytes_needed)
    tell("fetching", fetcher.bytes_done, size)
    fetcher.fetch()
    _take_in(target, partial, size, sha256, tell)
    if expected is None:
        digest = digest_of(target.path)
        pin(model_dir, target.path.name, Pin(str(target.source), digest, size))


def _placed_by_hand(target: Target, sha256: str | None, size: int) -> bool:
    """Whether the very file that the source holds is there already."""
    path = target.path
    return path.exists() and sha256 is not None and path.stat().st_size == size and digest_of(path) == sha256


def _check_space(name: str, model_dir: Path, needed: int) -> None:
    free = shutil.disk_usage(model_dir).free
    if free < needed + SPARE:
        raise PullError(
            f"Pulling {name} needs {human_size(needed + SPARE)} free in {model_dir}, and there is "
            f"{human_size(free)}; free some space, or set LAWSPEAKER_MODEL_DIR to a folder on another disk."
        )


def _take_in(target: Target, partial: Path, size: int, sha256: str | None, tell: Progress) -> None:
    """Verify what was fetched and put it in its place; what is wrong is removed."""
    seen = partial.stat()
    digest = hash_file(partial, lambda done: tell("verifying", done, size)) if seen.st_size == size else None
    if digest is None or (sha256 is not None and digest != sha256):
        drop_partial(partial)
        what = "its size" if digest is None else "its SHA-256"
        raise PullError(
            f"What came as {target.name} is not that model ({what} is wrong) and was removed; check where it "
            "comes from and pull again."
        )
    try:
        read_gguf(partial)
    except ModelFileError as error:
        drop_partial(partial)
        raise PullError(f"What came as {target.name} cannot be used and was removed: {error}") from error
    partial.replace(target.path)
    drop_partial(partial)
    remember_digest(target.path, digest, target.path.stat())
