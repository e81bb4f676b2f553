"""Models from a Hugging Face hub: one file, straight into the model folder, resumed where it broke off.

`hf_hub_download` would start anew after a break and may keep a copy in its cache, so only its pieces are
used: the address, the metadata and the ranged download. Xet is off for the same reasons.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit

from bot.judge.models.catalogue import HubSource
from bot.judge.models.errors import PullError
from bot.judge.models.records import drop_partial, read_progress, write_progress

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class HubFile:
    """What the hub says about a file: where it is, how large, and its digest where it has one."""

    url: str
    location: str
    etag: str
    size: int
    sha256: str | None


class HubFetcher:
    """Fetches one file from the hub into a partial file."""

    def __init__(self, source: HubSource, partial: Path, step: Callable[[int], None]) -> None:
        self._source, self._partial, self._step = source, partial, step
        self.file = _ask(source)
        record = read_progress(partial)
        kept = record.get("etag") == self.file.etag and record.get("source") == str(source)
        if not kept or not partial.exists() or partial.stat().st_size > self.file.size:
            drop_partial(partial)

    @property
    def bytes_done(self) -> int:
        """How much is already in the partial file."""
        return self._partial.stat().st_size if self._partial.exists() else 0

    @property
    def bytes_needed(self) -> int:
        """How much disk space the rest takes."""
        return self.file.size - self.bytes_done

    def fetch(self) -> None:
        """Fetch what is missing; what has come stays when this fails."""
        write_progress(self._partial, {"source": str(self._source), "etag": self.file.etag})
        done = self.bytes_done
        if done == self.file.size:
            return
        with self._partial.open("ab") as out:
            try:
                _download(self.file, out, done, self._step)
            except OSError as error:
                if error.filename or error.errno == 28:  # the disk's own trouble, not the network's
                    raise
                raise self._broken(error) from error
            except Exception as error:
                raise self._broken(error) from error

    def _broken(self, error: Exception) -> PullError:
        return PullError(
            f"Fetching {self._source} broke off ({_brief(error)}); pull it again and it goes on from there."
        )


class _Told:
    """A file that tells how much is in it after each write."""

    def __init__(self, file: BinaryIO, done: int, step: Callable[[int], None]) -> None:
        self._file, self._done, self._step = file, done, step

    def write(self, block: bytes) -> int:
        self._done += len(block)
        count = self._file.write(block)
        self._step(self._done)
        return count

    def tell(self) -> int:
        return self._file.tell()

    def seek(self, place: int, whence: int = 0) -> int:
        return self._file.seek(place, whence)

    def truncate(self, size: int | None = None) -> int:
        """Called when the server sends everything anew."""
        self._file.flush()
        self._done = self._file.truncate(size)
        return self._done


def _hub() -> Any:
    os.environ["HF_HUB_DISABLE_XET"] = "1"
    import huggingface_hub.constants
    import huggingface_hub.file_download
    import huggingface_hub.utils

    huggingface_hub.constants.HF_HUB_DISABLE_XET = True  # where it had been imported before
    return huggingface_hub


def _ask(source: HubSource) -> HubFile:
    hub = _hub()
    try:
        url = hub.hf_hub_url(source.repo, source.file, endpoint=os.environ.get("HF_ENDPOINT") or None)
        found = hub.get_hf_file_metadata(url)
    except Exception as error:  # the transport's own, which differ between versions of the library
        raise _unanswered(source, error) from error
    if not found.etag or found.size is None:
        raise PullError(f"The hub does not say how large {source} is; check HF_ENDPOINT, or fetch the file by hand.")
    sha256 = found.etag.lower() if _SHA256.fullmatch(found.etag.lower()) else None
    return HubFile(url, found.location, found.etag, found.size, sha256)


def _unanswered(source: HubSource, error: Exception) -> PullError:
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status in (401, 403):
        advice = "it is closed or does not exist: accept its terms on the hub and set HF_TOKEN"
    elif status == 404:
        advice = "there is no such file: check its name"
    else:
        advice = f"{_brief(error)}: check the network and HF_ENDPOINT"
    return PullError(f"The hub does not give {source}; {advice}.")


def _download(file: HubFile, out: BinaryIO, done: int, step: Callable[[int], None]) -> None:
    hub = _hub()
    headers = dict(hub.utils.build_hf_headers())
    headers["Accept-Encoding"] = "identity"
    if urlsplit(file.location).netloc != urlsplit(file.url).netloc:
        headers = {key: value for key, value in headers.items() if key.lower() != "authorization"}
    with _as_it_comes(hub):
        hub.file_download.http_get(
            file.location,
            cast(BinaryIO, _Told(out, done, step)),
            resume_size=done,
            headers=headers,
            expected_size=file.size,
        )


@contextmanager
def _as_it_comes(hub: Any) -> Iterator[None]:
    """Have the library hand on bytes as they arrive (it loses up to 10 MB at a break), without its bar."""
    quiet, chunk = hub.utils.are_progress_bars_disabled(), hub.constants.DOWNLOAD_CHUNK_SIZE
    if not quiet:
        hub.utils.disable_progress_bars()
    hub.constants.DOWNLOAD_CHUNK_SIZE = None
    try:
        yield
    finally:
        hub.constants.DOWNLOAD_CHUNK_SIZE = chunk
        if not quiet:
            hub.utils.enable_progress_bars()


def _brief(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text[:200].rstrip(".")
