"""What is written down beside the models: verified digests, pins, how far a download came, who is at it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.judge.models.errors import ModelFileError, PullError

PINS = "pins.json"
_BLOCK = 4 * 1024 * 1024


@dataclass(frozen=True)
class Pin:
    """A file whose digest was taken from its source, and is held to from then on."""

    source: str
    sha256: str
    size: int


def hash_file(path: Path, step: Callable[[int], None] | None = None) -> str:
    """Compute a file's SHA-256; `step` is told how many bytes are done."""
    digest, done = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
                done += len(block)
                if step:
                    step(done)
    except OSError as error:
        raise ModelFileError(f"{path} cannot be read: {error.strerror or error}.") from error
    return digest.hexdigest()


def _beside(path: Path) -> Path:
    return path.with_name(path.name + ".verified.json")


def known_digest(path: Path) -> str | None:
    """Return the digest written down for the file, if the file has not changed since."""
    record, stat = _read(_beside(path)), path.stat()
    if record.get("size") == stat.st_size and record.get("mtime_ns") == stat.st_mtime_ns:
        digest = record.get("sha256")
        return digest if isinstance(digest, str) else None
    return None


def remember_digest(path: Path, digest: str, seen: os.stat_result) -> None:
    """Write a file's digest down beside it; in a folder that cannot be written it is computed each time."""
    with contextlib.suppress(OSError):
        write_json(_beside(path), {"size": seen.st_size, "mtime_ns": seen.st_mtime_ns, "sha256": digest})


def digest_of(path: Path, *, fresh: bool = False, step: Callable[[int], None] | None = None) -> str:
    """Return the file's SHA-256: the one written down, or (when changed, or `fresh`) computed now."""
    if not fresh and (known := known_digest(path)):
        return known
    seen = path.stat()
    digest = hash_file(path, step)
    remember_digest(path, digest, seen)
    return digest


def pinned(model_dir: Path, file: str) -> Pin | None:
    """Return the pin of a file in the model folder."""
    entry = _read(model_dir / PINS).get(file)
    if entry is None:
        return None
    try:
        return Pin(str(entry["source"]), str(entry["sha256"]), int(entry["size"]))
    except (TypeError, KeyError, ValueError):
        raise ModelFileError(
            f"{model_dir / PINS} is damaged at {file!r}; remove that entry and pull the model again."
        ) from None


def pinned_files(model_dir: Path) -> list[str]:
    """List the files in the model folder that have a pin."""
    return sorted(_read(model_dir / PINS))


def pin(model_dir: Path, file: str, entry: Pin) -> None:
    """Hold a file to its digest from now on."""
    with locked(model_dir / PINS, wait=True):
        pins = _read(model_dir / PINS)
        pins[file] = asdict(entry)
        write_json(model_dir / PINS, pins)


def read_progress(partial: Path) -> dict[str, Any]:
    """Return what was written down about an unfinished download."""
    return _read(partial.with_name(partial.name + ".json"))


def write_progress(partial: Path, record: dict[str, Any]) -> None:
    """Write down how far a download has come."""
    write_json(partial.with_name(partial.name + ".json"), record)


def drop_partial(partial: Path) -> None:
    """Remove an unfinished download."""
    partial.unlink(missing_ok=True)
    partial.with_name(partial.name + ".json").unlink(missing_ok=True)


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Replace a JSON file at once, never leaving half of one."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        draft.write_text(json.dumps(value, indent=1, sort_keys=True) + "\n", "utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _read(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        if path.name == PINS:
            raise ModelFileError(f"{path} is damaged; remove it and pull the models again.") from None
        return {}
    return value if isinstance(value, dict) else {}


def _same(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def locked(path: Path, *, wait: bool = False) -> Iterator[None]:
    """Hold a lock beside `path`, so that one process at a time works on it."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    lock = path.with_name(f".{path.name}.lock")
    while True:
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            current = _same(handle, lock)
        except BlockingIOError:
            os.close(handle)
            raise PullError(f"Another process is fetching {path.name}; wait until it has finished.") from None
        except BaseException:
            os.close(handle)
            raise
        if current:
            break
        os.close(handle)  # The one before us removed the lock it held; take a new one.
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
        os.close(handle)
