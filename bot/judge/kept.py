"""A folder of what the model made of texts, so that it is made once on a machine: at most so many bytes of it.

Each file says in its first bytes what the rest must be; one that is broken is removed, with a word to whoever looks
after the machine, and made anew. Those used longest ago make room, those that everybody needs last.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

MEGABYTE = 1024 * 1024
DEFAULT_BYTES = 2_048 * MEGABYTE
SHARED = "shared"
"""The suffix of what every policy needs."""

# A model has three such texts; those of a model or a version before are the first to be like all others.
_SHARED_FILES = 6
_MAGIC = b"lawspeaker kept 1\n"
_HEAD = len(_MAGIC) + hashlib.sha256().digest_size
# Room is made for some time, not file by file.
_ROOM = 0.1

Warn = Callable[[str], None]


def warn_on_stderr(what: str) -> None:
    """Write a line to stderr."""
    print(what, file=sys.stderr, flush=True)


class KeptFolder:
    """Bytes by name, in files. No failure of the disk leaves it: what cannot be kept is made again."""

    def __init__(self, folder: Path, most_bytes: int = DEFAULT_BYTES, warn: Warn = warn_on_stderr) -> None:
        """Keep at most `most_bytes` in a folder, made when needed; `warn` hears a sentence, without content."""
        self._folder = folder
        self._most = most_bytes
        self._warn = warn
        self._held: int | None = None  # known once something was written

    def read(self, name: str) -> memoryview | None:
        """What was kept under a name, and is now the last used; None where there is nothing or it is broken."""
        file = self._folder / name
        try:
            data = memoryview(file.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            self._warn(f"{file.name} among the kept prefixes cannot be read ({error.strerror}): it is made anew.")
            return None
        if data[:_HEAD] != _MAGIC + _digest(name, data[_HEAD:]):
            self.remove(name, "is broken")
            return None
        with suppress(OSError):
            os.utime(file)
        return data[_HEAD:]

    def remove(self, name: str, why: str) -> None:
        """Remove what cannot be used, and say why in a few words."""
        self._warn(f"{name} among the kept prefixes {why}: it is removed and made anew.")
        with suppress(OSError):
            (self._folder / name).unlink()

    def write(self, name: str, data: bytes | bytearray) -> None:
        """Keep bytes under a name, whole or not at all."""
        if _HEAD + len(data) > self._most:
            return
        partial = self._folder / f"{name}.{os.getpid()}.partial"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with partial.open("wb") as file:
                file.write(_MAGIC + _digest(name, data))
                file.write(data)
            partial.replace(self._folder / name)
            self._make_room(_HEAD + len(data))
        except OSError:
            return
        finally:
            with suppress(OSError):
                partial.unlink(missing_ok=True)

    def _make_room(self, written: int) -> None:
        if self._held is not None and self._held + written <= self._most:
            self._held += written
            return
        files = self._by_use()
        self._held = sum(size for _, size in files)
        if self._held <= self._most:
            return
        for file, size in files:
            file.unlink(missing_ok=True)
            self._held -= size
            if self._held <= self._most * (1 - _ROOM):
                return

    def _by_use(self) -> list[tuple[Path, int]]:
        """Files with their sizes: the least used first, what everybody needs last."""
        found: list[tuple[float, Path, int]] = []
        for file in self._folder.iterdir():
            with suppress(OSError):  # another process may have removed it
                told = file.stat()
                found.append((told.st_mtime, file, told.st_size))
        found.sort(key=lambda one: one[0])
        shared = [one for one in found if one[1].suffix == f".{SHARED}"][-_SHARED_FILES:]
        return [(file, size) for _, file, size in [*(one for one in found if one not in shared), *shared]]


def _digest(name: str, data: bytes | bytearray | memoryview) -> bytes:
    """SHA-256 of a file's name and bytes: a file under another's name is as broken as one with a bit turned."""
    told = hashlib.sha256(name.encode() + b"\n")
    told.update(data)
    return told.digest()
